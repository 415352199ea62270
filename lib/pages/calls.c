#include "pages/calls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "base/uri.h"
#include "pages/items.h"
#include "pages/lines.h"
#include "pages/run.h"

#define SHOWN_MAX 1000 /* bytes of a refusal's body in a message */

struct calls {
    struct run run; /* its key is the number of the last finished line */
    const char *hole;
    const char *allowed;
    struct buffer url; /* of the current line */
    int has_failed;    /* 1: a line failed */
};

/* Makes the URL for a line. NULL; or what is wrong, to complete "line 7 of ids ...". */
static const char *make_url(struct calls *calls, const struct buffer *line)
{
    const char *rest = calls->run.target;
    const char *hole;

    /* Dots are not percent-encoded: as a segment they would change the path. */
    if (strspn(line->bytes, ".") == line->len)
        return "consists of dots only, which would change the path";
    buffer_truncate(&calls->url, 0);
    while ((hole = strstr(rest, calls->hole)) != NULL) {
        buffer_append(&calls->url, rest, (size_t)(hole - rest));
        uri_encode(&calls->url, line->bytes, line->len);
        rest = hole + strlen(calls->hole);
    }
    buffer_puts(&calls->url, rest);
    return NULL;
}

/* A refused line: STATUS_OK if the lines that follow may succeed. */
static int take_refusal(struct calls *calls)
{
    struct run *run = &calls->run;
    const struct buffer *body = &run->answer.body;
    int status = (int)run->answer.status;
    char name[16];

    snprintf(name, sizeof name, ",%d,", status);
    if (strstr(calls->allowed, name))
        return STATUS_OK;
    if (status == 401 || status == 429 || status == 503)
        return run_refused(run, calls->url.bytes);
    calls->has_failed = 1;
    (void)message_fail(STATUS_HTTP, "%s: HTTP %d %s %s%s%.*s", run_place(run), status,
                       run_method(run), run->url, body->len ? ": " : "",
                       body->len < SHOWN_MAX ? (int)body->len : SHOWN_MAX, buffer_text(body));
    return STATUS_OK;
}

static int take_answer(struct calls *calls)
{
    struct run *run = &calls->run;
    const char *wrong;

    if (run->answer.status == 204 && !run->answer.body.len)
        return STATUS_OK;
    wrong = items_cut_value(&run->items, &run->answer.body);
    if (!wrong)
        return run_put(run);
    (void)run_reject(run, wrong);
    calls->has_failed = 1;
    return STATUS_OK;
}

/* The call for one line. STATUS_OK: continue with the next line, even if this one failed. */
static int make_call(struct calls *calls, const struct buffer *line, const char *wrong)
{
    int status;

    if (!wrong && line->len)
        wrong = make_url(calls, line);
    if (wrong) {
        calls->has_failed = 1;
        (void)message_fail(STATUS_BAD_INPUT, "%s %s, so it was skipped; correct it",
                           run_place(&calls->run), wrong);
        return STATUS_OK;
    }
    if (!line->len)
        return STATUS_OK;
    status = run_fetch(&calls->run, calls->url.bytes);
    if (status == STATUS_OK)
        return take_answer(calls);
    if (status == STATUS_HTTP)
        return take_refusal(calls);
    if (status != STATUS_PROTOCOL)
        return status;
    calls->has_failed = 1; /* a redirect, or too large: only this line fails */
    return STATUS_OK;
}

static int make_all(struct calls *calls, struct lines *lines, long long after)
{
    struct run *run = &calls->run;
    const char *wrong;
    int status = STATUS_OK;
    int got = 0;

    while (status == STATUS_OK && run->items_put < run->max && (got = lines_next(lines, &wrong)) > 0) {
        if (lines->number <= after)
            continue;
        run->number = lines->number;
        status = make_call(calls, &lines->line, wrong);
        if (status != STATUS_OK)
            break;
        buffer_truncate(&run->key, 0);
        buffer_printf(&run->key, "%lld", lines->number);
        run_count(run);
    }
    if (got >= 0)
        return status;
    if (run_stopped())
        return STATUS_SIGNAL + run_stopped();
    return message_fail(STATUS_BAD_INPUT, "cannot read %s from line %lld on: %s; use a file that you "
                        "can read", *run->source ? run->source : "the lines", lines->number + 1,
                        strerror(errno));
}

int calls_run(const struct attributes *request, struct buffer *answer)
{
    struct calls calls = {.hole = attribute(request, "hole"), .allowed = attribute(request, "allow")};
    struct lines lines = lines_of((int)attribute_number(request, "lines_fd", -1), run_stop());
    int status = run_begin(&calls.run, request, "line");

    (void)answer;
    if (status == STATUS_OK)
        status = run_finish(&calls.run,
                            make_all(&calls, &lines, attribute_number(request, "start_key", 0)));
    run_end(&calls.run);
    buffer_wipe(&calls.url);
    lines_end(&lines);
    return status == STATUS_OK && calls.has_failed ? STATUS_HTTP : status;
}
