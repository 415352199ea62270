#include "api.h"
#include "answer.h"
#include "pages.h"
#include "services.h"
#include "token.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NS "http://rhythmsoftware.com/"

enum retry { NO_RETRY, RETRY_SECONDS, RETRY_DATE };

static const struct canned {
    const char *name;
    unsigned status;
    const char *body, *errortype;
    enum retry retry;
} canned[] = {
    {"400", 400, "{\"message\":\"Invalid request body\"}", "BadRequestException", NO_RETRY},
    {"401", 401, "{\"message\":\"Unauthorized\"}", "UnauthorizedException", NO_RETRY},
    {"403-policy", 403, "{\"Message\":\"User is not authorized to access this resource\"}",
     "AccessDeniedException", NO_RETRY},
    {"403-deny", 403,
     "{\"message\":\"User is not authorized to access this resource with an explicit deny\"}",
     "AccessDeniedException", NO_RETRY},
    {"403-route", 403, "{\"message\":\"Missing Authentication Token\"}",
     "MissingAuthenticationTokenException", NO_RETRY},
    {"403-missing-equal", 403, NULL, "IncompleteSignatureException", NO_RETRY},
    {"403-forbidden", 403, "{\"message\":\"Forbidden\"}", "ForbiddenException", NO_RETRY},
    {"404", 404, "{\"message\":\"Not Found\"}", NULL, NO_RETRY},
    {"409", 409, "{\"message\":\"Conflict\"}", NULL, NO_RETRY},
    {"429", 429, "{\"message\":\"Too Many Requests\"}", "TooManyRequestsException", NO_RETRY},
    {"429-limit", 429, "{\"message\":\"Limit Exceeded\"}", "LimitExceededException", NO_RETRY},
    {"429-retry-after", 429, "{\"message\":\"Too Many Requests\"}", "TooManyRequestsException",
     RETRY_SECONDS},
    {"500", 500, "{\"message\":\"Internal server error\"}", "InternalServerErrorException",
     NO_RETRY},
    {"503", 503, "{\"message\":\"Service Unavailable\"}", "ServiceUnavailableException", NO_RETRY},
    {"503-retry-after", 503, "{\"message\":\"Service Unavailable\"}", "ServiceUnavailableException",
     RETRY_SECONDS},
    {"503-retry-after-date", 503, "{\"message\":\"Service Unavailable\"}",
     "ServiceUnavailableException", RETRY_DATE},
    {"504", 504, "{\"message\":\"Endpoint request timed out\"}", NULL, NO_RETRY},
};

enum route {
    NO_ROUTE,
    LIST,
    SEARCH,
    CREATE,
    BATCH,
    ONE,
    LOOKUP,
    CHILDREN,
    CURRENT,
    WRITE,
    PATCH,
    REMOVE
};

/* The gateway quotes the header, token and all. */
static void missing_equal(const struct request *r, struct answer *a)
{
    const char *header = http_header(r, "Authorization");
    const char *value = header && strchr(header, ' ') ? strchr(header, ' ') + 1 : header;
    json_t *text = json_sprintf("'%s' not a valid key=value pair (missing equal-sign) in "
                                "Authorization header: '%s'.",
                                value ? value : "", header ? header : "");
    answer_json(a, 403, json_pack("{so*}", "message", text));
}

static bool answer_canned(const struct request *r, struct answer *a, const char *name)
{
    for (size_t i = 0; i < sizeof canned / sizeof *canned; i++) {
        const struct canned *c = &canned[i];
        if (strcmp(c->name, name) != 0)
            continue;
        if (c->body)
            answer_text(a, c->status, "application/json", "%s", c->body);
        else
            missing_equal(r, a);
        if (c->errortype)
            answer_header(a, "x-amzn-errortype", "%s", c->errortype);
        if (c->retry)
            answer_retry_after(a, c->retry == RETRY_DATE);
        return true;
    }
    return false;
}

