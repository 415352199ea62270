#include "pages/pager.h"

#include "base/message.h"
#include "pages/cursor.h"
#include "pages/items.h"
#include "pages/run.h"

struct pager {
    struct run run; /* its key asks for the page in hand; "": the first */
    struct buffer url; /* of that page */
    struct cursors met;
    int is_over; /* no more pages, or the limit is reached */
};

static int get_page(struct pager *pager)
{
    struct run *run = &pager->run;
    int status;

    if (run->key.len)
        cursor_set(&pager->url, &run->key);
    status = run_fetch(run, pager->url.bytes);
    return status == STATUS_HTTP ? run_refused(run, pager->url.bytes) : status;
}

/* Writes the page that came, and finds out where it goes on. */
static int put_page(struct pager *pager)
{
    struct run *run = &pager->run;
    struct items *items = &run->items;
    const char *wrong = items_cut(items, &run->answer.body, run->max - run->items_put);
    int status;

    if (wrong)
        return run_reject(run, wrong);
    status = run_put(run);
    if (status != STATUS_OK)
        return status;
    run_count(run);
    pager->is_over = run->items_put == run->max || !items->cursor.len;
    if (items->is_bare)
        message_warn("the server gave no cursor: this list is one array, all there is");
    if (pager->is_over)
        return STATUS_OK;
    buffer_set(&run->key, items->cursor.bytes);
    run->is_stuck = cursor_seen(&pager->met, &run->key);
    if (run->is_stuck)
        return message_fail(STATUS_PROTOCOL, "the cursor after page %lld came before: the server "
                            "goes round in a circle", run->number);
    run->number++;
    return STATUS_OK;
}

int pages_run(const struct attributes *request, struct buffer *answer)
{
    struct pager pager = {.url = BUFFER_EMPTY};
    struct run *run = &pager.run;
    int status = run_begin(run, request, "page");

    (void)answer;
    buffer_puts(&pager.url, run->target);
    if (run->key.len)
        (void)cursor_seen(&pager.met, &run->key);
    if (status == STATUS_OK) {
        while (status == STATUS_OK && !pager.is_over) {
            status = get_page(&pager);
            if (status == STATUS_OK)
                status = put_page(&pager);
        }
        status = run_finish(run, status);
    }
    run_end(run);
    buffer_wipe(&pager.url);
    return status;
}
