#ifndef SANDBOX_HTTP_H
#define SANDBOX_HTTP_H

/*
 * The listeners and their requests: one plain port and one with TLS, both on 127.0.0.1 and ::1, and
 * one on 127.0.0.2, the other host, for results.
 *
 * A handler gets a whole request, fills an answer (answer.h), and never touches a socket. This room
 * limits requests to 16 MiB of body and 64 KiB of header. There is one thread per connection, so a
 * handler may wait.
 */

#include "knobs.h"

#include <jansson.h>
#include <microhttpd.h>

enum { SEGMENTS_MAX = 12 };

struct request {
    struct MHD_Connection *connection;
    const char *method;
    char *target; /* as in the request line */
    char *path;   /* the copy that segment[] points into */
    char *segment[SEGMENTS_MAX];
    size_t segments;   /* 0 if there were too many */
    const char *query; /* not decoded; "" if there is none */
    char *body;        /* followed by a NUL; never NULL in a handler */
    size_t body_len, body_room;
    bool https, results, too_big, started;
};

struct answer; /* answer.h */

/* Listen; *port 0 means any, and is set to the port chosen. 0, or -1 and a message. key and cert are
 * PEM, and are needed until http_stop(). */
int http_start(unsigned *port, unsigned *https_port, const char *key, const char *cert,
               void (*handle)(struct request *, struct answer *));
void http_stop(void);

/* The port of a listener. */
unsigned http_port(bool https);
unsigned http_results_port(void);

/* Is text the address of one of the listeners with a final slash, as in iss? */
bool http_is_own_issuer(const char *text);

/* The issuer that this request came to, "http://127.0.0.1:8080/"; for the caller to free. */
char *http_issuer(const struct request *r);

/* A header's value, or NULL. Valid as long as the request. */
const char *http_header(const struct request *r, const char *name);

/* Wait; false if the sandbox is ending. */
bool nap_ms(long long ms);

#endif
