#ifndef RHYTHM_PAGES_RUN_H
#define RHYTHM_PAGES_RUN_H

#include <signal.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "net/http.h"
#include "pages/items.h"

/*
 * run: many requests on one connection, for the pages of a list (pages/pager.h) or for a record per
 * line of a file (pages/calls.h). Its request has
 *
 *     url=            the caller has checked that the token may be sent there
 *     authorization=  the header line; once a minute, and when a request is answered with 401, the run
 *                     sends ask=token, and rhythm-token answers with authorization=
 *     method=         GET or POST; POST sends body= with every request
 *     header=         any number of lines
 *     max=N           end after N items
 *     start_key=      where to begin
 *     retries=N       per request, 3 by default
 *     progress=yes    show progress on standard error
 *     source=         where the lines come from, for messages
 *     error_dir=      a directory for what the caller needs besides the status; see below
 *
 * In error_dir it writes begun, before anything is written to standard output; and after a refusal
 * headers (the status line and the header lines), body, both with the token blotted out, and url.
 *
 * The items of one response are written whole or not at all, and count only when all are written: so
 * the run can be resumed. If resuming may help, it writes start_key, the place ("": the beginning),
 * and, with a max, left, the number of items that are missing.
 *
 * It never follows a redirect, never sends a write twice (except after 429), and never needs more
 * memory for more requests.
 */
enum {
    STATUS_HTTP = 22,   /* the API answered 400 or more */
    STATUS_SIGNAL = 128 /* plus the signal's number, as in a shell */
};

struct run {
    const char *error_dir; /* "": none */
    const char *target;    /* url= */
    const char *unit;      /* what one request gets, for messages: "page", "line" */
    const char *source;    /* of the lines; "": not named */
    const char *url;       /* of the current page or line; may end before the run does */
    const char **headers;  /* all header lines of a request; the first is Authorization */
    int header_count;
    long long max; /* LLONG_MAX: all */
    long long retries;
    int shows_progress;
    int is_post;
    int is_read; /* a request can be sent twice without harm */

    long long number;   /* of the current page or line; the caller sets it and key */
    struct buffer key;  /* where the run can be resumed */
    int is_stuck;       /* resuming would not help */
    long long done;     /* requests, failed or not */
    long long items_put;

    struct http_answer answer; /* the last one */
    struct http_answer coming; /* of the request that was sent ahead */
    struct items items;        /* cut out of the last answer */

    struct http http;
    struct http_request request;
    struct buffer authorization;
    struct buffer body;
    struct buffer place; /* run_place's text */
    long long token_at_ms;
    long long begun_ms;
    long long shown_ms;
    int is_ahead;    /* a request was sent ahead */
    int tries;       /* failed ones of this request */
    int was_unauthorized; /* it was answered with 401, and made again */
};

/*
 * Sets up a run. STATUS_OK; or, reported, STATUS_USAGE (a header) or STATUS_CANNOT_CREATE. Call
 * run_end in either case.
 */
int run_begin(struct run *run, const struct attributes *request, const char *unit);

/* The signal that asked for the end, or 0; and its address, for rooms that wait by themselves. */
int run_stopped(void);
const volatile sig_atomic_t *run_stop(void);

/*
 * Requests url, with retries if they may help. STATUS_OK: run->answer has a status below 300.
 * STATUS_HTTP: it is a refusal, which is not reported. STATUS_SIGNAL plus the number after a signal.
 * Or, reported, STATUS_UNAVAILABLE or STATUS_PROTOCOL.
 */
int run_fetch(struct run *run, const char *url);

/*
 * Sends the request for url, the next argument of run_fetch, while the caller still uses the current
 * answer. url must exist until then, or until run_forget, which cancels it. It sends nothing if the
 * request changes something, after a Retry-After or another failure, or if a new token is due:
 * run_fetch sends it then. Errors too appear only in run_fetch.
 */
void run_ahead(struct run *run, const char *url);
void run_forget(struct run *run);

/* Writes the refusal in run->answer to error_dir. STATUS_HTTP; or, reported, STATUS_CANNOT_CREATE. */
int run_refused(struct run *run, const char *url);

/* The current page or line, for a message, until the next call: "page 2", "line 7 of ids". */
static inline const char *run_place(struct run *run)
{
    buffer_truncate(&run->place, 0);
    buffer_printf(&run->place, "%s %lld%s%s", run->unit, run->number, *run->source ? " of " : "",
                  run->source);
    return run->place.bytes;
}

static inline const char *run_method(const struct run *run)
{
    return run->is_post ? "POST" : "GET";
}

/*
 * Reports an unusable response; what completes "the response ..." and ends in what to do.
 * STATUS_PROTOCOL.
 */
int run_reject(struct run *run, const char *what);

/*
 * Writes run->items to standard output, whole. STATUS_OK; 128 + SIGPIPE; or, reported,
 * STATUS_CANNOT_CREATE, after removing the part that was written, if possible.
 */
int run_put(struct run *run);

/* Counts a finished request, and shows progress. */
void run_count(struct run *run);

/* After the last request: writes the place if the run can be resumed. Returns status. */
int run_finish(struct run *run, int status);

void run_end(struct run *run);

#endif
