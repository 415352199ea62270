#include "items.h"

#include <string.h>

#include <jansson.h>

#include "kv.h"

#define DEPTH_MAX 2048 /* jansson's JSON_PARSER_MAX_DEPTH */

/* A page that is being taken apart. */
struct scan {
    struct items *items;
    long long max;
    char *to;          /* where the next line goes, always behind what is being read */
    const char *wrong; /* JSON, but no page */
};

/*
 * Every function of the scanner takes the place where its token begins and returns the place behind
 * it, or NULL. None looks at the length: the NUL at the end is wrong wherever it is met.
 */

static char *skip_space(char *c)
{
    while (*c == ' ' || *c == '\n' || *c == '\r' || *c == '\t')
        c++;
    return c;
}

static char *skip_digits(char *c)
{
    if (*c < '0' || *c > '9')
        return NULL;
    while (*c >= '0' && *c <= '9')
        c++;
    return c;
}

static char *skip_number(char *c)
{
    c += *c == '-';
    c = *c == '0' ? c + 1 : skip_digits(c);
    if (c && *c == '.')
        c = skip_digits(c + 1);
    if (c && (*c == 'e' || *c == 'E')) {
        c++;
        c = skip_digits(c + (*c == '+' || *c == '-'));
    }
    return c;
}

static char *skip_word(char *c, const char *word)
{
    size_t len = strlen(word);

    return strncmp(c, word, len) == 0 ? c + len : NULL;
}

static char *skip_escape(char *c)
{
    if (c[1] == 'u')
        return kv_hex_pair(c + 2) >= 0 && kv_hex_pair(c + 4) >= 0 ? c + 6 : NULL;
    return c[1] && strchr("\"\\/bfnrt", c[1]) ? c + 2 : NULL;
}

/* One character beyond ASCII. No more than the NUL is looked at where a sequence is cut. */
static char *skip_utf8(char *c)
{
    size_t len = (signed char)*c < 0 ? kv_utf8_len(c, 4) : 0;

    return len ? c + len : NULL;
}

/* Most of a page is the inside of strings, and most of that is plain. */
static int is_plain(char c)
{
    return c >= 0x20 && (unsigned char)c <= 0x7f && c != '"' && c != '\\';
}

static char *skip_string(char *c)
{
    if (*c++ != '"')
        return NULL;
    for (;;) {
        while (is_plain(c[0]) && is_plain(c[1]) && is_plain(c[2]) && is_plain(c[3]))
            c += 4;
        while (is_plain(*c))
            c++;
        if (*c == '"')
            return c + 1;
        c = *c == '\\' ? skip_escape(c) : skip_utf8(c);
        if (!c)
            return NULL;
    }
}

/* A key and its colon: to where its value begins. */
static char *skip_key(char *c)
{
    c = skip_string(c);
    if (!c)
        return NULL;
    c = skip_space(c);
    return *c == ':' ? skip_space(c + 1) : NULL;
}

/* A container at that depth, the page's being 1: take takes its members or elements. */
static char *take_each(struct scan *scan, char *c, int depth,
                       char *(*take)(struct scan *scan, char *c, int depth))
{
    char close = *c == '{' ? '}' : ']';

    c = skip_space(c + 1);
    if (*c == close)
        return c + 1;
    for (;;) {
        c = take(scan, c, depth + 1);
        if (!c)
            return NULL;
        c = skip_space(c);
        if (*c == close)
            return c + 1;
        if (*c != ',')
            return NULL;
        c = skip_space(c + 1);
    }
}

static char *skip_value(struct scan *scan, char *c, int depth);

static char *skip_member(struct scan *scan, char *c, int depth)
{
    c = skip_key(c);
    return c ? skip_value(scan, c, depth) : NULL;
}

static char *skip_value(struct scan *scan, char *c, int depth)
{
    if (depth > DEPTH_MAX)
        return NULL;
    switch (*c) {
    case '"':
        return skip_string(c);
    case '{':
        return take_each(scan, c, depth, skip_member);
    case '[':
        return take_each(scan, c, depth, skip_value);
    case 't':
        return skip_word(c, "true");
    case 'f':
        return skip_word(c, "false");
    case 'n':
        return skip_word(c, "null");
    default:
        return skip_number(c);
    }
}

