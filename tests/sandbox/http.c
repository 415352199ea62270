#define _GNU_SOURCE /* POLLRDHUP */
#include "answer.h"
#include "form.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <time.h>

enum { BODY_MAX = 16 << 20, HEAD_MAX = 64 << 10 };

/* The same two ports on 127.0.0.1 and on ::1, and another host for results. */
static struct listener {
    struct MHD_Daemon *daemon;
    bool tls, six, results;
    _Atomic unsigned port;
} listeners[] = {{.tls = false},
                 {.tls = true},
                 {.tls = false, .six = true},
                 {.tls = true, .six = true},
                 {.results = true}};
enum { PLAIN, TLS, PLAIN6, TLS6, RESULTS, LISTENERS, TRIES = 20 };

static const char *key_pem, *cert_pem;
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

const char *http_header(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

char *http_issuer(const struct request *r)
{
    const char *host = http_header(r, "Host");
    char own[32], issuer[300];
    snprintf(own, sizeof own, "127.0.0.1:%u", http_port(r->https));
    if (!host || !*host || strlen(host) > 255 ||
        strspn(host, "abcdefghijklmnopqrstuvwxyz"
                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                     "0123456789.-:[]") != strlen(host))
        host = own;
    snprintf(issuer, sizeof issuer, "http%s://%s/", r->https ? "s" : "", host);
    return need(strdup(issuer));
}

unsigned http_port(bool https)
{
    return listeners[https ? TLS : PLAIN].port;
}

unsigned http_results_port(void)
{
    return listeners[RESULTS].port;
}

bool http_is_own_issuer(const char *text)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]"};
    for (int i = 0; i < 6; i++) {
        char own[64];
        snprintf(own, sizeof own, "http%s://%s:%u/", i & 1 ? "s" : "", hosts[i / 2],
                 http_port(i & 1));
        if (!strcmp(text, own))
            return true;
    }
    return false;
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
        form_decode(at, false);
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

/* A connection is counted at its first request that is not for the sandbox itself. */
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
        r->https = ((struct listener *)cls)->tls;
        r->results = ((struct listener *)cls)->results;
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
        rc = answer_send(c, &a);
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

/* Any port if it is 0. 0, or -1 and errno. */
static int start(struct listener *l, unsigned port)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    six.sin6_addr = in6addr_loopback;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (l->results ? 1 : 0));
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_end, NULL},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_target, NULL},
        {MHD_OPTION_SOCK_ADDR, 0, l->six ? (void *)&six : (void *)&four},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_MAX, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, 1000, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, 600, NULL},
        {MHD_OPTION_LISTEN_BACKLOG_SIZE, 512, NULL},
        {MHD_OPTION_THREAD_STACK_SIZE, 512 << 10, NULL},
        {l->tls ? MHD_OPTION_HTTPS_MEM_KEY : MHD_OPTION_END, 0, (void *)(uintptr_t)key_pem},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)cert_pem},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                     MHD_USE_POLL | MHD_USE_SUPPRESS_DATE_NO_CLOCK | (l->tls ? MHD_USE_TLS : 0) |
                     (l->six ? MHD_USE_IPv6 : 0);
    errno = 0;
    l->daemon = MHD_start_daemon(flags, (uint16_t)port, NULL, NULL, on_request, l, MHD_OPTION_ARRAY,
                                 options, MHD_OPTION_END);
    if (!l->daemon)
        return -1;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_BIND_PORT);
    l->port = need((void *)(uintptr_t)info) ? info->port : 0;
    return 0;
}

static void stop(struct listener *l)
{
    if (l->daemon)
        MHD_stop_daemon(l->daemon);
    l->daemon = NULL;
}

/* One port on both loopback addresses; if any will do, one that is free on both. A machine without
 * IPv6 has only one address. */
static int start_pair(int which, unsigned *port)
{
    struct listener *four = &listeners[which], *six = &listeners[which + PLAIN6];
    for (int i = 0; i < TRIES; i++) {
        if (start(four, *port))
            break;
        if (start(six, four->port) == 0 || errno != EADDRINUSE) {
            *port = four->port;
            return 0;
        }
        stop(four);
        errno = EADDRINUSE;
        if (*port)
            break;
    }
    fprintf(stderr, "rhythm-sandbox: cannot listen on port %u of 127.0.0.1 and ::1: %s\n", *port,
            strerror(errno));
    return -1;
}

int http_start(unsigned *port, unsigned *https_port, const char *key, const char *cert,
               void (*handle)(struct request *, struct answer *))
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 4096) {
        files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    handler = handle;
    key_pem = key;
    cert_pem = cert;
    if (start_pair(PLAIN, port) || start_pair(TLS, https_port)) {
        http_stop();
        return -1;
    }
    if (start(&listeners[RESULTS], 0)) {
        fprintf(stderr, "rhythm-sandbox: cannot listen on 127.0.0.2: %s\n", strerror(errno));
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
    for (int i = 0; i < LISTENERS; i++)
        stop(&listeners[i]);
}
