#include "claims.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "kv.h"

#define NAMESPACE "http://rhythmsoftware.com/"
#define REAL_DIGITS 15 /* what a double keeps of any decimal: 19.99 stays 19.99 */

/* Names that Rhythm stamps below its namespace: a plain claim of that name is never theirs. */
static const char *const stamped[] = {"tenant_id", "customer_id", "contact_id", "contact_name"};

/* Names of RFC 7519, OpenID Connect and Auth0 that a namespaced claim must not take. */
static const char *const registered[] = {"iss", "sub", "aud",   "exp", "nbf",
                                         "iat", "jti", "scope", "azp", "gty"};

struct line {
    char *key; /* the line itself, once the text no longer moves; it ends at the "=" */
    size_t order;
    size_t start; /* of the whole line in the unsorted text */
    size_t len;
};

struct lines {
    struct buffer text;
    struct line *line;
    size_t count;
    size_t room;
    int failed;
};

static int is_in(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return 1;
    return 0;
}

#define IS_IN(names, name) is_in(names, sizeof names / sizeof *names, name)

static void add_line(struct lines *lines, const char *key, const char *value, size_t value_len)
{
    size_t start = lines->text.len;

    if (lines->count == lines->room) {
        size_t room = lines->room ? 2 * lines->room : 64;
        struct line *longer = realloc(lines->line, room * sizeof *longer);

        if (!longer) {
            lines->failed = 1;
            return;
        }
        lines->line = longer;
        lines->room = room;
    }
    buffer_puts(&lines->text, key);
    buffer_puts(&lines->text, "=");
    kv_escape_value(&lines->text, value, value_len);
    buffer_puts(&lines->text, "\n");
    lines->line[lines->count] = (struct line){NULL, lines->count, start, lines->text.len - start};
    lines->count++;
}

static void flatten(struct lines *lines, struct buffer *key, json_t *value)
{
    size_t key_len = key->len;
    const char *name;
    json_t *member;
    size_t index;
    char *text;

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
        add_line(lines, key->bytes, json_string_value(value), json_string_length(value));
    } else {
        text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS));
        if (text)
            add_line(lines, key->bytes, text, strlen(text));
        else
            lines->failed = 1;
        free(text);
    }
}

/* Appends the name that a top-level claim is printed under. */
static void put_name(struct buffer *key, const json_t *payload, const char *name)
{
    SCRATCH namespaced = BUFFER_EMPTY;
    size_t prefix = strlen(NAMESPACE);

    buffer_puts(&namespaced, NAMESPACE);
    buffer_puts(&namespaced, name);
    if (strncmp(name, NAMESPACE, prefix) == 0 && name[prefix] && !IS_IN(registered, name + prefix))
        name += prefix;
    else if (IS_IN(stamped, name) ||
             (!IS_IN(registered, name) && json_object_get(payload, namespaced.bytes)))
        buffer_puts(key, "plain.");
    kv_escape_key(key, name, strlen(name));
    if (!*name)
        buffer_puts(key, "%00"); /* a key is never empty */
}

/* By key, which ends at the "="; lines of one key stay in order. */
static int compare_lines(const void *a, const void *b)
{
    const struct line *x = a;
    const struct line *y = b;
    size_t x_len = strcspn(x->key, "=");
    size_t y_len = strcspn(y->key, "=");
    int keys = memcmp(x->key, y->key, x_len < y_len ? x_len : y_len);

    if (keys || x_len != y_len)
        return keys ? keys : x_len < y_len ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static void put_sorted(struct lines *lines, struct buffer *out)
{
    for (size_t i = 0; i < lines->count; i++)
        lines->line[i].key = lines->text.bytes + lines->line[i].start;
    if (lines->count)
        qsort(lines->line, lines->count, sizeof *lines->line, compare_lines);
    for (size_t i = 0; i < lines->count; i++)
        buffer_append(out, lines->line[i].key, lines->line[i].len);
}

static json_t *load(const char *payload)
{
    return json_loads(payload, JSON_ALLOW_NUL, NULL);
}

static long long number_of(const json_t *value)
{
    if (json_is_integer(value))
        return json_integer_value(value);
    if (json_is_real(value) && json_real_value(value) > -1e15 && json_real_value(value) < 1e15)
        return (long long)json_real_value(value);
    return 0;
}

int claims_of(const char *payload, struct buffer *claims, struct buffer *json, long long *exp)
{
    json_auto_t *object = load(payload);
    struct lines lines = {0};
    SCRATCH key = BUFFER_EMPTY;
    const char *name;
    json_t *value;
    char *text = NULL;
    int failed;

    if (json_is_object(object)) {
        json_object_foreach(object, name, value)
        {
            put_name(&key, object, name);
            flatten(&lines, &key, value);
            buffer_truncate(&key, 0);
        }
        text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
    }
    failed = !text || lines.failed;
    if (!failed) {
        put_sorted(&lines, claims);
        buffer_puts(json, text);
        *exp = number_of(json_object_get(object, "exp"));
    }
    free(text);
    free(lines.line);
    buffer_wipe(&lines.text);
    return failed ? -1 : 0;
}

long long claims_number(const char *payload, const char *name)
{
    json_auto_t *object = load(payload);

    return number_of(json_object_get(object, name));
}