static void refuse_401(const struct request *r, struct answer *a, const char *reason)
{
    note(N_LAST_REFUSAL, reason);
    answer_canned(r, a, "401");
    if (!knob_number(K_API_WWW_AUTHENTICATE))
        return;
    if (!strcmp(reason, "no bearer token"))
        answer_header(a, "www-authenticate", "Bearer");
    else
        answer_header(a, "www-authenticate",
                      "Bearer scope=\"\" error=\"invalid_token\" error_description=\"%s\"", reason);
}

/* The claims of the request's token, or NULL and a 401. */
static json_t *authorize(const struct request *r, struct answer *a)
{
    const char *header = http_header(r, "Authorization");
    json_t *claims = NULL;
    char *issuer = http_issuer(r);
    const char *reason = header && !strncmp(header, "Bearer ", 7)
                             ? token_check(header + 7, issuer, &claims)
                             : "no bearer token";
    free(issuer);
    if (!reason && !json_is_string(json_object_get(claims, NS "tenant_id")))
        reason = "the token has no tenant";
    if (reason) {
        json_decref(claims);
        claims = NULL;
        refuse_401(r, a, reason);
    }
    return claims;
}

static enum route route_of(const struct request *r)
{
    size_t n = r->segments - 2; /* behind the resource */
    const char *m = r->method, *last = r->segment[r->segments - 1];
    bool get = !strcmp(m, "GET"), post = !strcmp(m, "POST");
    bool contacts = !strcmp(r->segment[1], "contacts");
    for (size_t i = 0; i < r->segments; i++)
        if (!*r->segment[i])
            return NO_ROUTE;
    if (get && contacts && n <= 2 && !strcmp(last, "current"))
        return CURRENT;
    if (n == 1)
        return get && !contacts ? LIST : post ? CREATE : NO_ROUTE;
    if (n == 2 && post)
        return !strcmp(last, "search") ? SEARCH : !strcmp(last, "batch") ? BATCH : NO_ROUTE;
    if (n == 2)
        return get                    ? ONE
               : !strcmp(m, "PUT")    ? WRITE
               : !strcmp(m, "PATCH")  ? PATCH
               : !strcmp(m, "DELETE") ? REMOVE
                                      : NO_ROUTE;
    if (n > 2 && get)
        return !strcmp(r->segment[3], "emailAddress") || !strcmp(r->segment[3], "describe")
                   ? LOOKUP
                   : CHILDREN;
    return n > 2 && post ? CREATE : NO_ROUTE;
}

/* Send back what came, if it is JSON of the right kind. */
static void echo_body(const struct request *r, struct answer *a, bool patch)
{
    const char *type = http_header(r, "Content-Type");
    json_t *json = json_loadb(r->body, r->body_len, 0, NULL);
    bool good =
        patch ? json_is_array(json) && type && !strncasecmp(type, "application/json-patch+json", 27)
              : json != NULL;
    json_decref(json);
    if (!good) {
        answer_canned(r, a, "400");
        return;
    }
    a->type = "application/json";
    a->body = need(malloc(r->body_len + 1));
    memcpy(a->body, r->body, r->body_len + 1);
    a->body_len = r->body_len;
}

static void answer_batch(const struct request *r, struct answer *a)
{
    json_t *json = json_loadb(r->body, r->body_len, 0, NULL);
    const json_t *list = json_is_object(json) ? json_object_get(json, "operations") : json;
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n > 100)
        answer_canned(r, a, "400");
    else
        answer_json(a, 200,
                    json_pack("{sisIsO}", "error_count", 0, "success_count", (json_int_t)n,
                              "results", list));
    json_decref(json);
}

static void answer_current(const struct request *r, struct answer *a, const json_t *claims)
{
    const char *contact = json_string_value(json_object_get(claims, NS "contact_id"));
    const char *tenant = json_string_value(json_object_get(claims, NS "tenant_id"));
    if (contact && *contact)
        page_answer_one(r, a, tenant, contact);
    else
        refuse_401(r, a, "the token has no contact");
}

