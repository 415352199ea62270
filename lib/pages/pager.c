#include "pages/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/kv.h"
#include "base/message.h"
#include "net/ask.h"
#include "net/http.h"
#include "pages/cursor.h"
#include "pages/items.h"
#include "token/settings.h"
#include "token/url.h"

#define PAGE_MAX (64u << 20)    /* bytes; also of a request's body */
#define TOKEN_SERVES_MS 60000   /* until rhythm-token is asked again */
#define BACKOFF_MAX_MS 60000
#define RETRY_AFTER_MAX_S 300   /* who is to wait longer had better be told */
#define PROGRESS_EVERY_MS 200

enum {
    STATUS_HTTP = 22,   /* the API answered 400 or more */
    STATUS_SIGNAL = 128 /* and the signal's number, as in a shell */
};
#define AGAIN (-1) /* no status: the page is to be asked for once more */

struct run {
    const char *profile;
    const char *token;
    const char *method;
    const char *body_path;
    const char *start_key;
    const char *error_dir;
    const char *resume;
    const char *target; /* the URL as given */
    const char **headers; /* all lines of a request; the first is the Authorization */
    int header_count;
    long long max; /* LLONG_MAX: all */
    long long retries;
    int shows_progress;
    int is_quiet;

    struct settings settings;
    struct http http;
    struct http_request request;
    struct http_answer answer;
    struct items items;
    struct buffer authorization;
    struct buffer body;
    struct buffer key; /* of the page that is asked for; "": the first */
    struct buffer url; /* of that page */
    struct cursors met;
    long long token_at_ms;
    long long begun_ms;
    long long shown_ms;
    long long pages_put; /* written */
    long long items_put;
    int is_post;
    int is_read;     /* no harm in sending the request twice */
    int is_over;     /* no more pages, or the limit is reached */
    int is_stuck;    /* nothing is gained by resuming */
    int tries;       /* of this page that failed */
    int token_again; /* this page was answered by 401 once */
};

static volatile sig_atomic_t stop; /* the signal that asked for the end */

static void note_signal(int number)
{
    stop = number;
}

