#include "pages.h"
#include "form.h"
#include "items.h"
#include "store.h"

#include <stdlib.h>
#include <string.h>

enum { WHOLE_PAGE = 2000 };

struct page {
    unsigned long long first, next, end; /* items, from 1; end is after the last */
    bool bare, begun, finished, comma;
    char *tenant, *prefix; /* of the ids */
    char *fields;          /* ",id,amount,"; NULL: all */
    char *cursor;          /* JSON; NULL: none */
    json_t *overlay;       /* id to record or null */
    void *created;         /* the iteration over created records */
    char *piece;
    size_t len, sent; /* of piece */
};

/* Takes ownership of text. */
static void set_piece(struct page *p, char *text)
{
    free(p->piece);
    p->piece = text;
    p->len = strlen(text);
    p->sent = 0;
}

static char *print(const char *before, const char *text, const char *after)
{
    size_t size = strlen(before) + strlen(text) + strlen(after) + 1;
    char *all = need(malloc(size));
    snprintf(all, size, "%s%s%s", before, text, after);
    return all;
}

/* Takes ownership of json; NULL: the record was deleted. */
static void set_item(struct page *p, char *json)
{
    set_piece(p, json ? print(p->comma ? "," : "", json, "") : need(strdup("")));
    p->comma = p->comma || json;
    free(json);
}

static char *id_of(const struct page *p, unsigned long long n)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", n);
    return print(p->prefix, digits, "");
}

static void next_item(struct page *p)
{
    unsigned long long n = p->next++;
    char *id = id_of(p, n);
    const json_t *over = json_object_size(p->overlay) ? json_object_get(p->overlay, id) : NULL;
    set_item(p, json_is_null(over) ? NULL
                : over             ? store_text(over, p->fields)
                                   : item_json(p->tenant, id, n, p->fields));
    free(id);
}

static bool is_created(const char *id)
{
    return !strncmp(id, "new-", 4);
}

/* Created records come last. False: no more. */
static bool next_created(struct page *p)
{
    for (; p->created; p->created = json_object_iter_next(p->overlay, p->created)) {
        const json_t *record = json_object_iter_value(p->created);
        if (!is_created(json_object_iter_key(p->created)) || json_is_null(record))
            continue;
        set_item(p, store_text(record, p->fields));
        p->created = json_object_iter_next(p->overlay, p->created);
        return true;
    }
    return false;
}

/* How many items the page contains. */
static unsigned long long items_of(const struct page *p)
{
    unsigned long long n = p->end - p->first;
    const char *id;
    json_t *record;
    size_t len = strlen(p->prefix);
    json_object_foreach(p->overlay, id, record)
    {
        unsigned long long at = strncmp(id, p->prefix, len) ? 0 : strtoull(id + len, NULL, 10);
        if (is_created(id))
            n += p->created && !json_is_null(record);
        else
            n -= json_is_null(record) && at >= p->first && at < p->end;
    }
    return n;
}

/* The next piece of the page: its head, an item, or its tail. False at the end. */
static bool next_piece(struct page *p)
{
    char text[64];
    if (!p->begun) {
        p->begun = true;
        snprintf(text, sizeof text, "{\"Count\":%llu,\"Items\":[", items_of(p));
        set_piece(p, need(strdup(p->bare ? "[" : text)));
    } else if (p->next < p->end) {
        next_item(p);
    } else if (!next_created(p)) {
        if (p->finished)
            return false;
        p->finished = true;
        set_piece(p, p->bare     ? need(strdup("]"))
                     : p->cursor ? print("],\"LastEvaluatedKey\":", p->cursor, "}")
                                 : need(strdup("]}")));
    }
    return true;
}

static ssize_t read_page(void *cls, uint64_t pos, char *buf, size_t max)
{
    struct page *p = cls;
    size_t filled = 0;
    (void)pos;
    while (filled < max) {
        if (p->sent == p->len && !next_piece(p))
            break;
        size_t n = p->len - p->sent < max - filled ? p->len - p->sent : max - filled;
        memcpy(buf + filled, p->piece + p->sent, n);
        p->sent += n;
        filled += n;
    }
    return filled ? (ssize_t)filled : MHD_CONTENT_READER_END_OF_STREAM;
}

static void page_free(void *cls)
{
    struct page *p = cls;
    json_decref(p->overlay);
    free(p->tenant);
    free(p->prefix);
    free(p->fields);
    free(p->cursor);
    free(p->piece);
    free(p);
}

static char *cursor_json(const char *tenant, unsigned long long n, bool object)
{
    char *id = item_id(n), *quoted_id = item_quote(id), *quoted = item_quote(tenant);
    size_t size = strlen(quoted) + strlen(quoted_id) + 100;
    char *text = need(malloc(size));
    if (object)
        snprintf(text, size, "{\"tenant_id\":%s,\"id\":%s}", quoted, quoted_id);
    else /* needs encoding in a query, and decoding from JSON */
        snprintf(text, size, "\"%.*s|%.*s#\\/+=& \\u00e9\"", (int)strlen(quoted) - 2, quoted + 1,
                 (int)strlen(quoted_id) - 2, quoted_id + 1);
    free(id);
    free(quoted_id);
    free(quoted);
    return text;
}

