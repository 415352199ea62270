#ifndef RHYTHM_PAGES_PAGER_H
#define RHYTHM_PAGES_PAGER_H

#include "base/attributes.h"
#include "base/buffer.h"

/*
 * pager: follows a list's cursor from page to page and writes one item per line to standard output. It
 * is the verb pages of rhythm-net, for rhythm-get --all, and a run (pages/run.h): url= is that of the
 * first page, start_key= the cursor to begin at, not encoded.
 *
 * While a page is checked and written, the next one is already requested: its cursor is guessed from
 * the page's end (items_guess). A page is still checked whole before any of it is written; a wrong
 * guess is canceled. Nothing is requested beyond max.
 */

/*
 * STATUS_OK: all items, or max of them; 22: the API answered 400 or more; 128 plus the signal's number
 * after SIGTERM (with which rhythm-token ends it) or on a closed pipe (SIGPIPE); or, reported,
 * STATUS_UNAVAILABLE, STATUS_PROTOCOL, STATUS_CANNOT_CREATE, STATUS_USAGE (a header).
 */
int pages_run(const struct attributes *request, struct buffer *answer);

#endif
