#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kv.h"
#include "message.h"

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
    int status;
    int controls = 0;

    while (kv_next(&reader, &pair) == 1) {
        if (strcmp(pair.key, key) != 0)
            continue;
        controls |= kv_has_controls(pair.value, pair.value_len);
        buffer_append(&out, pair.value, pair.value_len);
        buffer_puts(&out, "\n");
    }
    if (!out.len)
        status = message_fail(STATUS_BAD_INPUT, "there is no %s", key);
    else if (controls && isatty(STDOUT_FILENO))
        status = message_fail(STATUS_BAD_INPUT, "%s holds control characters, which do not go to a "
                              "terminal; without --get they are shown escaped", key);
    else
        status = output_text(&out);
    return status;
}

struct variable {
    char *name; /* rhythm_... */
    size_t order;
    struct kv_pair pair;
    int collides;
};

static int compare_order(const void *a, const void *b)
{
    const struct variable *x = a;
    const struct variable *y = b;

    return (x->order > y->order) - (x->order < y->order);
}

static int compare_variables(const void *a, const void *b)
{
    const struct variable *x = a;
    const struct variable *y = b;
    int names = strcmp(x->name, y->name);

    return names ? names : compare_order(a, b);
}

/* rhythm_ and the key, %XX and all that no variable's name can hold as _. */
static char *variable_name(const char *key)
{
    SCRATCH name = BUFFER_EMPTY;
    char *copy;

    buffer_puts(&name, "rhythm_");
    for (; *key; key++) {
        int word = (*key >= 'a' && *key <= 'z') || (*key >= 'A' && *key <= 'Z') ||
                   (*key >= '0' && *key <= '9');

        buffer_append(&name, word ? key : "_", 1);
        if (*key == '%' && key[1] && key[2])
            key += 2;
    }
    copy = strdup(name.bytes);
    return copy;
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

static void put_assignments(struct buffer *out, struct variable *variables, size_t count)
{
    /* of different keys that become one name, the first wins */
    qsort(variables, count, sizeof *variables, compare_variables);
    for (size_t i = 1, first = 0; i < count; i++) {
        if (strcmp(variables[i].name, variables[first].name) != 0)
            first = i;
        else
            variables[i].collides = strcmp(variables[i].pair.key, variables[first].pair.key) != 0;
    }
    qsort(variables, count, sizeof *variables, compare_order);
    for (size_t i = 0; i < count; i++) {
        if (variables[i].collides) {
            while (i + 1 < count && strcmp(variables[i + 1].pair.key, variables[i].pair.key) == 0)
                i++;
            message_warn("%s and another key would both be %s; the first wins",
                         variables[i].pair.key, variables[i].name);
            continue;
        }
        buffer_printf(out, "%s='", variables[i].name);
        put_quoted(out, variables[i].pair.value, variables[i].pair.value_len);
        while (i + 1 < count && strcmp(variables[i + 1].pair.key, variables[i].pair.key) == 0) {
            i++;
            buffer_puts(out, "\n");
            put_quoted(out, variables[i].pair.value, variables[i].pair.value_len);
        }
        buffer_puts(out, "'\n");
    }
}

static int output_shell(struct buffer *text)
{
    struct kv_reader reader = kv_reader(text->bytes, text->len);
    SCRATCH out = BUFFER_EMPTY;
    struct variable *variables = calloc(text->len / 2 + 1, sizeof *variables);
    size_t count = 0;

    while (variables && kv_next(&reader, &variables[count].pair) == 1) {
        variables[count].name = variable_name(variables[count].pair.key);
        variables[count].order = count;
        if (!variables[count].name)
            break;
        count++;
    }
    if (variables)
        put_assignments(&out, variables, count);
    for (size_t i = 0; i < count; i++)
        free(variables[i].name);
    free(variables);
    return output_text(&out);
}

/* A JSON string (RFC 8259, section 7); bytes that are no UTF-8 came escaped as \xNN. */
static void put_json_string(struct buffer *out, const char *bytes, size_t len)
{
    buffer_puts(out, "\"");
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c == '"' || c == '\\')
            buffer_printf(out, "\\%c", c);
        else if (c < 0x20)
            buffer_printf(out, "\\u%04x", c);
        else
            buffer_append(out, bytes + i, 1);
    }
    buffer_puts(out, "\"");
}

static int output_json(struct buffer *text, int numbers)
{
    struct kv_reader reader = kv_reader(text->bytes, text->len);
    struct kv_pair pair;
    SCRATCH out = BUFFER_EMPTY;
    long long number;

    while (kv_next(&reader, &pair) == 1) {
        buffer_puts(&out, out.len ? "," : "{");
        put_json_string(&out, pair.key, strlen(pair.key));
        buffer_puts(&out, ":");
        if (numbers && kv_number(pair.value, &number) == 0)
            buffer_printf(&out, "%lld", number);
        else
            put_json_string(&out, pair.value, pair.value_len);
    }
    buffer_puts(&out, out.len ? "}\n" : "{}\n");
    return output_text(&out);
}

int output_lines(const struct options *options, struct buffer *text, const char *json, int numbers)
{
    SCRATCH out = BUFFER_EMPTY;

    if (options->get)
        return output_value(options->get, text);
    if (options->format == FORMAT_SHELL)
        return output_shell(text);
    if (options->format == FORMAT_JSON && !json)
        return output_json(text, numbers);
    if (options->format == FORMAT_KV)
        return output_text(text);
    buffer_puts(&out, json);
    buffer_puts(&out, "\n");
    return output_text(&out);
}
