#include "items.h"

#include <string.h>

#include <jansson.h>

#include "kv.h"

#define DEPTH_MAX 2048 /* jansson's JSON_PARSER_MAX_DEPTH */
#define NOT_JSON "is not JSON"

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

/* Behind a member or an element: to the next one, or behind the container; *more says which. */
static char *skip_separator(char *c, char close, int *more)
{
    c = skip_space(c);
    *more = *c == ',';
    if (*more)
        return skip_space(c + 1);
    return *c == close ? c + 1 : NULL;
}

/* Into a container: to its first member or element, or behind it; *more says which. */
static char *enter(char *c, char close, int *more)
{
    c = skip_space(c + 1);
    *more = *c != close;
    return *more ? c : c + 1;
}

static char *skip_value(char *c, int depth);

static char *skip_container(char *c, char close, int depth)
{
    int more;

    c = enter(c, close, &more);
    while (c && more) {
        if (close == '}')
            c = skip_key(c);
        if (c)
            c = skip_value(c, depth + 1);
        if (c)
            c = skip_separator(c, close, &more);
    }
    return c;
}

/* depth is the value's own: 1 for the page. */
static char *skip_value(char *c, int depth)
{
    if (depth > DEPTH_MAX)
        return NULL;
    switch (*c) {
    case '"':
        return skip_string(c);
    case '{':
        return skip_container(c, '}', depth);
    case '[':
        return skip_container(c, ']', depth);
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

/* The array of the items. Lines grow from its bracket on, always behind what is being read. */
static char *cut_array(struct items *items, char *c, int depth, long long max)
{
    char *to = c;
    int more;

    items->lines = c;
    items->lines_len = 0;
    items->count = 0;
    c = enter(c, ']', &more);
    while (c && more) {
        char *start = c;

        c = skip_value(c, depth + 1);
        if (c && items->count < max) {
            to = move_value(to, start, c);
            *to++ = '\n';
            items->count++;
            items->lines_len = (size_t)(to - items->lines);
        }
        if (c)
            c = skip_separator(c, ']', &more);
    }
    return c;
}

/* Takes LastEvaluatedKey; end is behind it. NULL, or what is wrong. */
static const char *take_cursor(struct items *items, char *start, char *end)
{
    json_auto_t *text = NULL;
    const char *wrong = NULL;

    if (*start == '{') {
        end = move_value(start, start, end);
        if (*skip_space(start + 1) != '}')
            buffer_append(&items->cursor, start, (size_t)(end - start));
        return NULL;
    }
    if (*start != '"')
        return *start == 'n' ? NULL : "has a LastEvaluatedKey that is neither string nor object";
    text = json_loadb(start, (size_t)(end - start), JSON_DECODE_ANY, NULL);
    if (text)
        buffer_append(&items->cursor, json_string_value(text), json_string_length(text));
    else
        wrong = "has a LastEvaluatedKey with a NUL or half a character in it";
    return wrong;
}

/* 1 if the key at c is name, however it is escaped. */
static int is_key(char *c, const char *name)
{
    size_t len = (size_t)(skip_string(c) - c);
    json_auto_t *key = NULL;
    int same;

    if (!memchr(c, '\\', len))
        return len == strlen(name) + 2 && memcmp(c + 1, name, len - 2) == 0;
    key = json_loadb(c, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    same = key && json_string_length(key) == strlen(name) &&
           memcmp(json_string_value(key), name, strlen(name)) == 0;
    return same;
}

/* A member of the page's object, whose key is at c. *wrong: JSON, but no page. */
static char *cut_member(struct items *items, char *c, long long max, const char **wrong)
{
    int is_items;
    int is_cursor;
    char *value = skip_key(c);

    if (!value)
        return NULL;
    is_items = is_key(c, "Items");
    is_cursor = is_key(c, "LastEvaluatedKey");
    if (is_items && *value == '[' && !items->lines)
        return cut_array(items, value, 2, max);
    c = skip_value(value, 2);
    if (c && is_items)
        *wrong = items->lines ? "has Items twice" : "has Items that are no array";
    else if (c && is_cursor && items->cursor.len)
        *wrong = "has LastEvaluatedKey twice";
    else if (c && is_cursor)
        *wrong = take_cursor(items, value, c);
    return c;
}

const char *items_cut(struct items *items, char *text, size_t len, long long max)
{
    const char *wrong = NULL;
    char *c = skip_space(text);
    int more;

    items->lines = NULL;
    items->is_bare = *c == '[';
    buffer_truncate(&items->cursor, 0);
    if (items->is_bare) {
        c = cut_array(items, c, 1, max);
    } else if (*c == '{') {
        c = enter(c, '}', &more);
        while (c && more) {
            c = cut_member(items, c, max, &wrong);
            if (c)
                c = skip_separator(c, '}', &more);
        }
    } else if ((c = skip_value(c, 1)) != NULL) {
        wrong = "is no list";
    }
    if (!c || skip_space(c) != text + len)
        return NOT_JSON;
    if (wrong)
        return wrong;
    return items->lines ? NULL : "is no list: it has neither Items nor is it an array";
}