static void answer_route(const struct request *r, struct answer *a, enum route route)
{
    const char *tenant = r->segment[2], *last = r->segment[r->segments - 1];
    switch (route) {
    case LIST:
        page_answer(r, a, tenant, service_lists_bare(r->segment[0], r->segment[1]));
        break;
    case SEARCH:
    case CHILDREN:
        page_answer(r, a, tenant, false);
        break;
    case BATCH:
        answer_batch(r, a);
        break;
    case REMOVE:
        answer_json(a, 200, json_string(last));
        break;
    case WRITE:
    case CREATE:
    case PATCH:
        echo_body(r, a, route == PATCH);
        break;
    default:
        if (!strcmp(last, "missing"))
            answer_canned(r, a, "404");
        else
            page_answer_one(r, a, tenant, last);
    }
}

static void serve(const struct request *r, struct answer *a)
{
    bool known = r->segments >= 3 && service_has(r->segment[0], r->segment[1]);
    enum route route = known ? route_of(r) : NO_ROUTE;
    if (route == NO_ROUTE) {
        answer_canned(r, a, "403-route");
        return;
    }
    json_t *claims = authorize(r, a);
    if (!claims)
        return;
    const char *tenant = json_string_value(json_object_get(claims, NS "tenant_id"));
    bool own = r->segments == 3 && route == CURRENT ? true : !strcmp(r->segment[2], tenant);
    if (!own)
        answer_canned(r, a, "403-policy");
    else if (route == CURRENT)
        answer_current(r, a, claims);
    else
        answer_route(r, a, route);
    json_decref(claims);
}

struct echo {
    json_t *headers, *lines;
};

static enum MHD_Result echo_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct echo *echo = cls;
    char lower[128], sum[73] = "sha256:";
    (void)kind;
    snprintf(lower, sizeof lower, "%s", name);
    for (char *c = lower; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    if (!strcmp(lower, "authorization")) {
        sha256_hex(value, strlen(value), sum + 7);
        value = sum;
    }
    json_t *text = json_string(value), *line = json_sprintf("%s: %s", name, value);
    json_t *before = json_object_get(echo->headers, lower);
    if (before && text)
        json_object_set_new(
            echo->headers, lower,
            json_sprintf("%s, %s", json_string_value(before), json_string_value(text)));
    else
        json_object_set(echo->headers, lower, text);
    json_array_append_new(echo->lines, line ? line : json_null());
    json_decref(text);
    return MHD_YES;
}

static void echo(const struct request *r, struct answer *a)
{
    const char *authorization = http_header(r, "Authorization");
    struct echo e = {json_object(), json_array()};
    char sum[65];
    MHD_get_connection_values(r->connection, MHD_HEADER_KIND, echo_header, &e);
    json_t *body = json_stringn(r->body, r->body_len);
    json_t *scheme =
        authorization ? json_stringn(authorization, strcspn(authorization, " \t")) : json_null();
    /* A token alone in the header has no scheme: do not give it away as one. */
    if (authorization && !strpbrk(authorization, " \t"))
        json_string_set(scheme, "");
    sha256_hex(r->body, r->body_len, sum);
    json_t *json =
        json_pack("{sssssssosososbso*sIss}", "method", r->method, "target", r->target, "query",
                  r->query, "headers", e.headers, "header_lines", e.lines, "authorization_scheme",
                  scheme, "authorization", authorization != NULL, "body", body, "body_bytes",
                  (json_int_t)r->body_len, "body_sha256", sum);
    if (json)
        answer_json(a, 200, json);
    else
        answer_canned(r, a, "400"); /* a target that is not UTF-8 */
}

/* https://SERVICE.api.rhythmsoftware.com is the reference's base URL: where curl is told to find that
 * host here, the service comes first in the path, as it does otherwise. */
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
    if (!answer_fault(r, a, answer) && !answer_canned(r, a, answer)) {
        if (r->segments && !strcmp(r->segment[0], "echo"))
            echo(r, a);
        else
            serve(r, a);
    }
    /* Counted, not random: a test knows what the next one will be. */
    answer_header(a, knob_number(K_API_WWW_AUTHENTICATE) ? "apigw-requestid" : "x-amzn-requestid",
                  "00000000-0000-4000-8000-%012llu", number);
}
