#define _GNU_SOURCE /* POLLRDHUP */
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <time.h>

enum { BODY_MAX = 16 << 20, HEAD_MAX = 64 << 10, BLOCK = 64 << 10 };

static struct MHD_Daemon *daemons[2];
static _Atomic unsigned ports[2];
static void (*handler)(struct request *, struct answer *);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ending = PTHREAD_COND_INITIALIZER;
static bool ended;

bool nap_ms(long long ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    long long ns = until.tv_nsec + ms % 1000 * 1000000;
    until.tv_sec += (time_t)(ms / 1000 + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    pthread_mutex_lock(&lock);
    while (ms > 0 && !ended && pthread_cond_timedwait(&ending, &lock, &until) != ETIMEDOUT)
        ;
    bool go_on = !ended;
    pthread_mutex_unlock(&lock);
    return go_on;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'W'
                                                : -1;
}

void http_decode(char *text, bool plus)
{
    char *out = text;
    for (const char *in = text; *in; in++)
        if (*in == '%' && hex(in[1]) >= 0 && hex(in[2]) >= 0) {
            *out++ = (char)(hex(in[1]) << 4 | hex(in[2]));
            in += 2;
        } else {
            *out++ = plus && *in == '+' ? ' ' : *in;
        }
    *out = '\0';
}

char *http_encode(const char *text)
{
    char *encoded = need(malloc(3 * strlen(text) + 1)), *out = encoded;
    for (; *text; text++)
        if (strchr("-._~", *text) || (*text >= '0' && *text <= '9') ||
            ((*text | 32) >= 'a' && (*text | 32) <= 'z'))
            *out++ = *text;
        else
            out += sprintf(out, "%%%02X", (unsigned char)*text);
    *out = '\0';
    return encoded;
}

char *http_param(const char *form, const char *name)
{
    for (size_t len; *form; form += len + (form[len] == '&')) {
        len = strcspn(form, "&");
        size_t key_len = strcspn(form, "=&");
        char *key = need(strndup(form, key_len));
        http_decode(key, true);
        bool found = strcmp(key, name) == 0;
        free(key);
        if (!found)
            continue;
        char *value =
            need(strndup(form + key_len + (key_len < len), len - key_len - (key_len < len)));
        http_decode(value, true);
        return value;
    }
    return NULL;
}

const char *http_header(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

char *http_issuer(const struct request *r)
{
    const char *host = http_header(r, "Host");
    char own[32], issuer[300];
    snprintf(own, sizeof own, "127.0.0.1:%u", ports[r->https]);
    if (!host || !*host || strlen(host) > 255 ||
        strspn(host, "abcdefghijklmnopqrstuvwxyz"
                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                     "0123456789.-:[]") != strlen(host))
        host = own;
    snprintf(issuer, sizeof issuer, "http%s://%s/", r->https ? "s" : "", host);
    return need(strdup(issuer));
}

bool http_is_own_issuer(const char *text)
{
    for (int i = 0; i < 4; i++) {
        char own[64];
        snprintf(own, sizeof own, "http%s://%s:%u/", i & 1 ? "s" : "",
                 i & 2 ? "localhost" : "127.0.0.1", ports[i & 1]);
        if (!strcmp(text, own))
            return true;
    }
    return false;
}

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
    if (!a->body) { /* the request put something into it that is not UTF-8 */
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
                      ports[r->https]);
    free(to);
}

bool fault_apply(const struct request *r, struct answer *a, const char *name)
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

/* Half of the body, then the connection's end; or a byte at a time. cls is the answer's own body.
 */
struct slow {
    char *body;
    size_t len;
    bool cut;
};

static ssize_t read_slow(void *cls, uint64_t pos, char *buf, size_t max)
{
    const struct slow *s = cls;
    if (s->cut && pos >= s->len / 2)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t left = (s->cut ? s->len / 2 : s->len) - (size_t)pos;
    size_t n = !s->cut && max > 1 ? 1 : max;
    if (!s->cut && !nap_ms(knob_number(K_DRIP_MS)))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    n = n < left ? n : left;
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
    *s = (struct slow){a->body, a->body_len, a->manner == CUT};
    a->body = NULL;
    a->reader = read_slow;
    a->reader_cls = s;
    a->reader_free = free_slow;
    a->reader_size = s->len;
}

/* Until the client gives up or the sandbox ends. */
static void hang(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct pollfd fd = {.fd = info ? info->connect_fd : -1, .events = POLLRDHUP};
    while (nap_ms(100) && poll(&fd, 1, 0) == 0)
        ;
}

static enum MHD_Result send_answer(struct MHD_Connection *c, struct answer *a)
{
    char date[40];
    http_date(sandbox_now(), date);
    if ((a->manner == CUT || a->manner == DRIP) && a->body)
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
    enum MHD_Result rc = MHD_queue_response(c, a->status, response);
    MHD_destroy_response(response);
    return rc;
}

static void split(struct request *r)
{
    size_t path_len = strcspn(r->target, "?");
    r->query = r->target + path_len + (r->target[path_len] == '?');
    r->path = need(strndup(r->target, path_len));
    for (char *at = r->path + (*r->path == '/'); at;) {
        char *slash = strchr(at, '/');
        if (slash)
            *slash++ = '\0';
        if (r->segments == SEGMENTS_MAX) {
            r->segments = 0;
            return;
        }
        http_decode(at, false);
        r->segment[r->segments++] = at;
        at = slash;
    }
}

static void *on_target(void *cls, const char *target, struct MHD_Connection *c)
{
    (void)cls, (void)c;
    struct request *r = need(calloc(1, sizeof *r));
    r->target = need(strdup(target));
    split(r);
    return r;
}

static void keep(struct request *r, const char *bytes, size_t len)
{
    r->too_big = r->too_big || len > BODY_MAX - r->body_len;
    if (r->too_big)
        return;
    if (r->body_len + len >= r->body_room) {
        r->body_room = 2 * (r->body_len + len) + 64;
        r->body = need(realloc(r->body, r->body_room));
    }
    memcpy(r->body + r->body_len, bytes, len);
    r->body_len += len;
}

/* A connection counts from its first request that is not about the sandbox itself. */
static void count_connection(struct request *r)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    bool *seen = info ? info->socket_context : NULL;
    if (!seen || *seen || (r->segments && !strcmp(r->segment[0], "_sandbox")))
        return;
    *seen = true;
    count(C_CONNECTIONS);
}

