#include "jwt/claims.h"

#include <stdlib.h>
#include <string.h>

#include "base/kv.h"
#include "base/text.h"
#include "jwt/jws.h"

#define LINES_MAX (8u << 20) /* bytes: a long key before each of many elements is an attack */
#define NUMBER_MAX 1000000000000000 /* seconds: beyond any date, and far from an overflow */
#define DUMP JSON_REAL_PRECISION(15) /* the digits that a double keeps of any decimal: 19.99 stays 19.99 */

/* Names that Rhythm sets in its namespace: a plain claim of that name is never Rhythm's. */
static const char *const stamped[] = {"tenant_id", "customer_id", "contact_id", "contact_name",
                                      NULL};

/* Names of RFC 7519, OpenID Connect and Auth0 that a namespaced claim must not take. */
static const char *const registered[] = {"iss", "sub",   "aud", "exp", "nbf", "iat",
                                         "jti", "scope", "azp", "gty", NULL};

static int is_in(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

/* Before sorting, a line has a NUL instead of "=", so that strcmp compares keys. */
static void put_line(struct buffer *lines, const struct buffer *key, const char *value, size_t len)
{
    buffer_append(lines, key->bytes, key->len + 1);
    text_escape(lines, value, len);
    buffer_puts(lines, "\n");
}

static void flatten(struct buffer *lines, struct buffer *key, json_t *value)
{
    size_t key_len = key->len;
    const char *name;
    json_t *member;
    size_t index;
    char text[64]; /* no number is longer */

    if (lines->len > LINES_MAX)
        return;
    if (json_is_object(value) && json_object_size(value)) {
        json_object_foreach(value, name, member)
        {
            buffer_puts(key, ".");
            kv_escape_key(key, name, strlen(name));
            flatten(lines, key, member);
            buffer_truncate(key, key_len);
        }
    } else if (json_is_array(value) && json_array_size(value)) {
        json_array_foreach(value, index, member)
        {
            flatten(lines, key, member);
        }
    } else if (json_is_string(value)) {
        put_line(lines, key, json_string_value(value), json_string_length(value));
    } else {
        put_line(lines, key, text, json_dumpb(value, text, sizeof text, DUMP | JSON_ENCODE_ANY));
    }
}

/* Appends the name that a top-level claim is printed under. */
static void put_name(struct buffer *key, const json_t *payload, const char *name)
{
    SCRATCH namespaced = BUFFER_EMPTY;
    size_t prefix = strlen(CLAIMS_NAMESPACE);

    buffer_puts(&namespaced, CLAIMS_NAMESPACE);
    buffer_puts(&namespaced, name);
    if (strncmp(name, CLAIMS_NAMESPACE, prefix) == 0 && name[prefix] && !is_in(registered, name + prefix))
        name += prefix;
    else if (is_in(stamped, name) ||
             (!is_in(registered, name) && json_object_get(payload, namespaced.bytes)))
        buffer_puts(key, "plain.");
    kv_escape_key(key, name, strlen(name));
    if (!*name)
        buffer_puts(key, "%00"); /* a key is never empty */
}

/* By key; lines of one key stay in order. */
static int compare_lines(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    int keys = strcmp(*x, *y);

    return keys ? keys : (*x > *y) - (*x < *y);
}

static void put_sorted(const struct buffer *lines, struct buffer *out)
{
    SCRATCH sorted = BUFFER_EMPTY; /* pointers to lines */

    for (const char *line = buffer_text(lines); *line;) {
        buffer_append(&sorted, &line, sizeof line);
        line += strlen(line) + 1;
        line += strcspn(line, "\n") + 1;
    }
    if (sorted.len)
        qsort(sorted.bytes, sorted.len / sizeof(char *), sizeof(char *), compare_lines);
    for (size_t i = 0; i < sorted.len; i += sizeof(char *)) {
        const char *line;

        memcpy(&line, sorted.bytes + i, sizeof line);
        buffer_printf(out, "%s=", line);
        line += strlen(line) + 1;
        buffer_append(out, line, strcspn(line, "\n") + 1);
    }
}

static long long number_of(const json_t *value)
{
    double number = json_number_value(value);

    /* beyond these limits the conversion of a double is undefined */
    if (!(number > -NUMBER_MAX && number < NUMBER_MAX))
        return 0;
    return json_is_integer(value) ? json_integer_value(value) : (long long)number;
}

int claims_put_lines(struct buffer *claims, json_t *payload)
{
    SCRATCH key = BUFFER_EMPTY, lines = BUFFER_EMPTY;
    const char *name;
    json_t *value;

    json_object_foreach(payload, name, value)
    {
        put_name(&key, payload, name);
        flatten(&lines, &key, value);
        buffer_truncate(&key, 0);
    }
    if (lines.len > LINES_MAX)
        return -1;
    put_sorted(&lines, claims);
    return 0;
}

void claims_put_decoded(struct buffer *answer, const char *token)
{
    WIPED_BY(jws_wipe) struct jws jws = {0};
    SCRATCH claims = BUFFER_EMPTY;
    const char *wrong = jws_decode_jwt(token, &jws);
    const char *remedy = "run rhythm-check - and paste it";
    char *text;

    if (!wrong && claims_put_lines(&claims, jws.payload) != 0) {
        wrong = "has claims of more than 8 MiB";
        remedy = "check where it comes from"; /* rhythm-check reads no such token either */
    }
    if (wrong) {
        kv_put(answer, "wrong", wrong);
        kv_put(answer, "remedy", remedy);
        return;
    }
    text = json_dumps(jws.payload, DUMP | JSON_COMPACT);
    kv_put(answer, "payload", text);
    free(text);
    kv_put_bytes(answer, "claims", buffer_text(&claims), claims.len);
    kv_put_number(answer, "token_exp", number_of(json_object_get(jws.payload, "exp")));
    kv_put_number(answer, "iat", number_of(json_object_get(jws.payload, "iat")));
}
