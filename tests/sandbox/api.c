#include "api.h"
#include "batch.h"
#include "echo.h"
#include "form.h"
#include "gateway.h"
#include "items.h"
#include "pages.h"
#include "queries.h"
#include "routes.h"
#include "store.h"
#include "token.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NS "http://rhythmsoftware.com/"

/* An allowed call. */
struct call {
    const struct request *r;
    struct answer *a;
    struct place at; /* id: the last segment */
    json_t *claims;
};

/* Takes ownership of text; NULL: there is no such record. */
static void answer_record(const struct call *c, char *text)
{
    if (text)
        answer_text(c->a, 200, "application/json", "%s", text);
    else
        gateway_answer(c->r, c->a, "404");
    free(text);
}

/* A get-one takes fields (and consistentRead, which changes nothing here); a list does not. */
static char *wanted_fields(const struct request *r)
{
    char *list = form_param(r->query, "fields"), *framed = NULL;
    if (list && *list) {
        size_t size = strlen(list) + 3;
        framed = need(malloc(size));
        snprintf(framed, size, ",%s,", list);
    }
    free(list);
    return framed;
}

static void get_one(const struct call *c, const char *id)
{
    char *fields = wanted_fields(c->r);
    struct place at = c->at;
    at.id = id;
    answer_record(c, store_get(&at, fields));
    free(fields);
}

static void look_up(const struct call *c)
{
    unsigned long long n = item_by_email(c->at.id);
    char *id = n ? item_id(n) : NULL;
    if (id)
        get_one(c, id);
    else
        gateway_answer(c->r, c->a, "404");
    free(id);
}

/* The record of the token's user. Until a first login stamps contact_id, calls that
 * need a contact are refused with a good token (Rhythm's page on concepts). */
static void get_current(const struct call *c)
{
    const char *contact = json_string_value(json_object_get(c->claims, NS "contact_id"));
    if (contact && *contact)
        get_one(c, contact);
    else
        gateway_refuse_401(c->r, c->a, "the token has no contact");
}

static void get_execution(const struct call *c)
{
    if (strncmp(c->at.id, "arn:", 4) != 0)
        gateway_answer(c->r, c->a, "404");
    else
        answer_json(c->a, 200,
                    json_pack("{ssssssss}", "executionArn", c->at.id, "status", "SUCCEEDED",
                              "start_date", "2026-01-01T00:00:00.000Z", "stop_date",
                              "2026-01-01T00:00:07.000Z"));
}

static void answer_stored(const struct call *c, enum stored how, char *text)
{
    if (how == STORED_DONE)
        answer_record(c, text);
    else
        gateway_answer(c->r, c->a,
                       how == STORED_MISSING    ? "404"
                       : how == STORED_CONFLICT ? "409"
                                                : "400");
}

/* POST creates, PUT replaces, PATCH is RFC 6902 (Rhythm's reference). That they return the new
 * record is a guess. */
static void create_one(const struct call *c)
{
    json_t *body = json_loadb(c->r->body, c->r->body_len, 0, NULL);
    struct place at = c->at;
    char *text = NULL;
    enum stored how = store_create(&at, body, &text);
    answer_stored(c, how, text);
    json_decref(body);
}

static void replace_one(const struct call *c)
{
    json_t *body = json_loadb(c->r->body, c->r->body_len, 0, NULL);
    char *text = NULL;
    enum stored how = store_replace(&c->at, body, &text);
    answer_stored(c, how, text);
    json_decref(body);
}

static void patch_one(const struct call *c)
{
    const char *type = http_header(c->r, "Content-Type");
    bool right = type && !strncasecmp(type, "application/json-patch+json", 27);
    json_t *body = json_loadb(c->r->body, c->r->body_len, 0, NULL);
    char *text = NULL;
    enum stored how = right ? store_patch(&c->at, body, &text) : STORED_BAD;
    answer_stored(c, how, text);
    json_decref(body);
}

/* DELETE is final and returns the ID as a JSON string (Rhythm's reference). */
static void delete_one(const struct call *c)
{
    enum stored how = store_delete(&c->at);
    if (how == STORED_DONE)
        answer_json(c->a, 200, json_string(c->at.id));
    else
        answer_stored(c, how, NULL);
}

/* The body contains criteria; their form is not public, so they are ignored. */
static void search(const struct call *c)
{
    json_t *body = json_loadb(c->r->body, c->r->body_len, 0, NULL);
    if (c->r->body_len && !json_is_object(body))
        gateway_answer(c->r, c->a, "400");
    else
        page_answer(c->r, c->a, c->at.collection, c->at.tenant, LIST_SEARCH);
    json_decref(body);
}

static void list(const struct call *c)
{
    page_answer(c->r, c->a, c->at.collection, c->at.tenant, LIST_ENVELOPE);
}

static void list_bare(const struct call *c)
{
    page_answer(c->r, c->a, c->at.collection, c->at.tenant, LIST_BARE);
}

static void get_last(const struct call *c)
{
    get_one(c, c->at.id);
}

/* A resource with one record per tenant. */
static void get_only(const struct call *c)
{
    char *id = item_id(1);
    get_one(c, id);
    free(id);
}

