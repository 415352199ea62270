#include "pages/items.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include <jansson.h>

#include "base/text.h"

#define CURSOR_KEY "LastEvaluatedKey"
#define CURSOR_MAX 4096 /* bytes at a page's end in which it is guessed */
#define INLINE inline __attribute__((always_inline)) /* for what handles every byte */
#define DEPTH_MAX 2048 /* jansson's JSON_PARSER_MAX_DEPTH */

#define ASK "; tell Rhythm's support"
#define NOT_JSON "is not JSON; check the URL and api_base"
#define NO_LIST "is not a list: it is neither an array nor an object with Items; leave out --all"

/* A page that is being cut. */
struct scan {
    struct items *items;
    long long max;
    char *to;          /* the end of the last line, always before the reader's place */
    const char *wrong; /* it is JSON, but not a page */
};

/*
 * Every function of the scanner takes the place where its token begins and returns the place after
 * it, or NULL. None checks the length: the NUL at the end is invalid everywhere, and seven more follow
 * it for the functions that read eight bytes at a time.
 */

static INLINE char *skip_space(char *c)
{
    if ((unsigned char)*c > ' ')
        return c; /* nearly always */
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
    switch (c[1]) {
    case 'u':
        for (int i = 2; i < 6; i++)
            if (!isxdigit((unsigned char)c[i]))
                return NULL;
        return c + 6;
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return c + 2;
    default:
        return NULL;
    }
}

/* One character beyond ASCII. If a sequence is cut off, nothing after the NUL is read. */
static char *skip_utf8(char *c)
{
    size_t len = (signed char)*c < 0 ? text_utf8_len(c, 4) : 0;

    return len ? c + len : NULL;
}

/*
 * Skips to the next quote, backslash, control character or character beyond ASCII, eight bytes at a
 * time, because most of a page is inside strings. A set top bit marks such a byte; only the first mark
 * is certain, because a borrow can set those of later bytes. (byte ^ 2) is below 0x21 for a control
 * character and for the quote, 0x22: one subtraction finds both.
 */
static INLINE char *skip_plain(char *c)
{
    const uint64_t each = 0x0101010101010101u;

    for (;; c += 8) {
        uint64_t eight;
        uint64_t found;

        memcpy(&eight, c, sizeof eight);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ /* the first byte must be the lowest one */
        eight = __builtin_bswap64(eight);
#endif
        found = eight | ((eight ^ 2 * each) - 0x21 * each) | ((eight ^ '\\' * each) - each);
        found &= 0x80 * each;
        if (found)
            return c + ((unsigned)__builtin_ctzll(found) >> 3);
    }
}

/* The rest of a string, from its first character that is not plain. */
static __attribute__((noinline)) char *skip_rest(char *c)
{
    while (c && *c != '"') {
        c = *c == '\\' ? skip_escape(c) : skip_utf8(c);
        if (c)
            c = skip_plain(c);
    }
    return c ? c + 1 : NULL;
}

/* Most strings are plain to their end: for them no function is called and no register saved. */
static char *skip_string(char *c)
{
    if (*c++ != '"')
        return NULL;
    c = skip_plain(c);
    return *c == '"' ? c + 1 : skip_rest(c);
}

/* Skips a key and its colon, to the start of its value. */
static INLINE char *skip_key(char *c)
{
    c = skip_string(c);
    if (c && *c != ':')
        c = skip_space(c);
    return c && *c == ':' ? skip_space(c + 1) : NULL;
}

/* A container at that depth, which is 1 for the page; take is called for each member or element. */
static INLINE char *take_each(struct scan *scan, char *c, int depth,
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
        if (*c != ',')
            return *c == close ? c + 1 : NULL;
        c = skip_space(c + 1);
    }
}

static char *skip_value(struct scan *scan, char *c, int depth);

