#include "patch.h"
#include "knobs.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LEN = 1000 };

/* The next reference token of a JSON Pointer, unescaped (RFC 6901, 4). False: none, or malformed.
 */
static bool next_token(const char **pointer, char name[NAME_MAX_LEN])
{
    const char *p = *pointer;
    size_t n = 0;
    if (*p++ != '/')
        return false;
    for (; *p && *p != '/'; p++) {
        char c = *p;
        if (c == '~') {
            p++;
            if (*p != '0' && *p != '1')
                return false;
            c = *p == '0' ? '~' : '/';
        }
        if (n == NAME_MAX_LEN - 1)
            return false;
        name[n++] = c;
    }
    name[n] = '\0';
    *pointer = p;
    return true;
}

/* "-" is after the last when adding; no sign, no leading zero (RFC 6901, 4). -1: not an index. */
static long index_of(const json_t *array, const char *name, bool adding)
{
    char *end;
    size_t size = json_array_size(array);
    if (adding && !strcmp(name, "-"))
        return (long)size;
    if (*name < '0' || *name > '9' || (*name == '0' && name[1]))
        return -1;
    unsigned long n = strtoul(name, &end, 10);
    return *end || n > size || (n == size && !adding) ? -1 : (long)n;
}

static json_t *member(const json_t *in, const char *name)
{
    if (json_is_object(in))
        return json_object_get(in, name);
    long at = json_is_array(in) ? index_of(in, name, false) : -1;
    return at < 0 ? NULL : json_array_get(in, (size_t)at);
}

/* The parent of the value that pointer names, and its name there; NULL if there is none. */
static json_t *parent_of(json_t *document, const char *pointer, char name[NAME_MAX_LEN])
{
    json_t *at = document;
    if (!next_token(&pointer, name))
        return NULL;
    while (at && *pointer) {
        at = member(at, name);
        if (!next_token(&pointer, name))
            return NULL;
    }
    return at;
}

/* Borrowed; NULL: there is nothing. */
static json_t *value_at(json_t *document, const char *pointer)
{
    char name[NAME_MAX_LEN];
    if (!*pointer)
        return document;
    json_t *parent = parent_of(document, pointer, name);
    return parent ? member(parent, name) : NULL;
}

static bool add(json_t **document, const char *pointer, json_t *value)
{
    char name[NAME_MAX_LEN];
    if (!*pointer) {
        json_decref(*document);
        *document = json_deep_copy(value);
        return true;
    }
    json_t *parent = parent_of(*document, pointer, name);
    if (json_is_object(parent))
        return json_object_set_new(parent, name, json_deep_copy(value)) == 0;
    long at = json_is_array(parent) ? index_of(parent, name, true) : -1;
    return at >= 0 && json_array_insert_new(parent, (size_t)at, json_deep_copy(value)) == 0;
}

static bool drop(json_t *document, const char *pointer)
{
    char name[NAME_MAX_LEN];
    json_t *parent = parent_of(document, pointer, name);
    if (json_is_object(parent))
        return json_object_del(parent, name) == 0;
    long at = json_is_array(parent) ? index_of(parent, name, false) : -1;
    return at >= 0 && json_array_remove(parent, (size_t)at) == 0;
}

static bool replace(json_t **document, const char *pointer, json_t *value)
{
    char name[NAME_MAX_LEN];
    if (!value_at(*document, pointer))
        return false;
    json_t *parent = *pointer ? parent_of(*document, pointer, name) : NULL;
    if (!json_is_array(parent))
        return add(document, pointer, value);
    long at = index_of(parent, name, false);
    return json_array_set_new(parent, (size_t)at, json_deep_copy(value)) == 0;
}

/* from is moved or copied; a value cannot be moved into itself (RFC 6902, 4.4). */
static bool carry(json_t **document, const char *from, const char *to, bool move)
{
    json_t *value = from ? value_at(*document, from) : NULL;
    size_t len = from ? strlen(from) : 0;
    if (!value || (move && !strncmp(to, from, len) && to[len] == '/'))
        return false;
    value = json_deep_copy(value);
    bool done = (!move || drop(*document, from)) && add(document, to, value);
    json_decref(value);
    return done;
}

static enum patched apply_one(json_t **document, const json_t *operation)
{
    const char *op = json_string_value(json_object_get(operation, "op"));
    const char *path = json_string_value(json_object_get(operation, "path"));
    const char *from = json_string_value(json_object_get(operation, "from"));
    json_t *value = json_object_get(operation, "value");
    bool done = false;
    if (!op || !path)
        return PATCH_BAD;
    if (!strcmp(op, "test")) {
        const json_t *there = value_at(*document, path);
        return !value                              ? PATCH_BAD
               : there && json_equal(there, value) ? PATCH_DONE
                                                   : PATCH_TEST_FAILED;
    }
    if (!strcmp(op, "remove"))
        done = drop(*document, path);
    else if (!strcmp(op, "move") || !strcmp(op, "copy"))
        done = carry(document, from, path, *op == 'm');
    else if (value && !strcmp(op, "add"))
        done = add(document, path, value);
    else if (value && !strcmp(op, "replace"))
        done = replace(document, path, value);
    return done ? PATCH_DONE : PATCH_BAD;
}

enum patched patch_apply(json_t **document, const json_t *operations)
{
    json_t *copy = json_deep_copy(*document), *one;
    enum patched how = json_is_array(operations) ? PATCH_DONE : PATCH_BAD;
    size_t i;
    json_array_foreach(operations, i, one) if (how == PATCH_DONE) how = apply_one(&copy, one);
    if (how == PATCH_DONE) {
        json_decref(*document);
        *document = copy;
    } else {
        json_decref(copy);
    }
    return how;
}