/* Signals that our parent ignores, as nohup does, stay ignored. */
static void watch_signals(void)
{
    static const int watched[] = {SIGHUP, SIGINT, SIGTERM};
    struct sigaction action = {.sa_handler = note_signal};
    struct sigaction before;

    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
        if (sigaction(watched[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(watched[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN); /* a connection that breaks must not end us without a word */
}

static int die_by(int number)
{
    signal(number, SIG_DFL);
    raise(number);
    return STATUS_SIGNAL + number;
}

/* Time that passes also while the machine sleeps, in milliseconds. */
static long long now_ms(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Waits, but not beyond a signal. */
static void nap_ms(long long ms)
{
    for (long long until_ms = now_ms() + ms; ms > 0 && !stop; ms = until_ms - now_ms())
        poll(NULL, 0, ms < 200 ? (int)ms : 200);
}

static int keep(const struct run *run, const char *name, const struct buffer *content)
{
    SCRATCH path = BUFFER_EMPTY;
    int is_kept;
    int fd;

    if (!run->error_dir)
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

/* Says with what command the run goes on. */
static void show_resume(const struct run *run, int status)
{
    SCRATCH line = BUFFER_EMPTY;

    buffer_puts(&line, run->resume);
    if (run->key.len) {
        buffer_puts(&line, " --start-key ");
        cursor_quote(&line, run->key.bytes);
    }
    if (run->max != LLONG_MAX)
        buffer_printf(&line, " --max %lld", run->max - run->items_put);
    message_line(line.bytes);
    buffer_puts(&line, "\n");
    if (status == STATUS_HTTP)
        (void)keep(run, "resume", &line);
}

/* A gateway may quote the header that it did not like. */
static void blot_out(const struct buffer *authorization, struct buffer *text)
{
    const char *token = strrchr(authorization->bytes, ' ') + 1;
    size_t len = strlen(token);
    char *found = text->bytes;

    while (len && found && (found = memmem(found, text->len - (size_t)(found - text->bytes), token,
                                           len)) != NULL)
        memset(found, '*', len);
}

/* The API refused for good: leaves what it said for the caller, who reports it. */
static int give_up(struct run *run)
{
    int status;

    blot_out(&run->authorization, &run->answer.headers);
    blot_out(&run->authorization, &run->answer.body);
    status = keep(run, "headers", &run->answer.headers);
    if (status == STATUS_OK)
        status = keep(run, "body", &run->answer.body);
    return status == STATUS_OK ? STATUS_HTTP : status;
}

/* 1 if the page may be asked for again, after a wait; after_s as of http_retry_after_s. */
static int wait_for_retry(struct run *run, const char *what, long long after_s)
{
    long long half_ms = run->tries < 6 ? 500LL << run->tries : BACKOFF_MAX_MS / 2;
    long long wait_ms;
    uint32_t chance = 0;

    if (after_s > RETRY_AFTER_MAX_S)
        message_warn("%s: it asks to wait %lld s, which is too long to wait here", what, after_s);
    if (run->tries >= run->retries || after_s > RETRY_AFTER_MAX_S)
        return 0;
    (void)!getrandom(&chance, sizeof chance, GRND_NONBLOCK);
    wait_ms = after_s * 1000;
    if (after_s < 0)
        wait_ms = half_ms + chance % half_ms; /* else all that failed together would come together */
    run->tries++;
    message_warn("%s; trying again in %lld.%lld s (%d of %lld)", what, wait_ms / 1000,
                 wait_ms % 1000 / 100, run->tries, run->retries);
    nap_ms(wait_ms);
    return 1;
}

/* Gets the token where it is due. *differs: it is another one than before. */
static int renew_token(struct run *run, int is_due, int *differs)
{
    SCRATCH line = BUFFER_EMPTY;
    int status = STATUS_OK;

    *differs = 0;
    if (run->authorization.len && (!is_due || !ask_may_repeat(run->token)))
        return STATUS_OK;
    status = ask_authorization(run->profile, run->token, run->is_quiet, &line);
    if (status == STATUS_OK && strcmp(line.bytes, buffer_text(&run->authorization)) != 0) {
        *differs = 1;
        buffer_set(&run->authorization, line.bytes);
    }
    run->token_at_ms = now_ms();
    return run->authorization.len ? STATUS_OK : status; /* the old one may serve on */
}

static int judge_status(struct run *run)
{
    char what[64] = "";
    SCRATCH where = BUFFER_EMPTY;
    int differs = 0;
    int status = (int)run->answer.status;

    if (status < 300)
        return STATUS_OK;
    if (status < 400) {
        http_header(&run->answer, "Location", &where);
        blot_out(&run->authorization, &where);
        return message_fail(STATUS_PROTOCOL, "HTTP %d redirects page %lld to %s; no token goes "
                            "there", status, run->pages_put + 1, buffer_text(&where));
    }
    if (status == 401 && !run->token_again) {
        run->token_again = 1;
        renew_token(run, 1, &differs);
        if (differs)
            return AGAIN;
    }
    snprintf(what, sizeof what, "HTTP %d for page %lld", status, run->pages_put + 1);
    if ((status == 429 || (status == 503 && run->is_read)) &&
        wait_for_retry(run, what, http_retry_after_s(&run->answer)))
        return AGAIN;
    return give_up(run);
}

/* STATUS_OK: the page is there. */
static int judge(struct run *run, enum http_result result)
{
    const char *why = buffer_text(&run->answer.error);

    if (stop)
        return STATUS_SIGNAL + stop;
    if (result == HTTP_ANSWERED)
        return judge_status(run);
    if (result == HTTP_TOO_BIG)
        return message_fail(STATUS_PROTOCOL, "page %lld is over %u MiB", run->pages_put + 1,
                            PAGE_MAX >> 20);
    if (result != HTTP_TLS && run->is_read && wait_for_retry(run, why, -1))
        return AGAIN;
    return message_fail(STATUS_UNAVAILABLE, "no answer for page %lld from %s: %s",
                        run->pages_put + 1, run->target, why);
}

static int get_page(struct run *run)
{
    int status = AGAIN;
    int differs;

    run->tries = 0;
    run->token_again = 0;
    if (run->key.len)
        cursor_set(&run->url, &run->key);
    run->request.url = run->url.bytes;
    while (status == AGAIN) {
        status = renew_token(run, now_ms() - run->token_at_ms >= TOKEN_SERVES_MS, &differs);
        if (stop)
            return STATUS_SIGNAL + stop;
        if (status != STATUS_OK)
            return status;
        run->headers[0] = run->authorization.bytes;
        status = judge(run, http_perform(&run->http, &run->request, &run->answer));
    }
    return status;
}

/* After a failed write: takes the page's beginning back where that is possible. */
static int unwrite(struct run *run, size_t done)
{
    int error = errno;
    off_t start;

    if (error == EPIPE)
        return STATUS_SIGNAL + SIGPIPE;
    start = done ? lseek(STDOUT_FILENO, -(off_t)done, SEEK_CUR) : 0;
    run->is_stuck = done && (start < 0 || ftruncate(STDOUT_FILENO, start) != 0);
    return message_fail(STATUS_CANNOT_CREATE, "cannot write to standard output: %s",
                        strerror(error));
}

static int write_lines(struct run *run)
{
    const struct items *items = &run->items;
    size_t done = 0;

    while (done < items->lines_len) {
        ssize_t put = write(STDOUT_FILENO, items->lines + done, items->lines_len - done);

        if (put >= 0)
            done += (size_t)put;
        else if (errno == EAGAIN)
            poll(&(struct pollfd){.fd = STDOUT_FILENO, .events = POLLOUT}, 1, -1);
        else if (errno != EINTR)
            return unwrite(run, done);
    }
    run->pages_put++;
    run->items_put += items->count;
    return STATUS_OK;
}

static void show_progress(struct run *run)
{
    long long ms = now_ms();

    if (!run->shows_progress || ms - run->shown_ms < PROGRESS_EVERY_MS)
        return;
    run->shown_ms = ms;
    message_progress("pages %lld  items %lld  %lld/s", run->pages_put, run->items_put,
                     run->items_put * 1000 / (ms > run->begun_ms ? ms - run->begun_ms : 1));
}

/* Writes the page that came, and finds out where it goes on. */
static int put_page(struct run *run)
{
    struct buffer *page = &run->answer.body;
    SCRATCH type = BUFFER_EMPTY;
    const char *wrong;
    int status;

    wrong = items_cut(&run->items, page, run->max - run->items_put);
    if (wrong) {
        http_header(&run->answer, "Content-Type", &type);
        blot_out(&run->authorization, &type);
        return message_fail(STATUS_PROTOCOL, "the answer for page %lld %s (%zu bytes, %s)",
                            run->pages_put + 1, wrong, page->len,
                            type.len ? type.bytes : "no Content-Type");
    }
    status = write_lines(run);
    if (status != STATUS_OK)
        return status;
    show_progress(run);
    run->is_over = run->items_put == run->max || !run->items.cursor.len;
    if (run->items.is_bare)
        message_warn("the server gave no cursor: this list is one array, all there is");
    if (run->is_over)
        return STATUS_OK;
    buffer_set(&run->key, run->items.cursor.bytes);
    run->is_stuck = cursor_seen(&run->met, &run->key);
    if (run->is_stuck)
        return message_fail(STATUS_PROTOCOL, "the cursor after page %lld came before: the server "
                            "goes round in a circle", run->pages_put);
    return STATUS_OK;
}

static int get_all(struct run *run)
{
    int status = STATUS_OK;

    run->begun_ms = run->shown_ms = now_ms();
    while (status == STATUS_OK && !run->is_over) {
        status = stop ? STATUS_SIGNAL + stop : get_page(run);
        if (status == STATUS_OK)
            status = put_page(run);
    }
    message_progress("%s", "");
    if (status != STATUS_OK && status != STATUS_SIGNAL + SIGPIPE && !run->is_stuck && run->resume &&
        (run->pages_put || status == STATUS_UNAVAILABLE || status > STATUS_SIGNAL))
        show_resume(run, status);
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

/* Everything that can be refused before a request. */
static int set_up(struct run *run)
{
    static const char *const no_values[] = {NULL, NULL, NULL};
    struct url_request request = {.target = run->target};
    const char *query;
    int status = settings_load(&run->settings, run->profile, run->token);

    if (status == STATUS_OK)
        status = url_build(&request, setting(&run->settings, SETTING_API_BASE), no_values,
                           &run->url);
    if (status != STATUS_OK)
        return status;
    if (run->body_path && buffer_read_file(&run->body, run->body_path, PAGE_MAX) != 0)
        return message_fail(STATUS_BAD_INPUT, "cannot read the body in %s: %s", run->body_path,
                            errno == EFBIG ? "it is over 64 MiB" : strerror(errno));
    query = strchrnul(run->url.bytes, '?');
    run->is_read = !run->is_post ||
                   (query - run->url.bytes > 7 && memcmp(query - 7, "/search", 7) == 0);
    if (!has_header(run, "Accept"))
        run->headers[run->header_count++] = "Accept: application/json";
    if (run->body.len && !has_header(run, "Content-Type"))
        run->headers[run->header_count++] = "Content-Type: application/json";
    run->request.headers = run->headers;
    run->request.body = run->is_post ? &run->body : NULL;
    if (run->start_key) {
        buffer_set(&run->key, run->start_key);
        (void)cursor_seen(&run->met, &run->key);
    }
    return STATUS_OK;
}

/* The value of a --name=value argument, or NULL if it is another. */
static const char *value_of(const char *argument, const char *name)
{
    size_t len = strlen(name);

    return strncmp(argument, name, len) == 0 && argument[len] == '=' ? argument + len + 1 : NULL;
}

/* Takes one argument. 0, or -1 if it is wrong. */
static int take_argument(struct run *run, const char *argument)
{
    struct {
        const char *name;
        const char **value;
    } const texts[] = {{"--profile", &run->profile},     {"--token", &run->token},
                       {"--method", &run->method},       {"--body", &run->body_path},
                       {"--start-key", &run->start_key}, {"--error-dir", &run->error_dir},
                       {"--resume", &run->resume}};
    const char *value;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if ((value = value_of(argument, texts[i].name)) != NULL) {
            *texts[i].value = value;
            return 0;
        }
    if ((value = value_of(argument, "--header")) != NULL) {
        run->headers[run->header_count++] = value;
        return strpbrk(value, "\r\n") ? -1 : 0;
    }
    if ((value = value_of(argument, "--max")) != NULL)
        return kv_number(value, &run->max) == 0 && run->max > 0 ? 0 : -1;
    if ((value = value_of(argument, "--retries")) != NULL)
        return kv_number(value, &run->retries) == 0 && run->retries >= 0 ? 0 : -1;
    if (strcmp(argument, "--progress") == 0)
        run->shows_progress = 1;
    else if (strcmp(argument, "--quiet") == 0)
        run->is_quiet = 1;
    else if (strcmp(argument, "--verbose") == 0)
        message_verbosity(VERBOSE);
    else if (*argument == '-' || run->target || !strstr(argument, "://"))
        return -1;
    else
        run->target = argument;
    return 0;
}

static int parse(struct run *run, int argc, char **argv)
{
    run->headers = calloc((size_t)argc + 4, sizeof *run->headers); /* three of our own, and NULL */
    if (!run->headers)
        return message_fail(STATUS_BUG, "out of memory");
    run->header_count = 1;
    for (int i = 1; i < argc; i++)
        if (take_argument(run, argv[i]) != 0)
            return message_fail(STATUS_USAGE, "rhythm-net pages: %s is wrong", argv[i]);
    run->is_post = strcmp(run->method, "POST") == 0;
    if (!run->target || (!run->is_post && strcmp(run->method, "GET") != 0))
        return message_fail(STATUS_USAGE, "rhythm-net pages needs a URL, and GET or POST");
    if (has_header(run, "Authorization"))
        return message_fail(STATUS_USAGE, "the Authorization header is rhythm's own");
    return STATUS_OK;
}

int pages_run(int argc, char **argv)
{
    struct run run = {.method = "GET",
                      .max = LLONG_MAX,
                      .retries = 3,
                      .http = {.settings = &run.settings},
                      .request = {.answer_max = PAGE_MAX, .stop = &stop}};
    int status;

    message_program("rhythm-get");
    status = parse(&run, argc, argv);
    if (run.is_quiet)
        message_verbosity(QUIET);
    watch_signals();
    if (status == STATUS_OK)
        status = set_up(&run);
    if (status == STATUS_OK)
        status = get_all(&run);
    http_close(&run.http);
    http_answer_wipe(&run.answer);
    settings_wipe(&run.settings);
    buffer_wipe(&run.items.cursor);
    buffer_wipe(&run.authorization);
    buffer_wipe(&run.body);
    buffer_wipe(&run.key);
    buffer_wipe(&run.url);
    free(run.headers);
    return status > STATUS_SIGNAL ? die_by(status - STATUS_SIGNAL) : status;
}
