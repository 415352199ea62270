#include "kv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int is_key_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("_.:/@-", c));
}

/* Length of the UTF-8 character at bytes (RFC 3629), 0 if it is not valid UTF-8. */
static size_t utf8_len(const unsigned char *bytes, size_t len)
{
    unsigned char c = bytes[0];
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    size_t need = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

    if (need < 2 || need > len)
        return need > len ? 0 : need;
    if (c == 0xe0)
        low = 0xa0;
    else if (c == 0xed)
        high = 0x9f;
    else if (c == 0xf0)
        low = 0x90;
    else if (c == 0xf4)
        high = 0x8f;
    if (bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < need; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    return need;
}

/* How many bytes from i on are printable ASCII: nearly all there ever is. */
static size_t plain_run(const char *bytes, size_t i, size_t len)
{
    size_t start = i;

    while (i < len && bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '\\')
        i++;
    return i - start;
}

static int is_control(const unsigned char *character, size_t len)
{
    return len == 0 || character[0] < 0x20 || character[0] == 0x7f ||
           (len == 2 && character[0] == 0xc2 && character[1] < 0xa0);
}

static void escape(struct buffer *out, const char *text, size_t len, int backslashes)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t plain = 0; /* start of the run not yet appended */
    size_t i = 0;

    while ((i += plain_run(text, i, len)) < len) {
        size_t n = utf8_len(bytes + i, len - i);

        if (!is_control(bytes + i, n) && !(backslashes && bytes[i] == '\\')) {
            i += n;
            continue;
        }
        buffer_append(out, text + plain, i - plain);
        if (bytes[i] == '\\')
            buffer_puts(out, "\\\\");
        else if (bytes[i] == '\n')
            buffer_puts(out, "\\n");
        else if (bytes[i] == '\r')
            buffer_puts(out, "\\r");
        else if (bytes[i] == '\t')
            buffer_puts(out, "\\t");
        else
            for (size_t k = 0; k < (n ? n : 1); k++)
                buffer_printf(out, "\\x%02x", bytes[i + k]);
        i += n ? n : 1;
        plain = i;
    }
    buffer_append(out, text + plain, len - plain);
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
    size_t n;

    for (size_t i = 0; (i += plain_run(bytes, i, len)) < len; i += n) {
        n = utf8_len((const unsigned char *)bytes + i, len - i);
        if (is_control((const unsigned char *)bytes + i, n))
            return 1;
    }
    return 0;
}

void kv_escape_key(struct buffer *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (is_key_byte((unsigned char)bytes[i]))
            buffer_append(out, bytes + i, 1);
        else
            buffer_printf(out, "%%%02X", (unsigned char)bytes[i]);
    }
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
    return (struct kv_reader){text, text + len, 0};
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Undoes kv_escape_value in place. The new length, or -1 if an escape is unknown. */
static long unescape(char *value, size_t len)
{
    char *out = memchr(value, '\\', len);
    const char *in = out;
    const char *end = value + len;

    if (!out)
        return (long)len;
    while (in < end) {
        if (*in != '\\') {
            *out++ = *in++;
            continue;
        }
        if (end - in < 2)
            return -1;
        if (in[1] == 'x') {
            if (end - in < 4 || hex_digit(in[2]) < 0 || hex_digit(in[3]) < 0)
                return -1;
            *out++ = (char)(hex_digit(in[2]) * 16 + hex_digit(in[3]));
            in += 4;
            continue;
        }
        switch (in[1]) {
        case '\\':
            *out++ = '\\';
            break;
        case 'n':
            *out++ = '\n';
            break;
        case 'r':
            *out++ = '\r';
            break;
        case 't':
            *out++ = '\t';
            break;
        default:
            return -1;
        }
        in += 2;
    }
    *out = '\0';
    return out - value;
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
    if (!equals || equals == line)
        return -1;
    for (char *c = line; c < equals; c++)
        if (!is_key_byte((unsigned char)*c) && *c != '%')
            return -1;
    *equals = '\0';
    if (kv_has_controls(equals + 1, (size_t)(newline - equals - 1)))
        return -1;
    value_len = unescape(equals + 1, (size_t)(newline - equals - 1));
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
