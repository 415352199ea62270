#include "token/output.h"

#include <ctype.h>
#include <errno.h>
#include <search.h>
#include <string.h>
#include <unistd.h>

#include "base/kv.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/text.h"

int output_text(const struct buffer *text)
{
    if (buffer_write(text, STDOUT_FILENO) != 0)
        return message_fail(STATUS_CANNOT_CREATE, "cannot write to standard output: %s",
                            strerror(errno));
    return STATUS_OK;
}

/* The value of one key; the elements of an array on a line each. */
static int output_value(const char *key, struct buffer *text)
{
    struct kv_reader reader = kv_reader(text->bytes, text->len);
    struct kv_pair pair;
    SCRATCH out = BUFFER_EMPTY;
    int controls = 0;

    while (kv_next(&reader, &pair) == 1) {
        if (strcmp(pair.key, key) != 0)
            continue;
        controls |= text_has_controls(pair.value, pair.value_len);
        buffer_append(&out, pair.value, pair.value_len);
        buffer_puts(&out, "\n");
    }
    if (!out.len)
        return message_fail(STATUS_BAD_INPUT, "there is no %s", key);
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
    for (size_t i = 0; i < len; i++) {
        if (value[i] == '\'')
            buffer_puts(out, "'\\''");
        else if (value[i]) /* no shell variable holds a NUL */
            buffer_append(out, value + i, 1);
    }
}

static void keep(void *key)
{
    (void)key; /* it lies in the text */
}

static int output_shell(struct buffer *text)
{
    struct kv_reader reader = kv_reader(text->bytes, text->len);
    struct kv_pair pair;
    SCRATCH out = BUFFER_EMPTY;
    void *names = NULL;    /* the keys, in a tree by their variables' names */
    const char *last = ""; /* the key before; none is empty */
    int is_open = 0;       /* its variable is still without an end */

    while (kv_next(&reader, &pair) == 1) {
        int is_element = strcmp(pair.key, last) == 0;

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
    tdestroy(names, keep);
    return output_text(&out);
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
    SCRATCH out = BUFFER_EMPTY;
    long long number;

    while (!json && kv_next(&reader, &pair) == 1) {
        buffer_puts(&out, out.len ? "," : "{");
        put_json_string(&out, pair.key, strlen(pair.key));
        buffer_puts(&out, ":");
        if (numbers && strcmp(pair.key, "profile") != 0 && kv_number(pair.value, &number) == 0)
            buffer_printf(&out, "%lld", number);
        else
            put_json_string(&out, pair.value, pair.value_len);
    }
    buffer_puts(&out, json ? json : out.len ? "}" : "{}");
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
