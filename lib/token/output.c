#include "token/output.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/nearest.h"
#include "base/text.h"

int output_text(const struct buffer *text)
{
    if (buffer_write(text, STDOUT_FILENO) != 0)
        return message_fail(STATUS_CANNOT_CREATE, "cannot write to standard output: %s",
                            strerror(errno));
    return STATUS_OK;
}

static int fail_key(const char *key, const struct attributes *lines)
{
    struct nearest nearest = nearest_to(key, strlen(key));
    const struct kv_pair *pair;

    for (size_t i = 0; (pair = attributes_pair(lines, i)) != NULL; i++)
        nearest_offer(&nearest, pair->key);
    return message_fail(STATUS_BAD_INPUT, "the output has no key %s; %s", key,
                        nearest_remedy(&nearest, "", "", "leave out --get to see its keys"));
}

/* The value of one key; the elements of an array on a line each. */
static int output_value(const char *key, const struct attributes *lines)
{
    const struct kv_pair *pair;
    SCRATCH out = BUFFER_EMPTY;
    int controls = 0;

    for (size_t i = 0; (pair = attributes_pair(lines, i)) != NULL; i++) {
        if (strcmp(pair->key, key) != 0)
            continue;
        controls |= text_has_controls(pair->value, pair->value_len);
        buffer_append(&out, pair->value, pair->value_len);
        buffer_puts(&out, "\n");
    }
    if (!out.len)
        return fail_key(key, lines);
    /* a pipe or file gets the bytes; a terminal would obey them */
    if (controls && isatty(STDOUT_FILENO))
        return message_fail(STATUS_BAD_INPUT, "%s contains control characters, which are not sent to a "
                            "terminal; leave out --get to see them escaped", key);
    return output_text(&out);
}

/* Takes the next character of the variable's name off the key: _ for what a name cannot contain. */
static char next_of_name(const char **key)
{
    char c = **key;

    if (c)
        *key += c == '%' && (*key)[1] && (*key)[2] ? 3 : 1; /* an escape is one character */
    return c && !isalnum((unsigned char)c) ? '_' : c;
}

static int compare_names(const char *x, const char *y)
{
    char of_x;
    char of_y;

    do {
        of_x = next_of_name(&x);
        of_y = next_of_name(&y);
    } while (of_x && of_x == of_y);
    return of_x - of_y;
}

/* Pairs by the names of their variables, and those of one name in the order of the text. */
static int compare_pairs(const void *a, const void *b)
{
    const struct kv_pair *x = a;
    const struct kv_pair *y = b;
    int order = compare_names(x->key, y->key);

    return order ? order : (x->key > y->key) - (x->key < y->key);
}

static void put_name(struct buffer *out, const char *key)
{
    buffer_puts(out, "rhythm_");
    while (*key) {
        char c = next_of_name(&key);

        buffer_append(out, &c, 1);
    }
}

static void put_quoted(struct buffer *out, const char *value, size_t len)
{
    const char *end = value + len;

    for (; (value = text_put_until(out, value, "'")) < end; value++)
        if (*value) /* no shell variable holds a NUL */
            buffer_puts(out, "'\\''");
}

/* 1 if the value would move a terminal's cursor; line ends are between an array's elements. */
static int moves_cursor(const struct kv_pair *pair)
{
    for (size_t i = 0; i < pair->value_len;) {
        const char *line = pair->value + i;
        const char *end = memchr(line, '\n', pair->value_len - i);
        size_t len = end ? (size_t)(end - line) : pair->value_len - i;

        if (text_has_controls(line, len))
            return 1;
        i += len + 1;
    }
    return 0;
}

static void warn_of_collision(const char *key, const char *winner)
{
    SCRATCH name = BUFFER_EMPTY;

    put_name(&name, key);
    message_warn("%s is left out, because %s is already %s; use --format=json to see both", key,
                 winner, name.bytes);
}

/*
 * A variable for each key, sorted by its name, so that keys that become one name are adjacent,
 * however many a hostile token has. The first of them is printed.
 */
