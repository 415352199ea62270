#include "queries.h"
#include "form.h"
#include "gateway.h"
#include "items.h"
#include "routes.h"
#include "token.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { QUERIES_MAX = 256, URL_LIFE_S = 900 };

static struct query {
    char id[40], type[100], format[20], name[100], key[64];
    long long started_at_ms, started_at, expires_at;
    unsigned polls;
} table[QUERIES_MAX]; /* a ring: a new one replaces the oldest */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned started;

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* A copy; false: there is none. */
static bool find(const char *id, struct query *found, bool polled)
{
    bool good = false;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < QUERIES_MAX && !good; i++)
        if (*id && !strcmp(table[i].id, id)) {
            table[i].polls += polled;
            *found = table[i];
            good = true;
        }
    pthread_mutex_unlock(&lock);
    return good;
}

enum state { RUNNING, DONE, FAILED };

static enum state state_of(const struct query *q)
{
    if (q->polls <= (unsigned long long)knob_number(K_QUERY_POLLS) ||
        now_ms() - q->started_at_ms < knob_number(K_QUERY_DELAY_MS) ||
        knob_is(K_QUERY_OUTCOME, "never"))
        return RUNNING;
    return knob_is(K_QUERY_OUTCOME, "failed") ? FAILED : DONE;
}

/* The word for a state: the nth of the query.words knob. For the caller to free. */
static char *word_of(enum state state)
{
    char *words = knob_text(K_QUERY_WORDS, NULL), *at = words;
    for (int i = 0; i < (int)state && *at; i++)
        at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',');
    char *word = need(strndup(at, strcspn(at, ",")));
    free(words);
    return word;
}

/* The text that a URL's signature covers; whoever has the URL can read the result. */
static void sign(const struct query *q, char sum[44])
{
    char text[200];
    snprintf(text, sizeof text, "%s %s %lld", q->key, q->id, q->expires_at);
    sha256_b64url(text, sum);
}

static const char *suffix(const char *format)
{
    return !strncmp(format, "excel", 5) ? "xlsx" : format;
}

static json_t *result_url(const struct query *q)
{
    char sum[44];
    sign(q, sum);
    return json_sprintf("http://127.0.0.2:%u/%s.%s?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires="
                        "%d&X-Expires-At=%lld&X-Amz-Signature=%s",
                        http_results_port(), q->id, suffix(q->format), URL_LIFE_S, q->expires_at,
                        sum);
}

static void add_time(json_t *object, const char *key, long long at)
{
    char text[40] = "";
    time_t t = (time_t)at;
    struct tm tm;
    if (gmtime_r(&t, &tm))
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &tm);
    json_object_set_new(object, key, json_string(text));
}

static void answer_query(struct answer *a, const struct query *q)
{
    enum state state = state_of(q);
    char *word = word_of(state), *field = knob_text(K_QUERY_RESULT_FIELD, NULL);
    bool result = state == DONE && !knob_is(K_QUERY_OUTCOME, "empty");
    json_t *body = json_pack("{sssssb}", "id", q->id, "status", word, "has_result_set", result);
    if (*q->name)
        json_object_set_new(body, "name", json_string(q->name));
    if (state == DONE) {
        json_object_set_new(body, "duration", json_integer(now_ms() - q->started_at_ms));
        json_object_set_new(body, "rows", json_integer(result ? knob_number(K_API_ITEMS) : 0));
    }
    if (result)
        json_object_set_new(body, field, result_url(q));
    add_time(body, "sys_created_at", q->started_at);
    add_time(body, "sys_last_modified_at", sandbox_now());
    answer_json(a, 200, body);
    free(word);
    free(field);
}

static bool has_objects(const json_t *body)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)body, name, value)
    {
        size_t n = json_array_size(value), objects = 0;
        for (size_t i = 0; i < n; i++)
            objects += json_is_object(json_array_get(value, i));
        if (n && objects == n)
            return true;
    }
    return false;
}

/* The body of a start, as far as it is known: not known is which array must not be empty. */
static bool good_body(const json_t *body)
{
    static const char *const numbers[] = {"limit", "offset"};
    const json_t *criteria = json_object_get(body, "criteria");
    for (int i = 0; i < 2; i++)
        if (json_object_get(body, numbers[i]) &&
            !json_is_integer(json_object_get(body, numbers[i])))
            return false;
    return json_is_string(json_object_get(body, "context_id")) && json_is_object(criteria) &&
           has_objects(body);
}

/* "rolodex:contacts": a resource of a service. */
static bool good_type(const char *type)
{
    char service[100];
    const char *colon = strchr(type, ':');
    if (!colon || strlen(type) >= sizeof service)
        return false;
    snprintf(service, sizeof service, "%.*s", (int)(colon - type), type);
    return routes_resource(service, colon + 1);
}

