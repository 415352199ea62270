#include "pages/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/platform.h"
#include "base/text.h"

#define ANSWER_MAX (64u << 20)  /* bytes of one response */
#define TOKEN_SERVES_MS 60000   /* until rhythm-token is asked again */
#define TOKEN_WAIT_MS 600000    /* rhythm-token has limits of its own */
#define TOKEN_ANSWER_MAX (8u << 20)
#define BACKOFF_MAX_MS 30000
#define RETRY_AFTER_MAX_S 120 /* for a longer wait, end and report it */
#define PROGRESS_EVERY_MS 200

#define TLS_REMEDY "; if a proxy or a private CA is in between, set ca_bundle"
#define AGAIN (-1) /* not a status: make the request once more */

static volatile sig_atomic_t stop; /* the signal that asked for the end */

static void note_signal(int number)
{
    stop = number;
}

/* rhythm-token sends SIGTERM for any signal that ends it, and dies of that signal itself. */
static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = note_signal};

    sigaction(SIGTERM, &action, NULL);
}

/* Not only a signal: a rhythm-token that was killed could not send one. */
static int is_to_stop(void)
{
    if (!stop && attributes_peer_is_gone(STDIN_FILENO))
        stop = SIGTERM;
    return stop;
}

int run_stopped(void)
{
    return stop;
}

const volatile sig_atomic_t *run_stop(void)
{
    return &stop;
}

/* Waits, at most until a signal. */
static void nap_ms(long long ms)
{
    for (long long until_ms = clock_steady_ms() + ms; ms > 0 && !stop; ms = until_ms - clock_steady_ms())
        poll(NULL, 0, ms < 200 ? (int)ms : 200);
}

