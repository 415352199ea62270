/*
 * Fuzzes the page scanner against jansson, an independent reader of the same page. What jansson
 * accepts the scanner accepts, with the same items and the same cursor; items.h lists what only the
 * scanner accepts.
 */

#include <jansson.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pages/items.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

/* What the scanner may accept although jansson does not. */
static int only_jansson_refuses(const json_error_t *error)
{
    return json_error_code(error) == json_error_numeric_overflow ||
           json_error_code(error) == json_error_null_byte_in_key ||
           strstr(error->text, "Unicode") != NULL;
}

/* The array of the items, or NULL if jansson did not read a page. */
static json_t *array_of(json_t *page)
{
    return json_is_array(page) ? page : json_object_get(page, "Items");
}

/* 1 if the scanner may read this value of LastEvaluatedKey. */
static int is_cursor(const json_t *key)
{
    return !key || json_is_null(key) || json_is_object(key) ||
           (json_is_string(key) && strlen(json_string_value(key)) == json_string_length(key));
}

static void same_cursor(const json_t *key, const struct buffer *cursor)
{
    json_t *again = NULL;

    if (json_is_string(key)) {
        must(cursor->len == json_string_length(key));
        must(!cursor->len || memcmp(cursor->bytes, json_string_value(key), cursor->len) == 0);
    } else if (json_object_size(key)) {
        again = json_loadb(cursor->bytes, cursor->len, JSON_ALLOW_NUL, NULL);
        must(again && json_equal(again, key));
        must(!memchr(cursor->bytes, '\n', cursor->len));
    } else {
        must(cursor->len == 0);
    }
    json_decref(again);
}

/* Every line is the item at that place. */
static void same_items(const json_t *array, const struct items *items, long long max)
{
    const char *line = items->lines;
    const char *end = line + items->lines_len;
    size_t size = json_array_size(array);

    must(items->count == (max < (long long)size ? max : (long long)size));
    for (size_t i = 0; i < (size_t)items->count; i++) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        json_t *item;

        must(next != NULL);
        item = json_loadb(line, (size_t)(next - line), JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        must(item && json_equal(item, json_array_get(array, i)));
        json_decref(item);
        line = next + 1;
    }
    must(line == end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct items items = {0};
    struct buffer page = BUFFER_EMPTY;
    struct buffer guess = BUFFER_EMPTY;
    json_error_t error = {0};
    json_t *once, *any;
    const char *wrong;
    long long max;

    if (!size)
        return 0;
    max = data[0] < 128 ? LLONG_MAX : data[0] - 128;
    data++;
    size--;
    buffer_append(&page, data, size);
    items_guess(&page, &guess);
    must(page.len == size && memcmp(page.bytes, data, size) == 0);
    wrong = items_cut(&items, &page, max);
    /* If this is a page, the guess must be right, or the pager would discard it. */
    must(wrong || !guess.len || strcmp(guess.bytes, buffer_text(&items.cursor)) == 0);
    any = json_loadb((const char *)data, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    once = json_loadb((const char *)data, size,
                      JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
    if (memchr(data, '\0', size)) /* jansson drops one after a number, and accepts the rest */
        must(wrong && strncmp(wrong, "is not JSON", 11) == 0);
    else if (any)
        must(!wrong || strncmp(wrong, "is not JSON", 11) != 0);
    else
        must(wrong || only_jansson_refuses(&error));
    if (once && !memchr(data, '\0', size)) {
        json_t *key = json_is_object(once) ? json_object_get(once, "LastEvaluatedKey") : NULL;

        must(!wrong == (json_is_array(array_of(once)) && is_cursor(key)));
        if (!wrong) {
            same_items(array_of(once), &items, max);
            same_cursor(key, &items.cursor);
        }
    }
    json_decref(any);
    json_decref(once);
    buffer_wipe(&items.cursor);
    buffer_wipe(&guess);
    buffer_wipe(&page);
    return 0;
}