/* Moves a value that was checked to an earlier place, on one line. Returns the place behind it. */
static char *move_value(char *to, char *from, char *end)
{
    size_t len = (size_t)(end - from);

    /* There is no line break inside of a token. */
    if (!memchr(from, '\n', len) && !memchr(from, '\r', len)) {
        memmove(to, from, len);
        return to + len;
    }
    while (from < end) {
        char *next = *from == '"' ? skip_string(from) : from + 1;

        len = skip_space(from) == from ? (size_t)(next - from) : 0;
        memmove(to, from, len);
        to += len;
        from = next;
    }
    return to;
}

static char *cut_item(struct scan *scan, char *c, int depth)
{
    char *end = skip_value(scan, c, depth);

    if (end && scan->items->count < scan->max) {
        scan->to = move_value(scan->to, c, end);
        *scan->to++ = '\n';
        scan->items->count++;
    }
    return end;
}

/* The array of the items. Its lines grow from its bracket on. */
static char *cut_array(struct scan *scan, char *c, int depth)
{
    scan->to = scan->items->lines = c;
    c = take_each(scan, c, depth, cut_item);
    scan->items->lines_len = (size_t)(scan->to - scan->items->lines);
    return c;
}

/* Takes LastEvaluatedKey; end is behind it. NULL, or what is wrong. */
static const char *take_cursor(struct items *items, char *start, char *end)
{
    json_auto_t *text = NULL;

    if (*start == '{') {
        end = move_value(start, start, end);
        if (*skip_space(start + 1) != '}')
            buffer_append(&items->cursor, start, (size_t)(end - start));
        return NULL;
    }
    if (*start != '"')
        return *start == 'n' ? NULL : "has a LastEvaluatedKey that is neither string nor object";
    text = json_loadb(start, (size_t)(end - start), JSON_DECODE_ANY, NULL);
    if (!text)
        return "has a LastEvaluatedKey with a NUL or half a character in it";
    buffer_append(&items->cursor, json_string_value(text), json_string_length(text));
    return NULL;
}

static int is_name(const json_t *key, const char *name)
{
    size_t len = strlen(name);

    return json_string_length(key) == len && memcmp(json_string_value(key), name, len) == 0;
}

/* A member of the page's object. Its key counts however it is escaped. */
static char *cut_member(struct scan *scan, char *c, int depth)
{
    struct items *items = scan->items;
    char *value = skip_key(c);
    json_auto_t *key = NULL;

    if (!value)
        return NULL;
    key = json_loadb(c, (size_t)(skip_string(c) - c), JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (is_name(key, "Items") && *value == '[' && !items->lines)
        return cut_array(scan, value, depth);
    c = skip_value(scan, value, depth);
    if (!c || scan->wrong)
        return c;
    if (is_name(key, "Items"))
        scan->wrong = items->lines ? "has Items twice" : "has Items that are no array";
    else if (is_name(key, "LastEvaluatedKey"))
        scan->wrong = items->cursor.len ? "has LastEvaluatedKey twice"
                                        : take_cursor(items, value, c);
    return c;
}

const char *items_cut(struct items *items, char *text, size_t len, long long max)
{
    struct scan scan = {.items = items, .max = max};
    char *c = skip_space(text);

    items->lines = NULL;
    items->lines_len = 0;
    items->count = 0;
    items->is_bare = *c == '[';
    buffer_truncate(&items->cursor, 0);
    if (items->is_bare)
        c = cut_array(&scan, c, 1);
    else if (*c == '{')
        c = take_each(&scan, c, 1, cut_member);
    else if ((c = skip_value(&scan, c, 1)) != NULL)
        scan.wrong = "is no list";
    if (!c || skip_space(c) != text + len)
        return "is not JSON";
    if (scan.wrong)
        return scan.wrong;
    return items->lines ? NULL : "is no list: it has neither Items nor is it an array";
}
