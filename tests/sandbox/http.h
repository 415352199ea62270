#ifndef SANDBOX_HTTP_H
#define SANDBOX_HTTP_H

/*
 * The two listeners, one plain and one TLS, and the way answers leave them.
 *
 * A handler gets a whole request, fills an answer, and never touches a socket. This room bounds
 * what comes in (16 MiB of body, 64 KiB of header), adds Date from the sandbox's clock, and sends
 * the answer as told: whole, cut, byte by byte, or never. One thread a connection, so waiting is
 * free.
 */

#include "knobs.h"

#include <jansson.h>
#include <microhttpd.h>

enum { SEGMENTS_MAX = 12, HEADERS_MAX = 12 };

struct request {
    struct MHD_Connection *connection;
    const char *method;
    char *target; /* as it stood in the request line */
    char *path;   /* the copy that segment[] points into */
    char *segment[SEGMENTS_MAX];
    size_t segments;   /* 0 if there were too many */
    const char *query; /* not decoded; "" if there is none */
    char *body;        /* a NUL stands behind it; never NULL in a handler */
    size_t body_len, body_room;
    bool https, too_big, started;
};

enum manner { WHOLE, CUT, DRIP, HANG, CLOSE };

struct answer {
    unsigned status;
    const char *type;
    char *body;
    size_t body_len;
    struct {
        const char *name;
        char *value;
    } header[HEADERS_MAX];
    size_t headers;
    enum manner manner;
    MHD_ContentReaderCallback reader; /* instead of body, if set */
    MHD_ContentReaderFreeCallback reader_free;
    void *reader_cls;
    uint64_t reader_size;
};

/* Listen on 127.0.0.1; *port 0 means any and is set to what it became. 0, or -1 and a message. */
int http_start(unsigned *port, unsigned *https_port, const char *key_pem, const char *cert_pem,
               void (*handle)(struct request *, struct answer *));
void http_stop(void);

/* Is text the address of one of the listeners with a final slash, as an issuer has it? */
bool http_is_own_issuer(const char *text);

/* The issuer that this request came to, "http://127.0.0.1:8080/"; for the caller to free. */
char *http_issuer(const struct request *r);

/* A header's value, or NULL. Valid as long as the request. */
const char *http_header(const struct request *r, const char *name);

/* Undo %XX (and + if plus) in place. */
void http_decode(char *text, bool plus);

/* Percent-encode all but the unreserved (RFC 3986, 2.3); for the caller to free. */
char *http_encode(const char *text);

/* The decoded value of a form field or query parameter, or NULL; for the caller to free. */
char *http_param(const char *form, const char *name);

/* Wait; false if the sandbox is ending. */
bool nap_ms(long long ms);

void answer_text(struct answer *a, unsigned status, const char *type, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Takes over json; NULL (what jansson makes of bytes that are not UTF-8) is answered with 400. */
void answer_json(struct answer *a, unsigned status, json_t *json);
void answer_header(struct answer *a, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Retry-After from its knob, as seconds or as a date. */
void answer_retry_after(struct answer *a, bool as_date);

/*
 * Carry out a fault from FAULTS. True: the answer is done. False: go on and make an answer (the
 * name is none of these, or the fault lies in how that answer will be sent).
 */
bool fault_apply(const struct request *r, struct answer *a, const char *name);

#endif
