#ifndef RHYTHM_PAGES_RUN_H
#define RHYTHM_PAGES_RUN_H

#include <signal.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "net/http.h"
#include "pages/items.h"

/*
 * run: what many requests on one connection have in common, whether they bring the pages of a list
 * (pages/pager.h) or a record for each line of a file (pages/calls.h). It is told
 *
 *     url=            already judged: the token may go there
 *     authorization=  the header line; it asks for another with ask=token, once a minute and when a
 *                     request is answered by 401, and rhythm-token answers with authorization=
 *     method=         GET or POST; POST sends body= with every request
 *     header=         any number of lines
 *     max=N           the end, after N items
 *     start_key=      where to begin
 *     retries=N       of one request, 3 by default
 *     progress=yes    on standard error
 *     error_dir=      a directory for what the caller is to know besides the status; see below
 *
 * In error_dir it leaves begun, as soon as something may be written; of a refusal headers (the status
 * line and the header lines), body, the token blotted out of both, and url.
 *
 * What one request brings is written whole or not at all, and counts when all of it was taken: so the
 * run can be taken up again. If that may help, the place is left as start_key ("": from the
 * beginning), and with a max, as left, how many items are missing.
 *
 * Never: a redirect followed, a write sent twice (429 excepted), more memory for more requests.
 */
enum {
    STATUS_HTTP = 22,   /* the API answered 400 or more */
    STATUS_SIGNAL = 128 /* and the signal's number, as in a shell */
};

struct run {
    const char *error_dir; /* "": nowhere */
    const char *target;    /* url= */
    const char *unit;      /* what a request is for: "page", "line" */
    const char **headers;  /* all lines of a request; the first is the Authorization */
    int header_count;
    long long max; /* LLONG_MAX: all */
    long long retries;
    int shows_progress;
    int is_post;
    int is_read; /* no harm in sending a request twice */

    long long number;   /* of the page or line in hand; the caller's, as is key */
    struct buffer key;  /* where the run can be taken up again */
    int is_stuck;       /* nothing is gained by that */
    long long done;     /* requests, whatever became of them */
    long long items_put;

    struct http_answer answer; /* the last one */
    struct http_answer coming; /* to the request that was sent ahead */
    struct items items;        /* for what was cut out of an answer */

    struct http http;
    struct http_request request;
    struct buffer authorization;
    struct buffer body;
    long long token_at_ms;
    long long begun_ms;
    long long shown_ms;
    int is_ahead;    /* a request was sent ahead */
    int tries;       /* of this request that failed */
    int token_again; /* it was answered by 401 once */
};

/*
 * Begins one as the request says. STATUS_OK; or, reported, STATUS_USAGE (a header) or
 * STATUS_CANNOT_CREATE. It is ended with run_end in either case.
 */
int run_begin(struct run *run, const struct attributes *request, const char *unit);

/* The signal that asked for the end, or 0. Its place, for those who wait elsewhere. */
int run_stopped(void);
const volatile sig_atomic_t *run_stop(void);

/*
 * Has url answered, again and again if that may help. STATUS_OK: run->answer is it, with a status
 * below 300. STATUS_HTTP: it is a refusal, and nothing was said of it. STATUS_SIGNAL and the number
 * after a signal. Or, reported, STATUS_UNAVAILABLE or STATUS_PROTOCOL.
 */
int run_fetch(struct run *run, const char *url);

/*
 * Sends the request for url, which run_fetch is called with next, while the answer in hand is still
 * worked on. It must stay until then, or until run_forget, which is for one that nobody wants. Sent
 * is nothing that changes something, nothing after a Retry-After or another failure, and nothing
 * that needs a new token; that comes with run_fetch, as does whatever goes wrong.
 */
void run_ahead(struct run *run, const char *url);
void run_forget(struct run *run);

/* Leaves the refusal in run->answer for the caller to report. STATUS_HTTP; or, reported, as run_begin. */
int run_refused(struct run *run, const char *url);

/* Reports that the answer is no good; what completes "the answer ...". STATUS_PROTOCOL. */
int run_reject(const struct run *run, const char *what);

/*
 * Writes run->items to standard output, whole. STATUS_OK; 128 + SIGPIPE; or, reported,
 * STATUS_CANNOT_CREATE, after what was written of them has been taken back, where that is possible.
 */
int run_put(struct run *run);

/* A request is done with: counts it, and shows progress. */
void run_count(struct run *run);

/* After the last request: leaves the place if the run is to be taken up again. Returns status. */
int run_finish(struct run *run, int status);

void run_end(struct run *run);

#endif
