#include "base/kv.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define KEY_BYTES "_.:/@-" /* beside letters and digits */

void kv_escape_key(struct buffer *out, const char *bytes, size_t len)
{
    text_percent(out, bytes, len, KEY_BYTES);
}

void kv_put_bytes(struct buffer *out, const char *key, const char *value, size_t value_len)
{
    kv_escape_key(out, key, strlen(key));
    buffer_puts(out, "=");
    text_escape(out, value, value_len);
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

void kv_put_pair(struct buffer *out, const struct kv_pair *pair)
{
    buffer_printf(out, "%s=", pair->key);
    text_escape(out, pair->value, pair->value_len);
    buffer_puts(out, "\n");
}

struct kv_reader kv_reader(char *text, size_t len)
{
    return (struct kv_reader){text, text ? text + len : text, 0};
}

/* How many bytes of an escaped key the line begins with. */
static size_t key_len(const char *line)
{
    const char *c = line;

    while (isalnum((unsigned char)*c) || (*c && strchr(KEY_BYTES "%", *c)))
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
    *newline = '\0'; /* so key and value become strings where they are, without a copy */
    equals = memchr(line, '=', (size_t)(newline - line));
    /* a control character in a value was not written by kv_put, which escapes it */
    if (!equals || equals == line || key_len(line) != (size_t)(equals - line) ||
        text_has_controls(equals + 1, (size_t)(newline - equals - 1)))
        return -1;
    *equals = '\0';
    value_len = text_unescape(equals + 1);
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
