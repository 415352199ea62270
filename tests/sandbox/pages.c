#include "pages.h"
#include "answer.h"
#include "form.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE_MAX = 4096, WHOLE_PAGE = 2000 };

struct page {
    unsigned long long first, next, end; /* items, from 1; end is behind the last */
    bool bare, begun, finished;
    char *tenant; /* as a JSON string */
    char *fields; /* ",id,amount,"; NULL: all */
    char *cursor; /* JSON; NULL: none */
    char piece[PIECE_MAX];
    size_t len, sent; /* of piece */
};

static void put(struct page *p, const char *text)
{
    size_t len = strlen(text);
    if (len > sizeof p->piece - p->len)
        len = sizeof p->piece - p->len;
    memcpy(p->piece + p->len, text, len);
    p->len += len;
}

/* The list ",a,b," holds name. */
static bool wanted(const char *fields, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = fields; (at = strstr(at, name)); at++)
        if (at > fields && at[-1] == ',' && at[len] == ',')
            return true;
    return false;
}

static void put_field(struct page *p, const char *name, const char *value)
{
    if (p->fields && !wanted(p->fields, name))
        return;
    put(p, p->piece[p->len - 1] == '{' ? "\"" : ",\"");
    put(p, name);
    put(p, "\":");
    put(p, value);
}

/* id is JSON. */
static void put_item(struct page *p, const char *id, unsigned long long n)
{
    char text[64];
    put(p, "{");
    put_field(p, "id", id);
    put_field(p, "tenant_id", p->tenant);
    put_field(p, "first_name", "\"Ren\\u00e9\"");
    put_field(p, "last_name", "\"Zo\xc3\xab \\\"Z\\\"\"");
    snprintf(text, sizeof text, "\"c-%llu@acme.example\"", n);
    put_field(p, "email_address", text);
    put_field(p, "amount", "19.99");
    snprintf(text, sizeof text, "%llu.50", n % 1000);
    put_field(p, "balance", text);
    snprintf(text, sizeof text, "%llu", 9007199254740993 + n);
    put_field(p, "member_number", text);
    snprintf(text, sizeof text, "\"https:\\/\\/acme.example\\/c\\/%llu\"", n);
    put_field(p, "url", text);
    put_field(p, "active", n % 2 ? "true" : "false");
    put(p, "}");
}