static void on_connection(void *cls, struct MHD_Connection *c, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    (void)cls, (void)c;
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        *context = need(calloc(1, sizeof(bool)));
    else
        free(*context);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_len, void **context)
{
    (void)url, (void)version;
    struct request *r = *context;
    if (!r->started) {
        r->started = true;
        r->connection = c;
        r->method = method;
        r->https = cls != NULL;
        return MHD_YES;
    }
    if (*upload_len) {
        keep(r, upload, *upload_len);
        *upload_len = 0;
        return MHD_YES;
    }
    keep(r, "", 0);
    r->body[r->body_len] = '\0';
    count_connection(r);
    struct answer a = {.status = 200};
    if (r->too_big)
        answer_text(&a, 413, "application/json", "{\"message\":\"Request Too Long\"}");
    else
        handler(r, &a);
    enum MHD_Result rc = MHD_NO;
    if (a.manner == HANG)
        hang(c);
    else if (a.manner != CLOSE)
        rc = send_answer(c, &a);
    if (a.manner == HANG || a.manner == CLOSE)
        free(a.body);
    for (size_t i = 0; i < a.headers; i++)
        free(a.header[i].value);
    return rc;
}

static void on_end(void *cls, struct MHD_Connection *c, void **context,
                   enum MHD_RequestTerminationCode why)
{
    (void)cls, (void)c, (void)why;
    struct request *r = *context;
    if (!r)
        return;
    free(r->target);
    free(r->path);
    free(r->body);
    free(r);
    *context = NULL;
}

static int listen_on(bool tls, unsigned *port, const char *key_pem, const char *cert_pem)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_end, NULL},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_target, NULL},
        {MHD_OPTION_SOCK_ADDR, 0, &at},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_MAX, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, 1000, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, 600, NULL},
        {MHD_OPTION_LISTEN_BACKLOG_SIZE, 512, NULL},
        {MHD_OPTION_THREAD_STACK_SIZE, 512 << 10, NULL},
        {tls ? MHD_OPTION_HTTPS_MEM_KEY : MHD_OPTION_END, 0, (void *)(uintptr_t)key_pem},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)cert_pem},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                     MHD_USE_POLL | MHD_USE_SUPPRESS_DATE_NO_CLOCK | (tls ? MHD_USE_TLS : 0);
    daemons[tls] =
        MHD_start_daemon(flags, (uint16_t)*port, NULL, NULL, on_request, tls ? &daemons[1] : NULL,
                         MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    if (!daemons[tls]) {
        fprintf(stderr, "rhythm-sandbox: cannot listen on 127.0.0.1:%u: %s\n", *port,
                strerror(errno));
        return -1;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemons[tls], MHD_DAEMON_INFO_BIND_PORT);
    ports[tls] = *port = need((void *)(uintptr_t)info) ? info->port : 0;
    return 0;
}

int http_start(unsigned *port, unsigned *https_port, const char *key_pem, const char *cert_pem,
               void (*handle)(struct request *, struct answer *))
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 4096) {
        files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    handler = handle;
    if (listen_on(false, port, NULL, NULL) || listen_on(true, https_port, key_pem, cert_pem)) {
        http_stop();
        return -1;
    }
    return 0;
}

void http_stop(void)
{
    pthread_mutex_lock(&lock);
    ended = true;
    pthread_cond_broadcast(&ending);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < 2; i++) {
        if (daemons[i])
            MHD_stop_daemon(daemons[i]);
        daemons[i] = NULL;
    }
}
