#include "pages/pager.h"

#include <limits.h>
#include <string.h>

#include "base/message.h"
#include "pages/cursor.h"
#include "pages/items.h"
#include "pages/run.h"

struct pager {
    struct run run;      /* its key is the cursor of the current page; "": the first */
    struct buffer url;   /* of that page */
    struct buffer next;  /* the URL of the page after it, that of `key` */
    struct buffer key;   /* the next cursor; "": not known yet, or none */
    struct cursors seen;
    int is_over; /* no more pages, or the limit is reached */
};

/* Requests the page of a cursor before the current page is written. */
static void ask_ahead(struct pager *pager, const struct buffer *cursor)
{
    buffer_set(&pager->key, buffer_text(cursor));
    if (!cursor->len)
        return;
    buffer_set(&pager->next, pager->url.bytes);
    cursor_set(&pager->next, cursor);
    run_ahead(&pager->run, pager->next.bytes);
}

/* With a max nothing is guessed: only counted items show whether the next page is needed. */
static void guess_next(struct pager *pager)
{
    struct run *run = &pager->run;
    SCRATCH cursor = BUFFER_EMPTY;

    if (run->max == LLONG_MAX)
        items_guess(&run->answer.body, &cursor);
    ask_ahead(pager, &cursor);
}

/* Checks the page and finds its cursor. STATUS_OK: the page may be written. */
static int check_page(struct pager *pager)
{
    struct run *run = &pager->run;
    struct items *items = &run->items;
    const char *wrong = items_cut(items, &run->answer.body, run->max - run->items_put);

    if (wrong)
        return run_reject(run, wrong);
    pager->is_over = run->items_put + items->count == run->max || !items->cursor.len;
    /* the guess was right, and its request is on the way */
    if (!pager->is_over && strcmp(pager->key.bytes, items->cursor.bytes) == 0)
        return STATUS_OK;
    run_forget(run);
    if (!pager->is_over)
        ask_ahead(pager, &items->cursor);
    return STATUS_OK;
}

/* Writes the page, and makes the next one the current one. */
static int put_page(struct pager *pager)
{
    struct run *run = &pager->run;
    struct buffer url = pager->url;
    int status = run_put(run);

    if (status != STATUS_OK)
        return status;
    run_count(run);
    if (run->items.is_bare)
        message_say(NORMAL, "note: this list has no pages: the response is one array, which is "
                            "complete");
    if (pager->is_over)
        return STATUS_OK;
    buffer_set(&run->key, pager->key.bytes);
    pager->url = pager->next; /* the buffers change places: the other one's memory is used again */
    pager->next = url;
    run->is_stuck = cursor_seen(&pager->seen, &run->key);
    if (run->is_stuck)
        return message_fail(STATUS_PROTOCOL, "%s: %s %s: the next cursor is repeated, so pagination "
                            "is looping; tell Rhythm's support", run_place(run), run_method(run),
                            run->target);
    run->number++;
    return STATUS_OK;
}

static int get_page(struct pager *pager)
{
    int status = run_fetch(&pager->run, pager->url.bytes);

    return status == STATUS_HTTP ? run_refused(&pager->run, pager->url.bytes) : status;
}

static int get_all(struct pager *pager)
{
    int status = STATUS_OK;

    while (status == STATUS_OK && !pager->is_over) {
        status = get_page(pager);
        if (status != STATUS_OK)
            break;
        guess_next(pager);
        status = check_page(pager);
        if (status == STATUS_OK)
            status = put_page(pager);
    }
    return run_finish(&pager->run, status);
}

int pages_run(const struct attributes *request, struct buffer *answer)
{
    struct pager pager = {.url = BUFFER_EMPTY};
    struct run *run = &pager.run;
    int status = run_begin(run, request, "page");

    (void)answer;
    buffer_puts(&pager.url, run->target);
    if (run->key.len) {
        (void)cursor_seen(&pager.seen, &run->key);
        cursor_set(&pager.url, &run->key);
    }
    if (status == STATUS_OK)
        status = get_all(&pager);
    run_end(run);
    buffer_wipe(&pager.url);
    buffer_wipe(&pager.next);
    buffer_wipe(&pager.key);
    return status;
}
