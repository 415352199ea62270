#ifndef RHYTHM_NET_HTTP_H
#define RHYTHM_NET_HTTP_H

#include <signal.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "net/certificates.h"

/*
 * http: the one room that includes <curl/curl.h>.
 *
 * A struct http is one connection, kept alive from request to request. Requests have a time limit
 * and answers a size limit, redirects are not followed, certificates are always checked, and plain
 * HTTP (loopback only) bypasses proxies. Nothing is ever repeated here.
 *
 *     WIPED_BY(http_close) struct http http = http_for(request);
 *     WIPED_BY(http_answer_wipe) struct http_answer answer = {0};
 *     result = http_perform(&http, &request, &answer);
 *
 * Or http_begin sends a request, the caller does something else, and http_finish takes the answer or
 * http_cancel abandons it. One request at a time.
 */

enum http_result {
    HTTP_ANSWERED,
    HTTP_UNSENT,  /* DNS, connection or proxy: the request never left */
    HTTP_TLS,     /* no secure connection: the request never left */
    HTTP_LOST,    /* it left, but no whole answer came back */
    HTTP_TOO_BIG  /* the answer exceeded the limit */
};

struct http_request {
    const char *url;
    const struct buffer *body;  /* of a POST; NULL: a GET */
    const char *const *headers; /* whole lines, ended by NULL; may be NULL */
    size_t answer_max;          /* bytes */
    const volatile sig_atomic_t *stop; /* NULL; or set to not 0 to end the request */
};

struct http_answer {
    long status;
    void *easy; /* libcurl's handle of the request, which keeps the headers too */
    struct buffer headers; /* of the last header block, lines ended by \n */
    struct buffer body;
    struct buffer error; /* why there is no answer, for a message */
    const char *remedy;  /* what to do about that; NULL: it depends on the request */
};

struct http {
    struct certificates certificates;
    long timeout_s; /* for one request */
    void *multi;    /* libcurl's handle of the connection; what follows belongs to the last request */
    void *easy;     /* that of the request in progress, or NULL */
    void *lines;    /* its headers */
    int code;       /* its CURLcode */
    char error[256];
    const struct http_request *request;
    struct http_answer *answer;
    int is_too_big;
};

/* One with the timeout= (seconds) and ca_bundle= of the request, which it points into. */
struct http http_for(const struct attributes *request);

/* Makes one request. The answer's buffers are emptied first and belong to the caller. */
enum http_result http_perform(struct http *http, const struct http_request *request,
                              struct http_answer *answer);

/*
 * Sends a request without waiting for anything. Request and answer must exist until http_finish,
 * which waits and returns what http_perform would, or until http_cancel, which costs the connection.
 */
void http_begin(struct http *http, const struct http_request *request, struct http_answer *answer);
enum http_result http_finish(struct http *http);
void http_cancel(struct http *http);

/* The value of a header (case-insensitive), appended to value. 1 if there was one, else 0. */
int http_header(const struct http_answer *answer, const char *name, struct buffer *value);

/*
 * How long the answer asks to wait (Retry-After, RFC 9110, section 10.2.3), in seconds, never
 * negative. A date counts from the answer's own Date, so that our clock does not matter. -1 if it
 * does not ask.
 */
long long http_retry_after_s(const struct http_answer *answer);

/*
 * If the hashed directory was enough, puts it as ca_directory= and one certificate in it as ca_file=:
 * curl(1) needs both to do without the bundle.
 */
void http_put_certificates(const struct http *http, struct buffer *answer);

void http_answer_wipe(struct http_answer *answer); /* not while its request is in progress */
void http_close(struct http *http);

#endif