/* The next piece of the page: its head, an item, or its tail. False at the end. */
static bool next_piece(struct page *p)
{
    char text[64];
    p->len = p->sent = 0;
    if (!p->begun) {
        p->begun = true;
        snprintf(text, sizeof text, "{\"Count\":%llu,\"Items\":[", p->end - p->first);
        put(p, p->bare ? "[" : text);
    } else if (p->next < p->end) {
        snprintf(text, sizeof text, "\"c-%llu\"", p->next);
        if (p->next > p->first)
            put(p, ",");
        put_item(p, text, p->next++);
    } else if (!p->finished) {
        p->finished = true;
        put(p, "]");
        if (p->cursor) {
            put(p, ",\"LastEvaluatedKey\":");
            put(p, p->cursor);
        }
        put(p, p->bare ? "" : "}");
    } else {
        return false;
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
    free(p->tenant);
    free(p->fields);
    free(p->cursor);
    free(p);
}

static char *json_text(const char *text)
{
    json_t *json = json_string(text);
    char *quoted = json ? json_dumps(json, JSON_ENCODE_ANY) : strdup("\"\"");
    json_decref(json);
    return need(quoted);
}

static char *cursor_json(const char *tenant, unsigned long long n, bool object)
{
    char *text = NULL, *quoted = json_text(tenant);
    size_t len = strlen(quoted) + 100;
    text = need(malloc(len));
    if (object)
        snprintf(text, len, "{\"tenant_id\":%s,\"id\":\"c-%llu\"}", quoted, n);
    else /* needs encoding in a query, and decoding from JSON */
        snprintf(text, len, "\"%.*s|c-%llu#\\/+=& \\u00e9\"", (int)strlen(quoted) - 2, quoted + 1,
                 n);
    free(quoted);
    return text;
}

/* Where a cursor goes on, or 0 if it is none of ours: it must come back as it was sent. */
static unsigned long long cursor_place(const char *tenant, const char *got)
{
    const char *at = strstr(got, "c-");
    unsigned long long n = at ? strtoull(at + 2, NULL, 10) : 0;
    for (int object = 0; object < 2 && n; object++) {
        char *ours = cursor_json(tenant, n, object);
        json_t *a = json_loads(ours, JSON_DECODE_ANY, NULL);
        json_t *b = object ? json_loads(got, 0, NULL) : json_string(got);
        bool same = b && json_equal(a, b);
        json_decref(a);
        json_decref(b);
        free(ours);
        if (same)
            return n;
    }
    return 0;
}

/* The fields asked for as ",a,b,", or NULL. */
static char *wanted_fields(const struct request *r)
{
    char *list = form_param(r->query, "fields"), *framed;
    if (!list)
        list = form_param(r->query, "fieldsToReturn");
    json_t *body = json_loadb(r->body, r->body_len, 0, NULL), *one;
    size_t i, len = 3 + (list ? strlen(list) : r->body_len + 1);
    framed = need(calloc(1, len));
    strcpy(framed, ",");
    if (list)
        strcat(strcat(framed, list), ",");
    json_array_foreach(json_object_get(body, "fieldsToReturn"), i,
                       one) if (!list && json_is_string(one))
        strcat(strcat(framed, json_string_value(one)), ",");
    json_decref(body);
    free(list);
    if (framed[1] && framed[1] != ',')
        return framed;
    free(framed);
    return NULL;
}

static void set_cursor(struct page *p, const char *tenant, unsigned long long items)
{
    if (p->end <= items)
        p->cursor = cursor_json(tenant, p->end - 1, knob_is(K_API_CURSOR, "object"));
    else if (knob_is(K_API_CURSOR, "null-last"))
        p->cursor = need(strdup("null"));
    if (knob_is(K_API_CURSOR, "repeat")) {
        free(p->cursor);
        p->cursor = cursor_json(tenant, 1, false);
    }
}

void page_answer(const struct request *r, struct answer *a, const char *tenant, bool bare)
{
    long long items = knob_number(K_API_ITEMS), size = knob_number(K_API_PAGE);
    unsigned long long start = 0;
    char *key = bare ? NULL : form_param(r->query, "exclusiveStartKey");
    bool bad = key && !(start = cursor_place(tenant, key));
    free(key);
    if (bad) {
        answer_text(a, 400, "application/json", "{\"message\":\"Invalid exclusiveStartKey\"}");
        return;
    }
    items = items < 0 ? 0 : items;
    size = bare ? items : size < 1 ? 1 : size;
    struct page *p = need(calloc(1, sizeof *p));
    p->first = p->next = start + 1;
    p->end = start + (unsigned long long)size < (unsigned long long)items
                 ? start + (unsigned long long)size + 1
                 : (unsigned long long)items + 1;
    if (p->end < p->first)
        p->end = p->first;
    p->bare = bare;
    p->tenant = json_text(tenant);
    p->fields = wanted_fields(r);
    if (!bare)
        set_cursor(p, tenant, (unsigned long long)items);
    a->type = "application/json";
    if (p->end - p->first > WHOLE_PAGE) {
        a->reader = read_page;
        a->reader_cls = p;
        a->reader_free = page_free;
        a->reader_size = MHD_SIZE_UNKNOWN;
        return;
    }
    size_t room = (size_t)(p->end - p->first) * 400 + strlen(p->tenant) * WHOLE_PAGE + PIECE_MAX;
    a->body = need(malloc(room));
    a->body_len = (size_t)read_page(p, 0, a->body, room);
    page_free(p);
}

void page_answer_one(const struct request *r, struct answer *a, const char *tenant, const char *id)
{
    char *quoted = json_text(id);
    struct page *p = need(calloc(1, sizeof *p));
    p->tenant = json_text(tenant);
    p->fields = wanted_fields(r);
    put_item(p, quoted, !strncmp(id, "c-", 2) ? strtoull(id + 2, NULL, 10) : 0);
    answer_text(a, 200, "application/json", "%.*s", (int)p->len, p->piece);
    page_free(p);
    free(quoted);
}