static int output_shell(const struct attributes *lines)
{
    struct kv_pair *pairs = (struct kv_pair *)(void *)lines->pairs.bytes;
    size_t count = lines->pairs.len / sizeof *pairs;
    int is_terminal = isatty(STDOUT_FILENO);
    const char *winner = ""; /* the key of the variable whose quotes are open; no key is empty */
    SCRATCH out = BUFFER_EMPTY;

    if (count)
        qsort(pairs, count, sizeof *pairs, compare_pairs);
    for (size_t i = 0; i < count; i++) {
        const char *key = pairs[i].key;

        if (is_terminal && moves_cursor(&pairs[i]))
            return message_fail(STATUS_BAD_INPUT, "%s contains control characters, which are not "
                                "sent to a terminal; use --format=kv to see them escaped", key);
        if (compare_names(key, winner) != 0) {
            buffer_puts(&out, *winner ? "'\n" : "");
            winner = key;
            put_name(&out, key);
            buffer_puts(&out, "='");
        } else if (strcmp(key, winner) == 0) {
            buffer_puts(&out, "\n"); /* an array's next element */
        } else {
            if (strcmp(key, pairs[i - 1].key) != 0)
                warn_of_collision(key, winner);
            continue;
        }
        put_quoted(&out, pairs[i].value, pairs[i].value_len);
    }
    buffer_puts(&out, *winner ? "'\n" : "");
    return output_text(&out);
}

/* Appends JSON text; DEL and C1, which a terminal may obey and which only strings hold, as \u00XX. */
static void put_json(struct buffer *out, const char *json)
{
    for (; *(json = text_put_until(out, json, "\x7f\xc2")); json++) {
        unsigned char low = (unsigned char)json[1];

        if (*json == 0x7f)
            buffer_puts(out, "\\u007f");
        else if (low >= 0x80 && low < 0xa0)
            buffer_printf(out, "\\u%04x", (unsigned char)*++json);
        else
            buffer_append(out, json, 1);
    }
}

/* A JSON string (RFC 8259, section 7); a byte that is no UTF-8 becomes U+FFFD. */
static void put_json_string(struct buffer *out, const char *bytes, size_t len)
{
    buffer_puts(out, "\"");
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)bytes[i];
        size_t character = text_utf8_len(bytes + i, len - i);

        if (c == '"' || c == '\\')
            buffer_printf(out, "\\%c", c);
        else if (c < 0x20)
            buffer_printf(out, "\\u%04x", c);
        else
            buffer_append(out, character ? bytes + i : "\xef\xbf\xbd", character ? character : 3);
        i += character ? character : 1;
    }
    buffer_puts(out, "\"");
}

/* An object of the lines; with numbers, of whole numbers as such. */
static void put_json_object(struct buffer *out, const struct attributes *lines, int numbers)
{
    const struct kv_pair *pair;
    long long number;

    buffer_puts(out, "{");
    for (size_t i = 0; (pair = attributes_pair(lines, i)) != NULL; i++) {
        buffer_puts(out, i ? "," : "");
        put_json_string(out, pair->key, strlen(pair->key));
        buffer_puts(out, ":");
        if (numbers && strcmp(pair->key, "profile") != 0 && kv_number(pair->value, &number) == 0)
            buffer_printf(out, "%lld", number);
        else
            put_json_string(out, pair->value, pair->value_len);
    }
    buffer_puts(out, "}");
}

int output_lines(const struct options *options, struct buffer *text, const char *json, int numbers)
{
    WIPED_BY(attributes_wipe) struct attributes lines = {0};
    SCRATCH built = BUFFER_EMPTY, out = BUFFER_EMPTY;

    if (!options->get && options->format == FORMAT_KV)
        return output_text(text);
    (void)attributes_parse(&lines, text); /* our own lines: each is a pair */
    if (options->get)
        return output_value(options->get, &lines);
    if (options->format == FORMAT_SHELL)
        return output_shell(&lines);
    if (!json)
        put_json_object(&built, &lines, numbers);
    put_json(&out, json ? json : built.bytes);
    buffer_puts(&out, "\n");
    return output_text(&out);
}