static void run_batch(const struct call *c)
{
    batch_answer(c->r, c->a, &c->at);
}

static void act(const struct call *c)
{
    answer_text(c->a, 200, "application/json", "{}");
}

static void start_query(const struct call *c)
{
    query_start(c->r, c->a);
}

static void describe_query(const struct call *c)
{
    query_describe(c->r, c->a);
}

static void define_query(const struct call *c)
{
    query_definition(c->r, c->a);
}

static void (*const answers[])(const struct call *) = {[ROUTE_LIST] = list,
                                                       [ROUTE_CHILD] = list,
                                                       [ROUTE_ARRAY] = list_bare,
                                                       [ROUTE_SEARCH] = search,
                                                       [ROUTE_GET] = get_last,
                                                       [ROUTE_SINGLETON] = get_only,
                                                       [ROUTE_LOOKUP] = look_up,
                                                       [ROUTE_CURRENT] = get_current,
                                                       [ROUTE_STATUS] = get_execution,
                                                       [ROUTE_CREATE] = create_one,
                                                       [ROUTE_REPLACE] = replace_one,
                                                       [ROUTE_UPDATE] = patch_one,
                                                       [ROUTE_DELETE] = delete_one,
                                                       [ROUTE_BATCH] = run_batch,
                                                       [ROUTE_ACTION] = act,
                                                       [ROUTE_QUERY_START] = start_query,
                                                       [ROUTE_QUERY_STATUS] = describe_query,
                                                       [ROUTE_QUERY_DEFINITION] = define_query};

/* The token is valid; does the path belong to its tenant, and does it exist? */
static void pass(const struct request *r, struct answer *a, struct route route, json_t *claims)
{
    struct call c = {.r = r, .a = a, .claims = claims};
    c.at.tenant = json_string_value(json_object_get(claims, NS "tenant_id"));
    c.at.id = r->segment[r->segments - 1];
    if (!route.kind || (route.tenant >= 0 && strcmp(r->segment[route.tenant], c.at.tenant) != 0)) {
        gateway_deny(r, a);
        return;
    }
    snprintf(c.at.collection, sizeof c.at.collection, "%.60s/%.120s", r->segment[0], r->segment[1]);
    answers[route.kind](&c);
}

/*
 * A path that is not a call, in two readings: the authorizer is asked for every path, and denies it
 * (Rhythm's page on concepts); or the gateway knows its routes and asks nobody (AWS's documentation).
 * And a host that is not a service, in two: 401 (both of Rhythm's guides to a 401), or the gateway's
 * response for a domain without a mapping.
 */
static void serve(const struct request *r, struct answer *a)
{
    if (!r->segments || !routes_service(r->segment[0])) {
        char *how = knob_text(K_API_UNKNOWN_SERVICE, NULL);
        gateway_answer(r, a, how);
        free(how);
        return;
    }
    struct route route = routes_find(r);
    if (!route.kind && knob_is(K_API_UNKNOWN_PATH, "missing-token")) {
        gateway_answer(r, a, "403-route");
        return;
    }
    /* In the older reference this one call has no security line: it may answer without a token. */
    if (route.kind == ROUTE_QUERY_DEFINITION && knob_number(K_QUERY_PUBLIC)) {
        query_definition(r, a);
        return;
    }
    json_t *claims = gateway_authorize(r, a);
    if (claims)
        pass(r, a, route, claims);
    json_decref(claims);
}

/* https://SERVICE.api.rhythmsoftware.com is the reference's base URL: if curl is told to find that
 * host here, put the service first in the path, as it is otherwise. */
static void take_host(struct request *r)
{
    static _Thread_local char service[64];
    const char *host = http_header(r, "Host");
    size_t len = host ? strcspn(host, ".") : 0;
    if (!len || len >= sizeof service || strcmp(host + len, ".api.rhythmsoftware.com") != 0 ||
        r->segments == SEGMENTS_MAX)
        return;
    snprintf(service, sizeof service, "%.*s", (int)len, host);
    memmove(r->segment + 1, r->segment, r->segments * sizeof *r->segment);
    r->segment[0] = service;
    r->segments++;
}

void api_handle(struct request *r, struct answer *a)
{
    char answer[32], sum[65] = "";
    const char *authorization = http_header(r, "Authorization");
    unsigned long long number = count(C_API_REQUESTS);
    take_host(r);
    if (authorization)
        sha256_hex(authorization, strlen(authorization), sum);
    note(N_LAST_AUTHORIZATION, sum);
    knob_take(K_API_ANSWER, answer);
    nap_ms(knob_number(K_API_LATENCY_MS));
    if (!answer_fault(r, a, answer) && !gateway_answer(r, a, answer)) {
        if (r->segments && !strcmp(r->segment[0], "echo"))
            echo_answer(r, a);
        else
            serve(r, a);
    }
    a->trailers = knob_number(K_API_TRAILERS);
    /* Counted, not random: a test can predict the next one. */
    answer_header(a, knob_number(K_API_WWW_AUTHENTICATE) ? "apigw-requestid" : "x-amzn-requestid",
                  "00000000-0000-4000-8000-%012llu", number);
}
