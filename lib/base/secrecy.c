#include "base/secrecy.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/text.h"

#define KEPT_MAX 16   /* secrets: three times as many as any request has */
#define LAYERS_MAX 4  /* of nested escapes */
#define JWT_PART 8    /* characters of a header or payload; less is no JSON object with a name */
#define OPAQUE_RUN 40 /* characters: longer than a UUID, which names a request or a record */
#define SCHEME_RUN 16 /* characters after Bearer or Basic: "bearer token" is no secret */
#define WORD_RUN 20   /* characters: see secrecy_is_token */
#define UNIT_MAX 10 /* bytes of an escape: "&#000039;" */

#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define BASE64URL LETTERS_DIGITS "-_"
#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"

static struct buffer kept[KEPT_MAX];
static size_t kept_count;

void secrecy_keep(const char *secret)
{
    for (size_t i = 0; i < kept_count; i++)
        if (strcmp(kept[i].bytes, secret) == 0)
            return;
    if (!kept_count)
        (void)atexit(secrecy_forget); /* a message may still come after everybody else is done */
    if (*secret && kept_count < KEPT_MAX)
        buffer_puts(&kept[kept_count++], secret);
}

void secrecy_forget(void)
{
    while (kept_count)
        buffer_wipe(&kept[--kept_count]);
}

/* One mark per byte, none set. */
static void put_blank_marks(struct buffer *marks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_append(marks, "", 1);
}

/* --- what looks like a token --- */

/* 1 if text, which is a part of start, is a value in a URL's query: ?name=value */
static int is_query_value(const char *start, const char *text)
{
    const char *c = text;

    if (c == start || *--c != '=')
        return 0;
    while (c > start && strchr(BASE64URL ".~%", c[-1]))
        c--;
    return c > start && strchr("?&", c[-1]);
}

/* 1 if capitals, small letters and digits are mixed, as in random strings and not in names. */
static int is_mixed(const char *run, size_t len)
{
    int has_capital = 0;
    int has_small = 0;
    int has_digit = 0;

    for (size_t i = 0; i < len; i++) {
        has_capital |= isupper((unsigned char)run[i]);
        has_small |= islower((unsigned char)run[i]);
        has_digit |= isdigit((unsigned char)run[i]);
    }
    return has_capital && has_small && has_digit;
}

/* The length of a dotted token at text, 0 if there is none. */
static size_t dotted_len(const char *text)
{
    size_t header = strspn(text, BASE64URL);
    size_t len;

    if (header < JWT_PART || text[header] != '.' ||
        (text[header + 1] != '.' && strspn(text + header + 1, BASE64URL) < JWT_PART))
        return 0;
    len = strspn(text, BASE64URL ".");
    while (text[len - 1] == '.')
        len--; /* a sentence's */
    return len;
}

/*
 * Where a JWT begins in a run that a dot ends; NULL: nowhere. "eyJ" is base64url of {" and a
 * letter, with which the JSON of every header begins.
 */
static const char *find_jwt(const char *run, size_t len)
{
    for (size_t i = 0; run[len] == '.' && i + JWT_PART <= len; i++)
        if (strncmp(run + i, "eyJ", 3) == 0)
            return run + i;
    return NULL;
}

/* Where the token of "Bearer token" begins and its length, 0 if that is not at text. */
static size_t scheme_len(const char *text, size_t *start)
{
    size_t word = strncasecmp(text, "bearer", 6) == 0  ? 6
                  : strncasecmp(text, "basic", 5) == 0 ? 5
                                                       : 0;
    size_t gap = word ? strspn(text + word, " :") : 0;
    size_t len = gap ? strspn(text + word + gap, BASE64 ".~=") : 0;

    *start = word + gap;
    return len >= SCHEME_RUN && strcspn(text + *start, "0123456789") < len ? len : 0;
}

static int is_opaque(const char *text, const char *run, size_t len)
{
    return len >= OPAQUE_RUN && is_mixed(run, len) && !is_query_value(text, run);
}

/* Marks tokens, one run of base64url at a time, so that the time is linear in a run's length. */
static void mark_tokens(const char *text, char *marks)
{
    for (const char *c = text; *c;) {
        size_t run = strspn(c, BASE64URL);
        const char *jwt = find_jwt(c, run);
        size_t start = jwt ? (size_t)(jwt - c) : 0;
        size_t len = jwt ? dotted_len(jwt) : 0;

        if (!len)
            len = scheme_len(c, &start);
        if (!len && is_opaque(text, c, run)) {
            start = 0;
            len = run;
        }
        if (len)
            memset(marks + (c - text) + start, 1, len);
        c += len ? start + len : run ? run : 1;
    }
}

