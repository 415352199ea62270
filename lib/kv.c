#include "kv.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES                                                                                  \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:/@-"

/* What stands behind a backslash, and for what; any other byte is \xNN. */
static const char letters[] = "\\nrt";
static const char meanings[] = "\\\n\r\t";

static int is_between(unsigned char c, int least, int most)
{
    return c >= least && c <= most;
}

size_t kv_utf8_len(const char *text, size_t len)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t need = *c < 0x80 ? 1 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : 4;

    if (need == 1)
        return 1;
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
 * 1 if one of eight bytes may need an escape, 0 if none does: the top bit of a byte shows whether it
 * is beyond ASCII, below a space, DEL or a backslash.
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
        n = kv_utf8_len(text + i, len - i);
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

void kv_escape_value(struct buffer *out, const char *bytes, size_t len)
{
    escape(out, bytes, len, 1);
}

void kv_escape_controls(struct buffer *out, const char *bytes, size_t len)
{
    escape(out, bytes, len, 0);
}

int kv_has_controls(const char *bytes, size_t len)
{
    return plain_len(bytes, len, 0) < len;
}

void kv_percent(struct buffer *out, const char *bytes, size_t len, const char *kept)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] && strchr(kept, bytes[i]))
            buffer_append(out, bytes + i, 1);
        else
            buffer_printf(out, "%%%02X", (unsigned char)bytes[i]);
    }
}

void kv_escape_key(struct buffer *out, const char *bytes, size_t len)
{
    kv_percent(out, bytes, len, KEY_BYTES);
}

void kv_put_bytes(struct buffer *out, const char *key, const char *value, size_t value_len)
{
    kv_escape_key(out, key, strlen(key));
    buffer_puts(out, "=");
    kv_escape_value(out, value, value_len);
    buffer_puts(out, "\n");
}

void kv_put(struct buffer *out, const char *key, const char *value)
{
    kv_put_bytes(out, key, value, strlen(value));
}

void kv_put_number(struct buffer *out, const char *key, long long number)
{
    kv_escape_key(out, key, strlen(key));
    buffer_printf(out, "=%lld\n", number);
}

struct kv_reader kv_reader(char *text, size_t len)
{
    return (struct kv_reader){text, text ? text + len : text, 0};
}

int kv_hex_pair(const char *text)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *high = *text ? strchr(digits, text[0]) : NULL;
    const char *low = high && text[1] ? strchr(digits, text[1]) : NULL;

    return low ? (int)((high - digits) % 16 * 16 + (low - digits) % 16) : -1;
}

/* Undoes kv_escape_value in place; a NUL follows. The new length, or -1: an unknown escape. */
static long unescape(char *value)
{
    char *out = value + strcspn(value, "\\");
    const char *in = out;

    while (*in) {
        const char *letter;

        if (*in != '\\') {
            *out++ = *in++;
        } else if (in[1] == 'x' && kv_hex_pair(in + 2) >= 0) {
            *out++ = (char)kv_hex_pair(in + 2);
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

/* How many bytes of an escaped key stand at the line's start. */
static size_t key_len(const char *line)
{
    const char *c = line;

    while (is_between((unsigned char)*c, 'a', 'z') || (*c && strchr(KEY_BYTES "%", *c)))
        c++;
    return (size_t)(c - line);
}

int kv_next(struct kv_reader *reader, struct kv_pair *pair)
{
    char *line = reader->next;
    char *newline;
    char *equals;
    long value_len;

    if (line >= reader->end)
        return 0;
    reader->line++;
    newline = memchr(line, '\n', (size_t)(reader->end - line));
    reader->next = newline ? newline + 1 : reader->end;
    if (!newline)
        return -1;
    *newline = '\0';
    equals = memchr(line, '=', (size_t)(newline - line));
    if (!equals || equals == line || key_len(line) != (size_t)(equals - line) ||
        kv_has_controls(equals + 1, (size_t)(newline - equals - 1)))
        return -1;
    *equals = '\0';
    value_len = unescape(equals + 1);
    if (value_len < 0)
        return -1;
    *pair = (struct kv_pair){line, equals + 1, (size_t)value_len};
    return 1;
}

int kv_number(const char *text, long long *number)
{
    char *end;

    if (!(text[0] >= '0' && text[0] <= '9') &&
        !(text[0] == '-' && text[1] >= '0' && text[1] <= '9'))
        return -1;
    errno = 0;
    *number = strtoll(text, &end, 10);
    return errno || *end ? -1 : 0;
}
