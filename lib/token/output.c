#include "token/output.h"

#include <ctype.h>
#include <errno.h>
#include <search.h>
#include <string.h>
#include <unistd.h>

#include "base/kv.h"
#include "base/memory.h"
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

static int fail_key(const char *key, struct buffer *text)
{
    struct kv_reader reader = kv_reader(text->bytes, text->len);
    struct kv_pair pair;
    struct nearest nearest = nearest_to(key, strlen(key));

    while (kv_next(&reader, &pair) == 1)
        nearest_offer(&nearest, pair.key);
    return message_fail(STATUS_BAD_INPUT, "there is no %s%s%s", key, nearest.best ? "; " : "",
                        nearest_remedy(&nearest, "", "", ""));
}

/* The value of one key; the elements of an array on a line each. */
static int output_value(const char *key, struct buffer *text)
{
    SCRATCH copy = BUFFER_EMPTY, out = BUFFER_EMPTY;
    struct kv_reader reader;
    struct kv_pair pair;
    int controls = 0;

    buffer_append(&copy, buffer_text(text), text->len); /* reading changes it */
    reader = kv_reader(copy.bytes, copy.len);

    while (kv_next(&reader, &pair) == 1) {
        if (strcmp(pair.key, key) != 0)
            continue;
        controls |= text_has_controls(pair.value, pair.value_len);
        buffer_append(&out, pair.value, pair.value_len);
        buffer_puts(&out, "\n");
    }
    if (!out.len)
        return fail_key(key, text);
    if (controls && isatty(STDOUT_FILENO))
        return message_fail(STATUS_BAD_INPUT, "%s holds control characters, which do not go to a "
                            "terminal; without --get they are shown escaped", key);
    return output_text(&out);
}

/* Takes the next character of the variable's name off the key: _ for what no name can hold. */
static char next_of_name(const char **key)
{
    char c = **key;

    if (c)
        *key += c == '%' && (*key)[1] && (*key)[2] ? 3 : 1;
    return c && !isalnum((unsigned char)c) ? '_' : c;
}

static int compare_names(const void *a, const void *b)
{
    const char *x = a;
    const char *y = b;
    char of_x;
    char of_y;

    do {
        of_x = next_of_name(&x);
        of_y = next_of_name(&y);
    } while (of_x && of_x == of_y);
    return of_x - of_y;
}

/* Begins the key's variable; of different keys that become one name, the first wins. 1 or 0. */
static int begin_variable(struct buffer *out, void **names, const char *key)
{
    const char *const *first = tsearch(key, names, compare_names);
    SCRATCH name = BUFFER_EMPTY;

    if (!first)
        memory_exhausted();
    buffer_puts(&name, "rhythm_");
    for (const char *rest = key; *rest;) {
        char c = next_of_name(&rest);

        buffer_append(&name, &c, 1);
    }
    if (strcmp(*first, key) != 0) {
        message_warn("%s and another key would both be %s; the first wins", key, name.bytes);
        return 0;
    }
    buffer_printf(out, "%s='", name.bytes);
    return 1;
}

static void put_quoted(struct buffer *out, const char *value, size_t len)
{
    const char *end = value + len;

    for (; (value = text_put_until(out, value, "'")) < end; value++)
        if (*value) /* no shell variable holds a NUL */
            buffer_puts(out, "'\\''");
}

static void forget(void **names)
{
    while (*names)
        (void)tdelete(*(void **)*names, names, compare_names);
}

static int refuse_controls(void **names, const char *key)
{
    forget(names);
    return message_fail(STATUS_BAD_INPUT, "%s holds control characters, which do not go to a "
                        "terminal; --format=kv shows them escaped", key);
}

/* 1 if the value would move a terminal's cursor; line ends are between an array's elements. */
static int obeys(const struct kv_pair *pair)
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

static int output_shell(struct buffer *text)
{
    int is_terminal = isatty(STDOUT_FILENO);
    struct kv_reader reader = kv_reader(text->bytes, text->len);
    struct kv_pair pair;
    SCRATCH out = BUFFER_EMPTY;
    void *names = NULL;    /* the keys, in a tree by their variables' names */
    const char *last = ""; /* the key before; none is empty */
    int is_open = 0;       /* its variable is still without an end */

    while (kv_next(&reader, &pair) == 1) {
        int is_element = strcmp(pair.key, last) == 0;

        if (is_terminal && obeys(&pair))
            return refuse_controls(&names, pair.key);
        if (is_open)
            buffer_puts(&out, is_element ? "\n" : "'\n");
        if (!is_element)
            is_open = begin_variable(&out, &names, pair.key);
        if (is_open)
            put_quoted(&out, pair.value, pair.value_len);
        last = pair.key;
    }
    if (is_open)
        buffer_puts(&out, "'\n");
    forget(&names);
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

static int output_json(struct buffer *text, const char *json, int numbers)
{
    struct kv_reader reader = kv_reader(text->bytes, text->len);
    struct kv_pair pair;
    SCRATCH built = BUFFER_EMPTY, out = BUFFER_EMPTY;
    long long number;

    while (!json && kv_next(&reader, &pair) == 1) {
        buffer_puts(&built, built.len ? "," : "{");
        put_json_string(&built, pair.key, strlen(pair.key));
        buffer_puts(&built, ":");
        if (numbers && strcmp(pair.key, "profile") != 0 && kv_number(pair.value, &number) == 0)
            buffer_printf(&built, "%lld", number);
        else
            put_json_string(&built, pair.value, pair.value_len);
    }
    buffer_puts(&built, built.len ? "}" : "{}");
    put_json(&out, json ? json : built.bytes);
    buffer_puts(&out, "\n");
    return output_text(&out);
}

int output_lines(const struct options *options, struct buffer *text, const char *json, int numbers)
{
    if (options->get)
        return output_value(options->get, text);
    if (options->format == FORMAT_SHELL)
        return output_shell(text);
    if (options->format == FORMAT_JSON)
        return output_json(text, json, numbers);
    return output_text(text);
}
