#include "base/text.h"

#include <stdint.h>
#include <string.h>

/* The letter after a backslash, and the byte that it means; any other byte is \xNN. */
static const char letters[] = "\\nrt";
static const char meanings[] = "\\\n\r\t";

static int is_between(unsigned char c, int least, int most)
{
    return c >= least && c <= most;
}

size_t text_utf8_len(const char *text, size_t len)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t need = *c < 0x80 ? 1 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : 4;

    if (need == 1)
        return 1;
    /* RFC 3629, section 4: the limits exclude longer forms, surrogates and all above U+10FFFF */
    if (need > len || !is_between(*c, 0xc2, 0xf4) ||
        !is_between(c[1], *c == 0xe0 ? 0xa0 : *c == 0xf0 ? 0x90 : 0x80,
                    *c == 0xed ? 0x9f : *c == 0xf4 ? 0x8f : 0xbf))
        return 0;
    for (size_t i = 2; i < need; i++)
        if (!is_between(c[i], 0x80, 0xbf))
            return 0;
    return need;
}

/* 1 if a terminal would obey the character; len is its length, 0 if it is none. */
static int is_control(const char *character, size_t len)
{
    const unsigned char *c = (const unsigned char *)character;

    return len == 0 || *c < 0x20 || *c == 0x7f || (len == 2 && *c == 0xc2 && c[1] < 0xa0);
}

/*
 * 1 if one of eight bytes may need an escape, 0 if none does: the top bit of a byte shows whether
 * it is beyond ASCII, below a space, DEL or a backslash. A byte may borrow from its neighbor and be
 * suspected wrongly, never the reverse. This saves a tenth of a warm call's instructions.
 */
static int has_suspect(const char *text)
{
    const uint64_t each = 0x0101010101010101u;
    uint64_t eight;

    memcpy(&eight, text, sizeof eight);
    eight |= (eight - 0x20 * each) | ((eight ^ 0x7f * each) - each) | ((eight ^ '\\' * each) - each);
    return (eight & 0x80 * each) != 0;
}

/* How many bytes of text need no escape, from its start on. */
static size_t plain_len(const char *text, size_t len, int backslashes)
{
    size_t i = 0;

    for (;;) {
        size_t n;

        while (len - i >= 8 && !has_suspect(text + i))
            i += 8; /* nearly all there ever is */
        while (i < len && text[i] >= 0x20 && text[i] < 0x7f && text[i] != '\\')
            i++;
        if (i == len)
            return i;
        n = text_utf8_len(text + i, len - i);
        if (is_control(text + i, n) || (backslashes && text[i] == '\\'))
            return i;
        i += n;
    }
}

static void escape(struct buffer *out, const char *text, size_t len, int backslashes)
{
    for (size_t i = 0; i < len; i++) {
        size_t plain = plain_len(text + i, len - i, backslashes);
        const char *meaning;

        buffer_append(out, text + i, plain);
        i += plain;
        if (i == len)
            return;
        meaning = text[i] ? strchr(meanings, text[i]) : NULL;
        if (meaning)
            buffer_printf(out, "\\%c", letters[meaning - meanings]);
        else
            buffer_printf(out, "\\x%02x", (unsigned char)text[i]);
    }
}

void text_escape(struct buffer *out, const char *bytes, size_t len)
{
    escape(out, bytes, len, 1);
}

void text_escape_controls(struct buffer *out, const char *bytes, size_t len)
{
    escape(out, bytes, len, 0);
}

int text_has_controls(const char *bytes, size_t len)
{
    return plain_len(bytes, len, 0) < len;
}

int text_is_visible(const char *text)
{
    for (; *text; text++)
        if (*text < 0x21 || *text > 0x7e)
            return 0;
    return 1;
}

const char *text_put_until(struct buffer *out, const char *text, const char *stops)
{
    size_t plain = strcspn(text, stops);

    buffer_append(out, text, plain);
    return text + plain;
}

void text_quote_shell(struct buffer *out, const char *text)
{
    size_t plain = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-");

    if (*text && !text[plain]) {
        buffer_puts(out, text);
        return;
    }
    buffer_puts(out, "'");
    for (; *(text = text_put_until(out, text, "'")); text++)
        buffer_puts(out, "'\\''");
    buffer_puts(out, "'");
}

static int is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void text_percent(struct buffer *out, const char *bytes, size_t len, const char *kept)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < len;) {
        size_t run = i;
        unsigned char c = (unsigned char)bytes[i];

        while (run < len && (is_letter_or_digit(bytes[run]) ||
                             (bytes[run] && strchr(kept, bytes[run]))))
            run++;
        if (run > i) {
            buffer_append(out, bytes + i, run - i); /* a run at a time: the warm path counts */
            i = run;
            continue;
        }
        /* not with printf, which takes ten times as long: the next page waits for its cursor */
        buffer_append(out, (const char[]){'%', digits[c >> 4], digits[c & 15]}, 3);
        i++;
    }
}

int text_hex_pair(const char *text)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *high = *text ? strchr(digits, text[0]) : NULL;
    const char *low = high && text[1] ? strchr(digits, text[1]) : NULL;

    return low ? (int)((high - digits) % 16 * 16 + (low - digits) % 16) : -1;
}

long text_unescape(char *value)
{
    char *out = value + strcspn(value, "\\");
    const char *in = out;

    while (*in) {
        const char *letter;

        if (*in != '\\') {
            *out++ = *in++;
        } else if (in[1] == 'x' && text_hex_pair(in + 2) >= 0) {
            *out++ = (char)text_hex_pair(in + 2);
            in += 4;
        } else if (in[1] && (letter = strchr(letters, in[1])) != NULL) {
            *out++ = meanings[letter - letters];
            in += 2;
        } else {
            return -1;
        }
    }
    *out = '\0';
    return out - value;
}

char *text_find(char *text, size_t len, const char *needle, size_t needle_len)
{
    while (needle_len && len >= needle_len) {
        char *found = memchr(text, *needle, len - needle_len + 1);

        if (!found || memcmp(found, needle, needle_len) == 0)
            return found;
        len -= (size_t)(found + 1 - text);
        text = found + 1;
    }
    return NULL;
}

uint64_t text_hash(const char *bytes, size_t len)
{
    uint64_t hash = 14695981039346656037u; /* FNV's own offset and, below, its prime for 64 bits */

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211u;
    return hash;
}