/* --- what was kept --- */

/* A space may have been sent as a plus sign. */
static int same(const char *text, const char *secret, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != secret[i] && !(text[i] == '+' && secret[i] == ' '))
            return 0;
    return 1;
}

/*
 * How many bytes at text are a kept secret or a part of one that counts, 0 if none. A secret over
 * KEPT_RUN bytes is looked for in parts of that length, so one that was cut at either end is found.
 */
static size_t kept_len(const char *text, size_t left, size_t least)
{
    for (size_t k = 0; k < kept_count; k++) {
        size_t len = kept[k].len < KEPT_RUN ? kept[k].len : KEPT_RUN;

        for (size_t i = 0; len >= least && len <= left && i + len <= kept[k].len; i++)
            if (same(text, kept[k].bytes + i, len))
                return len;
    }
    return 0;
}

static int digit_of(char c)
{
    const char *at = strchr(BASE64, c);
    int digit = (int)(at - BASE64);

    return digit < 64 ? digit : digit - 2; /* base64url's - and _ follow + and / in BASE64 */
}

/*
 * 1 if the run of base64 contains what was kept. Four digits are three bytes, and a word before the
 * base64 may have become part of the run, so it is decoded from each of its first four digits.
 */
static int hides_kept(const char *run, size_t len, size_t least)
{
    for (size_t from = 0; from < 4 && from < len; from++) {
        SCRATCH bytes = BUFFER_EMPTY;
        unsigned bits = 0;

        for (size_t i = from; i < len; i++) {
            char byte;

            /* the second, third and fourth digit complete a byte, with 4, 2 and 0 bits left over */
            bits = bits << 6 | (unsigned)digit_of(run[i]);
            byte = (char)(bits >> (2 * (3 - (i - from) % 4)));
            if ((i - from) % 4)
                buffer_append(&bytes, &byte, 1);
        }
        for (size_t i = 0; i < bytes.len; i++)
            if (kept_len(bytes.bytes + i, bytes.len - i, least))
                return 1;
    }
    return 0;
}

/* Marks what was kept, as it is or in a run of base64. least is the shortest secret that counts. */
static void mark_kept(const struct buffer *text, size_t least, char *marks)
{
    for (size_t i = 0; i < text->len; i++)
        memset(marks + i, 1, kept_len(text->bytes + i, text->len - i, least));
    for (size_t i = 0; i < text->len; i++) {
        size_t run = strspn(text->bytes + i, BASE64);

        if (run >= 4 && hides_kept(text->bytes + i, run, least))
            memset(marks + i, 1, run);
        i += run;
    }
}

/* Appends a code point of an escape in UTF-8 (RFC 3629). */
static void put_code(struct buffer *out, unsigned long code)
{
    if (code < 0x80) {
        buffer_printf(out, "%c", (int)code);
    } else if (code < 0x800) {
        buffer_printf(out, "%c%c", (int)(0xc0 | code >> 6), (int)(0x80 | (code & 0x3f)));
    } else {
        buffer_printf(out, "%c%c%c", (int)(0xe0 | (code >> 12 & 0xf)),
                      (int)(0x80 | (code >> 6 & 0x3f)), (int)(0x80 | (code & 0x3f)));
    }
}

/* &amp; &#39; &#x27; : the length of the escape at text, 0 if it is none. */
static size_t undo_html(const char *text, struct buffer *out)
{
    static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    unsigned long code;
    int is_hex;
    char *end;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strncasecmp(text, names[i], strlen(names[i])) == 0) {
            buffer_append(out, &"&<>\"'"[i], 1);
            return strlen(names[i]);
        }
    }
    if (text[0] != '&' || text[1] != '#')
        return 0;
    is_hex = tolower((unsigned char)text[2]) == 'x';
    if (!isxdigit((unsigned char)text[2 + is_hex]))
        return 0;
    code = strtoul(text + 2 + is_hex, &end, is_hex ? 16 : 10);
    if (*end != ';' || end - text > UNIT_MAX || code > 0xffff) /* put_code writes three bytes */
        return 0;
    put_code(out, code);
    return (size_t)(end - text) + 1;
}