static INLINE char *skip_member(struct scan *scan, char *c, int depth)
{
    c = skip_key(c);
    if (c && *c == '"' && depth <= DEPTH_MAX)
        return skip_string(c); /* most values are strings, and this saves a call */
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

/* Moves a checked value to an earlier place, as one line. Returns the place after it. */
static char *move_value(char *to, char *from, char *end)
{
    size_t len = (size_t)(end - from);

    /* A token contains no line break, so any is white space between tokens. */
    if (!memchr(from, '\n', len) && !memchr(from, '\r', len)) {
        if (to != from)
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
    struct items *items = scan->items;
    char *end = skip_value(scan, c, depth);

    if (!end || items->count == scan->max)
        return end;
    if (items->count++)
        *scan->to++ = '\n'; /* it usually replaces the comma, and then nothing moves */
    else
        scan->to = items->lines = c;
    scan->to = move_value(scan->to, c, end);
    return end;
}

/* The array of the items. */
static char *cut_array(struct scan *scan, char *c, int depth)
{
    struct items *items = scan->items;

    items->lines = c;
    c = take_each(scan, c, depth, cut_item);
    if (!c || !items->count)
        return c;
    *scan->to++ = '\n';
    items->lines_len = (size_t)(scan->to - items->lines);
    return c;
}

/* Takes LastEvaluatedKey; end is after it. NULL, or what is wrong. */
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
        return *start == 'n' ? NULL : "has a LastEvaluatedKey that is neither a string nor an object" ASK;
    if (!memchr(start, '\\', (size_t)(end - start))) {
        buffer_append(&items->cursor, start + 1, (size_t)(end - start) - 2);
        return NULL;
    }
    text = json_loadb(start, (size_t)(end - start), JSON_DECODE_ANY, NULL);
    if (!text)
        return "has a LastEvaluatedKey that contains a NUL or half a character" ASK;
    buffer_append(&items->cursor, json_string_value(text), json_string_length(text));
    return NULL;
}

/* 1 if the key at c is name, escaped or not. */
static int is_key(char *c, const char *name)
{
    size_t len = (size_t)(skip_string(c) - c);
    json_auto_t *key = NULL;

    if (!memchr(c, '\\', len))
        return len == strlen(name) + 2 && memcmp(c + 1, name, len - 2) == 0;
    key = json_loadb(c, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    return json_string_length(key) == strlen(name) &&
           memcmp(json_string_value(key), name, strlen(name)) == 0;
}

/* A member of the page's object. */
static char *cut_member(struct scan *scan, char *c, int depth)
{
    struct items *items = scan->items;
    char *value = skip_key(c);
    char *end;

    if (!value)
        return NULL;
    if (*value == '[' && !items->lines && is_key(c, "Items"))
        return cut_array(scan, value, depth);
    end = skip_value(scan, value, depth);
    if (!end || scan->wrong)
        return end;
    if (is_key(c, "Items"))
        scan->wrong = items->lines ? "has Items twice" ASK : "has Items that are not an array" ASK;
    else if (is_key(c, CURSOR_KEY))
        scan->wrong = items->cursor.len ? "has LastEvaluatedKey twice" ASK
                                        : take_cursor(items, value, end);
    return end;
}

/* Puts NULs after a text, as the scanner needs. */
static void pad(struct buffer *text)
{
    size_t len = text->len;

    buffer_append(text, "\0\0\0\0\0\0\0", 7);
    buffer_truncate(text, len);
}

/* Prepares for a new text, and returns where its value starts. */
static char *begin(struct items *items, struct buffer *text)
{
    pad(text);
    items->lines = NULL;
    items->lines_len = 0;
    items->count = 0;
    items->is_bare = 0;
    buffer_truncate(&items->cursor, 0);
    return skip_space(text->bytes);
}

const char *items_cut(struct items *items, struct buffer *page, long long max)
{
    struct scan scan = {.items = items, .max = max};
    char *c = begin(items, page);

    items->is_bare = *c == '[';
    if (items->is_bare)
        c = cut_array(&scan, c, 1);
    else if (*c == '{')
        c = take_each(&scan, c, 1, cut_member);
    else if ((c = skip_value(&scan, c, 1)) != NULL)
        scan.wrong = NO_LIST;
    if (!c || skip_space(c) != page->bytes + page->len)
        return NOT_JSON;
    if (scan.wrong)
        return scan.wrong;
    return items->lines ? NULL : NO_LIST;
}

const char *items_cut_value(struct items *items, struct buffer *text)
{
    struct scan scan = {.items = items, .max = 1};
    char *start = begin(items, text);
    char *end = cut_item(&scan, start, 1);

    if (!end || skip_space(end) != text->bytes + text->len)
        return NOT_JSON;
    *scan.to++ = '\n'; /* begin made room after the text */
    items->lines_len = (size_t)(scan.to - items->lines);
    return NULL;
}

void items_guess(struct buffer *page, struct buffer *cursor)
{
    static const char key[] = "\"" CURSOR_KEY "\"";
    struct items guess = {.cursor = BUFFER_EMPTY};
    struct scan scan = {.items = &guess};
    SCRATCH value = BUFFER_EMPTY;
    size_t left = page->len < CURSOR_MAX ? page->len : CURSOR_MAX;
    char *start;
    char *end;

    pad(page);
    for (start = page->bytes + page->len; left && strncmp(start, key, sizeof key - 1) != 0; left--)
        start--;
    start = left ? skip_key(start) : NULL;
    end = start && strchr("\"{", *start) ? skip_value(&scan, start, 2) : NULL;
    if (!end || *skip_space(end) != '}' || skip_space(skip_space(end) + 1) != page->bytes + page->len)
        return;
    buffer_append(&value, start, (size_t)(end - start)); /* a copy, because take_cursor changes an object */
    pad(&value);
    if (!take_cursor(&guess, value.bytes, value.bytes + value.len) && guess.cursor.len)
        buffer_set(cursor, guess.cursor.bytes);
    buffer_wipe(&guess.cursor);
}