static struct query add_query(const char *type, const char *format, const char *name)
{
    struct query q = {.started_at_ms = now_ms(), .started_at = sandbox_now()};
    char *key = token_random(24);
    snprintf(q.type, sizeof q.type, "%s", type);
    snprintf(q.format, sizeof q.format, "%s", format);
    snprintf(q.name, sizeof q.name, "%s", name ? name : "");
    snprintf(q.key, sizeof q.key, "%s", key);
    q.expires_at = q.started_at + URL_LIFE_S;
    free(key);
    pthread_mutex_lock(&lock);
    snprintf(q.id, sizeof q.id, "q-%u", ++started);
    table[started % QUERIES_MAX] = q;
    pthread_mutex_unlock(&lock);
    return q;
}

void query_start(const struct request *r, struct answer *a)
{
    const char *type = r->segment[r->segments - 2], *format = r->segment[r->segments - 1];
    json_t *body = json_loadb(r->body, r->body_len, 0, NULL);
    bool saved = strcmp(r->segment[1], "queries") != 0; /* a chapter's saved query has its own */
    if (!form_has_word("csv json excel excelUnformatted", format) ||
        (!saved && (!good_type(type) || !good_body(body)))) {
        gateway_answer(r, a, "400");
    } else {
        struct query q = add_query(type, format, json_string_value(json_object_get(body, "name")));
        answer_query(a, &q);
    }
    json_decref(body);
}

void query_describe(const struct request *r, struct answer *a)
{
    struct query q;
    if (find(r->segment[r->segments - 1], &q, true))
        answer_query(a, &q);
    else
        gateway_answer(r, a, "404");
}

void query_definition(const struct request *r, struct answer *a)
{
    const char *type = r->segment[r->segments - 1];
    if (!good_type(type)) {
        gateway_answer(r, a, "404");
        return;
    }
    answer_json(a, 200,
                json_pack("{ssssssssss s[{ss}{ss}] s[ss] s[s]}", "id", type, "name", type,
                          "description", "A query of the sandbox", "primary_table",
                          strchr(type, ':') + 1, "context", "global", "fields", "id", "id", "id",
                          "last_name", "default_output_fields", "id", "last_name",
                          "default_sort_fields", "id"));
}

/* S3 refuses a request that is signed twice, in the URL and by a header (AWS's documentation): a
 * token that is sent along is given away, and for nothing. */
static const char *result_fault(const struct request *r, const struct query *q)
{
    char sum[44], *given = form_param(r->query, "X-Amz-Signature");
    sign(q, sum);
    bool good = given && !strcmp(given, sum);
    free(given);
    return http_header(r, "Authorization")  ? "InvalidArgument"
           : !good                          ? "SignatureDoesNotMatch"
           : sandbox_now() >= q->expires_at ? "AccessDenied"
                                            : NULL;
}

static void send_rows(struct answer *a, const struct query *q)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = need(open_memstream(&text, &size));
    bool json = !strcmp(q->format, "json");
    unsigned long long items = (unsigned long long)knob_number(K_API_ITEMS);
    fputs(json ? "[" : "id,last_name,amount\r\n", out);
    for (unsigned long long n = 1; n <= items; n++) {
        char *id = item_id(n);
        char *record = json ? item_json("acme.org", id, n, ",id,last_name,amount,") : NULL;
        if (json)
            fprintf(out, "%s%s", n > 1 ? "," : "", record);
        else
            fprintf(out, "%s,\"Zo\xc3\xab \"\"Z\"\"\",19.99\r\n", id);
        free(id);
        free(record);
    }
    fputs(json ? "]" : "", out);
    fclose(out);
    a->status = 200;
    a->type = json                              ? "application/json"
              : !strncmp(q->format, "excel", 5) ? "application/octet-stream"
                                                : "text/csv";
    a->body = need(text);
    a->body_len = size;
}

void query_result(const struct request *r, struct answer *a)
{
    struct query q;
    char id[40] = "";
    count(C_RESULT_REQUESTS);
    if (http_header(r, "Authorization"))
        count(C_RESULT_AUTHORIZATIONS);
    if (r->segments == 1)
        snprintf(id, sizeof id, "%.*s", (int)strcspn(r->segment[0], "."), r->segment[0]);
    bool known = find(id, &q, false);
    const char *fault = known ? result_fault(r, &q) : "AccessDenied";
    if (fault)
        answer_text(a, strcmp(fault, "InvalidArgument") ? 403 : 400, "application/xml",
                    "<Error><Code>%s</Code></Error>\n", fault);
    else
        send_rows(a, &q);
}

void query_reset(void)
{
    pthread_mutex_lock(&lock);
    memset(table, 0, sizeof table);
    started = 0;
    pthread_mutex_unlock(&lock);
}
