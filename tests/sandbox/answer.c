#define _GNU_SOURCE /* vasprintf */
#include "answer.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 64 << 10 };

static char *print(const char *format, va_list args)
{
    char *text;
    return vasprintf(&text, format, args) < 0 ? need(NULL) : text;
}

void answer_text(struct answer *a, unsigned status, const char *type, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    free(a->body);
    a->body = print(format, args);
    va_end(args);
    a->status = status;
    a->type = type;
    a->body_len = strlen(a->body);
}

void answer_json(struct answer *a, unsigned status, json_t *json)
{
    free(a->body);
    a->body = json ? json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    if (!a->body) { /* the request contains bytes that are not UTF-8 */
        a->body = need(strdup("{\"message\":\"Invalid UTF-8\"}"));
        status = 400;
    }
    a->status = status;
    a->type = "application/json";
    a->body_len = strlen(a->body);
    json_decref(json);
}

void answer_header(struct answer *a, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (a->headers < HEADERS_MAX) {
        a->header[a->headers].name = name;
        a->header[a->headers++].value = print(format, args);
    }
    va_end(args);
}

static void http_date(long long when, char date[40])
{
    time_t t = (time_t)when;
    struct tm tm;
    if (!gmtime_r(&t, &tm) || !strftime(date, 40, "%a, %d %b %Y %H:%M:%S GMT", &tm))
        *date = '\0';
}

void answer_retry_after(struct answer *a, bool as_date)
{
    char date[40];
    http_date(sandbox_now() + knob_number(K_RETRY_AFTER), date);
    if (as_date)
        answer_header(a, "Retry-After", "%s", date);
    else
        answer_header(a, "Retry-After", "%lld", knob_number(K_RETRY_AFTER));
}

/* A JSON object of any size: {"pad":"aaa..."} */
static ssize_t read_huge(void *cls, uint64_t pos, char *buf, size_t max)
{
    static const char head[] = "{\"pad\":\"";
    uint64_t size = *(uint64_t *)cls;
    size_t n = size - pos < max ? (size_t)(size - pos) : max;
    memset(buf, 'a', n);
    for (uint64_t p = pos; p < sizeof head - 1 && p < pos + n; p++)
        buf[p - pos] = head[p];
    if (pos + n == size && n > 0)
        buf[n - 1] = '}';
    if (pos <= size - 2 && pos + n > size - 2)
        buf[size - 2 - pos] = '"';
    return (ssize_t)n;
}

static void make_huge(struct answer *a)
{
    long long size = knob_number(K_HUGE_BYTES);
    uint64_t *cls = need(malloc(sizeof *cls));
    *cls = size < 16 ? 16 : (uint64_t)size;
    a->status = 200;
    a->type = "application/json";
    a->reader = read_huge;
    a->reader_cls = cls;
    a->reader_free = free;
    a->reader_size = *cls;
}

static void make_redirect(const struct request *r, struct answer *a)
{
    char *to = knob_text(K_REDIRECT_TO, NULL);
    answer_text(a, (unsigned)knob_number(K_REDIRECT_STATUS), "text/html", "Moved\n");
    if (*to)
        answer_header(a, "Location", "%s", to);
    else
        answer_header(a, "Location", "http%s://localhost:%u/_sandbox/landing", r->https ? "s" : "",
                      http_port(r->https));
    free(to);
}

bool answer_fault(const struct request *r, struct answer *a, const char *name)
{
    if (!strcmp(name, "not-json"))
        answer_text(a, 200, "text/html", "<!DOCTYPE html><title>Welcome</title>\n");
    else if (!strcmp(name, "empty"))
        answer_text(a, 200, "application/json", "%s", "");
    else if (!strcmp(name, "array"))
        answer_text(a, 200, "application/json", "[]");
    else if (!strcmp(name, "huge"))
        make_huge(a);
    else if (!strcmp(name, "redirect"))
        make_redirect(r, a);
    else if (!strcmp(name, "hang") || !strcmp(name, "close"))
        a->manner = *name == 'h' ? HANG : CLOSE;
    else if (!strcmp(name, "cut") || !strcmp(name, "drip"))
        return a->manner = *name == 'c' ? CUT : DRIP, false;
    else
        return false;
    return true;
}

/* A body of which half is sent, or one byte at a time, or all in chunks with a trailer. */
struct slow {
    char *body;
    size_t len;
    enum manner manner;
};

static ssize_t read_slow(void *cls, uint64_t pos, char *buf, size_t max)
{
    const struct slow *s = cls;
    size_t len = s->manner == CUT ? s->len / 2 : s->len;
    if (pos >= len)
        return s->manner == CUT ? MHD_CONTENT_READER_END_WITH_ERROR
                                : MHD_CONTENT_READER_END_OF_STREAM;
    size_t n = len - (size_t)pos < max ? len - (size_t)pos : max;
    if (s->manner == DRIP) {
        n = 1;
        if (!nap_ms(knob_number(K_DRIP_MS)))
            return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    memcpy(buf, s->body + pos, n);
    return (ssize_t)n;
}

static void free_slow(void *cls)
{
    free(((struct slow *)cls)->body);
    free(cls);
}

static void make_slow(struct answer *a)
{
    struct slow *s = need(malloc(sizeof *s));
    *s = (struct slow){a->body, a->body_len, a->manner};
    a->body = NULL;
    a->reader = read_slow;
    a->reader_cls = s;
    a->reader_free = free_slow;
    a->reader_size = a->trailers ? MHD_SIZE_UNKNOWN : s->len;
}

enum MHD_Result answer_send(struct MHD_Connection *c, struct answer *a)
{
    char date[40];
    http_date(sandbox_now(), date);
    if ((a->manner == CUT || a->manner == DRIP || a->trailers) && a->body)
        make_slow(a);
    struct MHD_Response *response =
        a->reader ? MHD_create_response_from_callback(a->reader_size, BLOCK, a->reader,
                                                      a->reader_cls, a->reader_free)
                  : MHD_create_response_from_buffer(a->body_len, a->body, MHD_RESPMEM_MUST_FREE);
    need(response);
    MHD_add_response_header(response, "Date", date);
    if (a->type)
        MHD_add_response_header(response, "Content-Type", a->type);
    for (size_t i = 0; i < a->headers; i++)
        MHD_add_response_header(response, a->header[i].name, a->header[i].value);
    if (a->trailers) {
        MHD_add_response_header(response, "Trailer", "X-Sandbox-Trailer");
        MHD_add_response_footer(response, "X-Sandbox-Trailer", "not a part of the body");
    }
    enum MHD_Result rc = MHD_queue_response(c, a->status, response);
    MHD_destroy_response(response);
    return rc;
}