static int keep(const struct run *run, const char *name, const struct buffer *content)
{
    SCRATCH path = BUFFER_EMPTY;
    int is_kept;
    int fd;

    if (!*run->error_dir)
        return STATUS_OK;
    buffer_printf(&path, "%s/%s", run->error_dir, name);
    fd = open(path.bytes, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    is_kept = fd >= 0 && buffer_write(content, fd) == 0;
    if (fd >= 0 && close(fd) != 0)
        is_kept = 0;
    return is_kept ? STATUS_OK
                   : message_fail(STATUS_CANNOT_CREATE, "cannot write %s: %s", path.bytes,
                                  strerror(errno));
}

/* Writes where the run can be resumed, and for how many items. */
static int keep_place(const struct run *run)
{
    SCRATCH left = BUFFER_EMPTY;
    int status = keep(run, "start_key", &run->key);

    if (status != STATUS_OK || run->max == LLONG_MAX)
        return status;
    buffer_printf(&left, "%lld", run->max - run->items_put);
    return keep(run, "left", &left);
}

/* Puts *** for the token in text: a gateway may quote the header that it refuses. */
static void blot_out(const struct buffer *authorization, struct buffer *text)
{
    const char *token = strrchr(authorization->bytes, ' ') + 1;
    struct buffer old = *text;
    char *rest = old.bytes;
    char *end = rest + old.len;
    char *found;

    if (!old.len)
        return;
    *text = (struct buffer)BUFFER_EMPTY;
    while ((found = text_find(rest, (size_t)(end - rest), token, strlen(token))) != NULL) {
        buffer_append(text, rest, (size_t)(found - rest));
        buffer_puts(text, "***");
        rest = found + strlen(token);
    }
    buffer_append(text, rest, (size_t)(end - rest));
    buffer_wipe(&old);
}

int run_refused(struct run *run, const char *url)
{
    SCRATCH text = BUFFER_EMPTY;
    int status = keep(run, "headers", &run->answer.headers);

    buffer_puts(&text, url);
    if (status == STATUS_OK)
        status = keep(run, "body", &run->answer.body);
    if (status == STATUS_OK)
        status = keep(run, "url", &text);
    return status == STATUS_OK ? STATUS_HTTP : status;
}

/*
 * 1 if the request may be made again, after a wait; after_s is from http_retry_after_s. The policy is
 * that of --retries in the manual; get/refusal.sh does the same.
 */
static int wait_for_retry(struct run *run, const char *what, long long after_s)
{
    long long half_ms = (run->tries < 5 ? 1000LL << run->tries : BACKOFF_MAX_MS) / 2;
    long long wait_ms;
    uint32_t chance = 0;

    if (run->tries >= run->retries || after_s > RETRY_AFTER_MAX_S)
        return 0;
    platform_random(&chance, sizeof chance);
    wait_ms = after_s * 1000;
    if (after_s <= 0)
        wait_ms = half_ms + chance % half_ms; /* or all would be repeated at once */
    run->tries++;
    message_say(NORMAL, "%s; trying again in %lld.%lld s (%d of %lld)", what, wait_ms / 1000,
                 wait_ms % 1000 / 100, run->tries, run->retries);
    nap_ms(wait_ms);
    return 1;
}

/* Asks rhythm-token, at the other end of standard input, for a new token. */
static int ask_for_token(struct buffer *line)
{
    WIPED_BY(attributes_wipe) struct attributes answer = {0};
    SCRATCH question = BUFFER_EMPTY;

    kv_put(&question, "ask", "token");
    if (attributes_send(&question, STDIN_FILENO) != 0 ||
        attributes_receive(&answer, STDIN_FILENO, TOKEN_ANSWER_MAX,
                           clock_steady_ms() + TOKEN_WAIT_MS) != 0 ||
        !attribute_take(&answer, "authorization", line))
        return -1;
    return 0;
}

/* Gets a new token if it is due. 1 if it differs from the old one. */
static int renew_token(struct run *run, int is_due)
{
    SCRATCH line = BUFFER_EMPTY;

    if (!is_due || stop)
        return 0;
    run->token_at_ms = clock_steady_ms();
    if (ask_for_token(&line) != 0 || strcmp(buffer_text(&line), buffer_text(&run->authorization)) == 0)
        return 0; /* keep the old one */
    buffer_set(&run->authorization, line.bytes);
    return 1;
}

static int judge_status(struct run *run)
{
    SCRATCH what = BUFFER_EMPTY, where = BUFFER_EMPTY;
    int status = (int)run->answer.status;

    if (status < 300)
        return STATUS_OK;
    if (status < 400) {
        http_header(&run->answer, "Location", &where);
        blot_out(&run->authorization, &where);
        return message_fail(STATUS_PROTOCOL, "%s: HTTP %d %s %s redirects to %s, which is not "
                            "followed; check the URL and api_base", run_place(run), status,
                            run_method(run), run->url, buffer_text(&where));
    }
    if (status == 401 && !run->was_unauthorized) {
        run->was_unauthorized = 1;
        if (renew_token(run, 1))
            return AGAIN;
    }
    buffer_printf(&what, "HTTP %d for %s", status, run_place(run));
    /* after a 429 nothing was done; after a 503 something may have been */
    if ((status == 429 || (status == 503 && run->is_read)) &&
        wait_for_retry(run, what.bytes, http_retry_after_s(&run->answer)))
        return AGAIN;
    blot_out(&run->authorization, &run->answer.headers);
    blot_out(&run->authorization, &run->answer.body);
    return STATUS_HTTP;
}

static int judge(struct run *run, enum http_result result)
{
    const char *why = buffer_text(&run->answer.error);

    if (stop)
        return STATUS_SIGNAL + stop;
    if (result == HTTP_ANSWERED)
        return judge_status(run);
    if (result == HTTP_TOO_BIG)
        return message_fail(STATUS_PROTOCOL, "%s: %s %s: the response is larger than %u MiB; get "
                            "only the fields you need, with --fields", run_place(run),
                            run_method(run), run->url, ANSWER_MAX >> 20);
    if (result != HTTP_TLS && run->is_read && wait_for_retry(run, why, -1))
        return AGAIN;
    return message_fail(STATUS_UNAVAILABLE, "%s: %s %s: no complete response: %s%s", run_place(run),
                        run_method(run), run->url, why, result == HTTP_TLS ? TLS_REMEDY : "");
}

static int token_is_due(const struct run *run)
{
    return clock_steady_ms() - run->token_at_ms >= TOKEN_SERVES_MS;
}

void run_ahead(struct run *run, const char *url)
{
    if (is_to_stop() || !run->is_read || run->tries || token_is_due(run) ||
        http_retry_after_s(&run->answer) >= 0)
        return;
    run->is_ahead = 1;
    run->request.url = url;
    run->headers[0] = run->authorization.bytes;
    http_begin(&run->http, &run->request, &run->coming);
}

void run_forget(struct run *run)
{
    if (run->is_ahead)
        http_cancel(&run->http);
    run->is_ahead = 0;
}

/*
 * Takes the answer to the request that was sent ahead. A request without an answer is made again, and
 * that is not a retry: the connection may have timed out while the reader of our output was slow.
 */
static int take_ahead(struct run *run)
{
    enum http_result result = http_finish(&run->http);
    struct http_answer answer = run->answer;

    run->is_ahead = 0;
    run->answer = run->coming;
    run->coming = answer;
    if (!stop && (result == HTTP_LOST || result == HTTP_UNSENT))
        return AGAIN;
    return judge(run, result);
}

int run_fetch(struct run *run, const char *url)
{
    int status;

    run->tries = 0;
    run->was_unauthorized = 0;
    run->url = run->request.url = url;
    status = run->is_ahead ? take_ahead(run) : AGAIN;
    while (status == AGAIN) {
        (void)renew_token(run, token_is_due(run));
        if (is_to_stop())
            return STATUS_SIGNAL + stop;
        run->headers[0] = run->authorization.bytes;
        status = judge(run, http_perform(&run->http, &run->request, &run->answer));
    }
    return status;
}

int run_reject(struct run *run, const char *what)
{
    SCRATCH type = BUFFER_EMPTY;

    if (!run->answer.body.len)
        what = "is empty; check the URL and api_base";
    http_header(&run->answer, "Content-Type", &type);
    blot_out(&run->authorization, &type);
    return message_fail(STATUS_PROTOCOL, "%s: %s %s: the response (%zu bytes, %s) %s", run_place(run),
                        run_method(run), run->url, run->answer.body.len,
                        type.len ? type.bytes : "no Content-Type", what);
}

/* After a failed write: removes the part that was written, if possible. */
static int unwrite(struct run *run, size_t written)
{
    int error = errno;
    off_t start;

    /* only a file can be cut; in a pipe the part stays, and a resumed run would repeat it */
    if (error == EPIPE)
        return STATUS_SIGNAL + SIGPIPE;
    start = written ? lseek(STDOUT_FILENO, -(off_t)written, SEEK_CUR) : 0;
    run->is_stuck = written && (start < 0 || ftruncate(STDOUT_FILENO, start) != 0);
    return message_fail(STATUS_CANNOT_CREATE, "cannot write to standard output: %s",
                        strerror(error));
}

int run_put(struct run *run)
{
    const struct items *items = &run->items;
    size_t written = 0;

    while (written < items->lines_len) {
        ssize_t put = write(STDOUT_FILENO, items->lines + written, items->lines_len - written);

        if (put >= 0)
            written += (size_t)put;
        else if (errno == EAGAIN)
            poll(&(struct pollfd){.fd = STDOUT_FILENO, .events = POLLOUT}, 1, -1);
        else if (errno != EINTR)
            return unwrite(run, written);
    }
    run->items_put += items->count;
    return STATUS_OK;
}

void run_count(struct run *run)
{
    long long ms = clock_steady_ms();

    run->done++;
    if (!run->shows_progress || ms - run->shown_ms < PROGRESS_EVERY_MS)
        return;
    run->shown_ms = ms;
    message_progress("%ss %lld  items %lld  %lld/s", run->unit, run->done, run->items_put,
                     run->items_put * 1000 / (ms > run->begun_ms ? ms - run->begun_ms : 1));
}

int run_finish(struct run *run, int status)
{
    message_progress("%s", "");
    if (status != STATUS_OK && status != STATUS_SIGNAL + SIGPIPE && !run->is_stuck &&
        (run->done || status == STATUS_UNAVAILABLE || status > STATUS_SIGNAL))
        (void)keep_place(run);
    return status;
}

static int has_header(const struct run *run, const char *name)
{
    size_t len = strlen(name);

    for (int i = 1; i < run->header_count; i++)
        if (strncasecmp(run->headers[i], name, len) == 0 && strchr(":;", run->headers[i][len]))
            return 1;
    return 0;
}

/* Takes the request's header lines, with room for three of ours and NULL. 0, or -1 if one is wrong. */
static int take_headers(struct run *run, const struct attributes *request)
{
    const struct kv_pair *pair;
    size_t count = 0;

    while (attributes_pair(request, count))
        count++;
    run->headers = calloc(count + 4, sizeof *run->headers);
    if (!run->headers)
        return -1;
    run->header_count = 1;
    for (size_t i = 0; (pair = attributes_pair(request, i)) != NULL; i++) {
        if (strcmp(pair->key, "header") != 0)
            continue;
        if (strpbrk(pair->value, "\r\n"))
            return -1;
        run->headers[run->header_count++] = pair->value;
    }
    return 0;
}

static int set_up(struct run *run, const struct attributes *request)
{
    const char *query;

    if (take_headers(run, request) != 0)
        return message_fail(STATUS_USAGE, "a header contains a line break; use one -H per header");
    if (has_header(run, "Authorization"))
        return message_fail(STATUS_USAGE, "this command sets the Authorization header itself; for "
                            "another token, use --token FILE");
    run->is_post = strcmp(attribute(request, "method"), "POST") == 0;
    attribute_take(request, "authorization", &run->authorization);
    attribute_take(request, "body", &run->body);
    attribute_take(request, "start_key", &run->key);
    query = run->target + strcspn(run->target, "?");
    /* a search has a body, and so it is a POST that reads */
    run->is_read = !run->is_post ||
                   (query - run->target > 7 && memcmp(query - 7, "/search", 7) == 0);
    if (!has_header(run, "Accept"))
        run->headers[run->header_count++] = "Accept: application/json";
    if (run->body.len && !has_header(run, "Content-Type"))
        run->headers[run->header_count++] = "Content-Type: application/json";
    run->request.headers = run->headers;
    run->request.body = run->is_post ? &run->body : NULL;
    run->token_at_ms = run->begun_ms = run->shown_ms = clock_steady_ms();
    return STATUS_OK;
}

int run_begin(struct run *run, const struct attributes *request, const char *unit)
{
    int status;

    *run = (struct run){.target = attribute(request, "url"),
                        .error_dir = attribute(request, "error_dir"),
                        .unit = unit,
                        .source = attribute(request, "source"),
                        .number = 1,
                        .max = attribute_number(request, "max", LLONG_MAX),
                        .retries = attribute_number(request, "retries", 3),
                        .shows_progress = *attribute(request, "progress") != '\0',
                        .http = http_for(request),
                        .request = {.answer_max = ANSWER_MAX, .stop = &stop}};
    watch_signals();
    status = set_up(run, request);
    return status == STATUS_OK ? keep(run, "begun", &run->key) : status;
}

void run_end(struct run *run)
{
    http_close(&run->http);
    http_answer_wipe(&run->answer);
    http_answer_wipe(&run->coming);
    buffer_wipe(&run->items.cursor);
    buffer_wipe(&run->authorization);
    buffer_wipe(&run->body);
    buffer_wipe(&run->key);
    buffer_wipe(&run->place);
    free(run->headers);
}
