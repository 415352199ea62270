#include "items.h"
#include "knobs.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY_ONE = 1767225600 }; /* 2026-01-01: record N was last changed N minutes later */

struct text {
    char bytes[ITEM_MAX];
    size_t len;
};

char *item_quote(const char *text)
{
    json_t *json = json_string(text);
    char *quoted = json ? json_dumps(json, JSON_ENCODE_ANY) : NULL;
    json_decref(json);
    return need(quoted ? quoted : strdup("\"\"")); /* bytes that are not UTF-8 */
}

bool item_wanted(const char *fields, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = fields; (at = strstr(at ? at : "", name)); at++)
        if (at > fields && at[-1] == ',' && at[len] == ',')
            return true;
    return !fields;
}

static void put(struct text *t, const char *text)
{
    size_t len = strlen(text), room = sizeof t->bytes - 1 - t->len;
    len = len < room ? len : room;
    memcpy(t->bytes + t->len, text, len);
    t->len += len;
    t->bytes[t->len] = '\0';
}

static void put_field(struct text *t, const char *fields, const char *name, const char *value)
{
    if (!item_wanted(fields, name))
        return;
    put(t, t->bytes[t->len - 1] == '{' ? "\"" : ",\"");
    put(t, name);
    put(t, "\":");
    put(t, value);
}

unsigned long long item_number(const char *id)
{
    char *prefix = knob_text(K_API_ID, NULL), *end;
    size_t len = strlen(prefix);
    unsigned long long n = 0;
    if (!strncmp(id, prefix, len) && id[len] >= '1' && id[len] <= '9') {
        n = strtoull(id + len, &end, 10);
        if (*end || n > (unsigned long long)knob_number(K_API_ITEMS))
            n = 0;
    }
    free(prefix);
    return n;
}

char *item_id(unsigned long long number)
{
    char *prefix = knob_text(K_API_ID, NULL);
    size_t size = strlen(prefix) + 24;
    char *id = need(malloc(size));
    snprintf(id, size, "%s%llu", prefix, number);
    free(prefix);
    return id;
}

unsigned long long item_by_email(const char *email)
{
    char id[64], *at = strchr(email, '@');
    unsigned long long n = strncmp(email, "c-", 2) ? 0 : strtoull(email + 2, NULL, 10);
    snprintf(id, sizeof id, "c-%llu@acme.example", n);
    return at && !strcmp(id, email) && n <= (unsigned long long)knob_number(K_API_ITEMS) ? n : 0;
}

static void put_time(struct text *t, const char *fields, unsigned long long n)
{
    char text[40] = "\"\"";
    time_t at = (time_t)(DAY_ONE + 60 * (n % 1000000));
    struct tm tm;
    if (gmtime_r(&at, &tm))
        strftime(text, sizeof text, "\"%Y-%m-%dT%H:%M:%S.000Z\"", &tm);
    put_field(t, fields, "sys_last_modified_at", text);
}

char *item_json(const char *tenant, const char *id, unsigned long long n, const char *fields)
{
    char text[64], *quoted_id = item_quote(id), *quoted_tenant = item_quote(tenant);
    struct text *t = need(malloc(sizeof *t));
    t->len = 0;
    put(t, "{");
    put_field(t, fields, "id", quoted_id);
    put_field(t, fields, "tenant_id", quoted_tenant);
    put_field(t, fields, "first_name", "\"Ren\\u00e9\"");
    put_field(t, fields, "last_name", "\"Zo\xc3\xab \\\"Z\\\"\"");
    snprintf(text, sizeof text, "\"c-%llu@acme.example\"", n);
    put_field(t, fields, "email_address", text);
    put_field(t, fields, "amount", "19.99");
    snprintf(text, sizeof text, "%llu.50", n % 1000);
    put_field(t, fields, "balance", text);
    snprintf(text, sizeof text, "%llu", 9007199254740993 + n);
    put_field(t, fields, "member_number", text);
    snprintf(text, sizeof text, "\"https:\\/\\/acme.example\\/c\\/%llu\"", n);
    put_field(t, fields, "url", text);
    put_field(t, fields, "active", n % 2 ? "true" : "false");
    put_time(t, fields, n);
    put_field(t, fields, "sys_version", "1");
    put(t, "}");
    char *json = need(strndup(t->bytes, t->len));
    free(quoted_id);
    free(quoted_tenant);
    free(t);
    return json;
}