/* \n \" \/ \u0041 \x41 : likewise. */
static size_t undo_backslash(const char *text, struct buffer *out)
{
    static const char letters[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    const char *letter;

    if (text[0] != '\\' || !text[1])
        return 0;
    if (tolower((unsigned char)text[1]) == 'u' && text_hex_pair(text + 2) >= 0 &&
        text_hex_pair(text + 4) >= 0) {
        put_code(out, (unsigned long)(text_hex_pair(text + 2) << 8 | text_hex_pair(text + 4)));
        return 6;
    }
    if (text[1] == 'x' && text_hex_pair(text + 2) >= 0) {
        buffer_printf(out, "%c", text_hex_pair(text + 2));
        return 4;
    }
    letter = strchr(letters, text[1]);
    if (!letter && !ispunct((unsigned char)text[1]))
        return 0;
    buffer_append(out, letter ? meanings + (letter - letters) : text + 1, 1);
    return 2;
}

static size_t undo_percent(const char *text, struct buffer *out)
{
    if (*text != '%' || text_hex_pair(text + 1) < 0)
        return 0;
    buffer_printf(out, "%c", text_hex_pair(text + 1));
    return 3;
}

/* Undoes one layer of escapes. 1 if there was one. */
static int undo(struct buffer *text)
{
    SCRATCH plain = BUFFER_EMPTY;
    int found = 0;

    for (size_t i = 0; i < text->len;) {
        size_t len = undo_percent(text->bytes + i, &plain);

        if (!len)
            len = undo_html(text->bytes + i, &plain);
        if (!len)
            len = undo_backslash(text->bytes + i, &plain);
        found |= len > 0;
        if (!len)
            buffer_append(&plain, text->bytes + i, 1);
        i += len ? len : 1;
    }
    buffer_truncate(text, 0);
    buffer_append(text, buffer_text(&plain), plain.len);
    return found;
}

/*
 * Marks what was kept; all of the text if it shows only after escapes are undone, because where it
 * began is not known then.
 */
static void mark_secrets(const struct buffer *text, size_t least, char *marks)
{
    SCRATCH plain = BUFFER_EMPTY;

    if (!kept_count)
        return;
    mark_kept(text, least, marks);
    buffer_append(&plain, text->bytes, text->len);
    for (int layer = 0; layer < LAYERS_MAX && undo(&plain); layer++) {
        SCRATCH found = BUFFER_EMPTY;

        put_blank_marks(&found, plain.len);
        mark_kept(&plain, least, found.bytes);
        if (memchr(found.bytes, 1, plain.len))
            memset(marks, 1, text->len);
    }
}

static int blot(struct buffer *text, size_t least)
{
    SCRATCH marks = BUFFER_EMPTY, out = BUFFER_EMPTY;

    if (!text->len)
        return 0;
    put_blank_marks(&marks, text->len);
    mark_tokens(text->bytes, marks.bytes);
    mark_secrets(text, least, marks.bytes);
    if (!memchr(marks.bytes, 1, marks.len))
        return 0;
    for (size_t i = 0; i < text->len; i++) {
        if (!marks.bytes[i])
            buffer_append(&out, text->bytes + i, 1);
        else if (i == 0 || !marks.bytes[i - 1])
            buffer_puts(&out, "***");
    }
    buffer_truncate(text, 0);
    buffer_append(text, out.bytes, out.len);
    return 1;
}

int secrecy_blot(struct buffer *text)
{
    return blot(text, KEPT_RUN);
}

void secrecy_blot_foreign(struct buffer *text)
{
    (void)blot(text, 1);
}

int secrecy_is_token(const char *word)
{
    size_t len = strlen(word);
    SCRATCH marks = BUFFER_EMPTY;

    if (len >= WORD_RUN && strspn(word, BASE64URL) == len && is_mixed(word, len))
        return 1;
    if (!len)
        return 0;
    put_blank_marks(&marks, len);
    mark_tokens(word, marks.bytes);
    return memchr(marks.bytes, 1, len) != NULL;
}

int secrecy_put_path(struct buffer *out, const char *path)
{
    static const char *const beginnings[] = {"/", "./", "../", "~"};
    int is_path = strcmp(path, "-") == 0 || access(path, F_OK) == 0;

    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        is_path |= strncmp(path, beginnings[i], strlen(beginnings[i])) == 0;
    is_path &= !secrecy_is_token(path);
    buffer_puts(out, is_path ? path : "***");
    return !is_path;
}