/* Is this the cursor after item n? It must be exactly what was sent. */
static bool is_cursor(const char *tenant, const char *got, unsigned long long n, bool object)
{
    char *ours = cursor_json(tenant, n, object);
    json_t *a = json_loads(ours, JSON_DECODE_ANY, NULL);
    json_t *b = object ? json_loads(got, 0, NULL) : json_string(got);
    bool same = b && json_equal(a, b);
    json_decref(a);
    json_decref(b);
    free(ours);
    return same;
}

/* The item after a cursor, or 0 if the cursor is not ours. */
static unsigned long long cursor_place(const char *tenant, const char *got)
{
    char *id = item_id(0);
    id[strlen(id) - 1] = '\0'; /* the prefix alone */
    const char *at = *id ? strstr(got, id) : NULL;
    unsigned long long n = at ? strtoull(at + strlen(id), NULL, 10) : 0;
    free(id);
    return n && (is_cursor(tenant, got, n, false) || is_cursor(tenant, got, n, true)) ? n : 0;
}

/*
 * A search takes its cursor and fieldsToReturn from the query (the reference's page on contacts) or
 * from the body (a public client, whose metadata says both): the api.search_cursor knob says which,
 * and the other is ignored. For the caller to free.
 */
static char *parameter(const struct request *r, enum list_form form, const char *name)
{
    if (form != LIST_SEARCH || knob_is(K_API_SEARCH_CURSOR, "query"))
        return form_param(r->query, name);
    json_t *body = json_loadb(r->body, r->body_len, 0, NULL), *one;
    const json_t *value = json_object_get(body, name);
    char *text = json_is_string(value)   ? need(strdup(json_string_value(value)))
                 : json_is_object(value) ? need(json_dumps(value, JSON_COMPACT))
                                         : NULL;
    size_t i;
    json_array_foreach(value, i, one) if (json_is_string(one))
    {
        char *longer = print(text ? text : "", text ? "," : "", json_string_value(one));
        free(text);
        text = longer;
    }
    json_decref(body);
    return text;
}

static void set_cursor(struct page *p, unsigned long long items)
{
    if (p->end <= items)
        p->cursor = cursor_json(p->tenant, p->end - 1, knob_is(K_API_CURSOR, "object"));
    else if (knob_is(K_API_CURSOR, "null-last"))
        p->cursor = need(strdup("null"));
    if (knob_is(K_API_CURSOR, "repeat")) {
        free(p->cursor);
        p->cursor = cursor_json(p->tenant, 1, false);
    }
}

static struct page *new_page(const char *collection, const char *tenant, unsigned long long start,
                             bool bare)
{
    long long items = knob_number(K_API_ITEMS), size = knob_number(K_API_PAGE);
    struct page *p = need(calloc(1, sizeof *p));
    items = items < 0 ? 0 : items;
    size = bare ? items : size < 1 ? 1 : size;
    p->first = p->next = start + 1;
    p->end = start + (unsigned long long)size < (unsigned long long)items
                 ? start + (unsigned long long)size + 1
                 : (unsigned long long)items + 1;
    if (p->end < p->first)
        p->end = p->first;
    p->bare = bare;
    p->tenant = need(strdup(tenant));
    p->prefix = knob_text(K_API_ID, NULL);
    p->overlay = store_overlay(collection);
    p->piece = need(strdup(""));
    if (p->end > (unsigned long long)items)
        p->created = json_object_iter(p->overlay);
    if (!bare)
        set_cursor(p, (unsigned long long)items);
    return p;
}

static void send_page(struct answer *a, struct page *p)
{
    a->type = "application/json";
    if (p->end - p->first > WHOLE_PAGE) {
        a->reader = read_page;
        a->reader_cls = p;
        a->reader_free = page_free;
        a->reader_size = MHD_SIZE_UNKNOWN;
        return;
    }
    size_t size = 0;
    FILE *out = need(open_memstream(&a->body, &size));
    while (next_piece(p))
        fwrite(p->piece, 1, p->len, out);
    fclose(out);
    a->body_len = size;
    need(a->body);
    page_free(p);
}

void page_answer(const struct request *r, struct answer *a, const char *collection,
                 const char *tenant, enum list_form form)
{
    unsigned long long start = 0;
    char *key = form == LIST_BARE ? NULL : parameter(r, form, "exclusiveStartKey");
    bool bad = key && !(start = cursor_place(tenant, key));
    free(key);
    if (bad) {
        answer_text(a, 400, "application/json", "{\"message\":\"Invalid exclusiveStartKey\"}");
        return;
    }
    struct page *p = new_page(collection, tenant, start, form == LIST_BARE);
    char *fields = form == LIST_SEARCH ? parameter(r, form, "fieldsToReturn") : NULL;
    if (fields && *fields)
        p->fields = print(",", fields, ",");
    free(fields);
    send_page(a, p);
}
