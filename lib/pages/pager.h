#ifndef RHYTHM_PAGES_PAGER_H
#define RHYTHM_PAGES_PAGER_H

#include "base/attributes.h"
#include "base/buffer.h"

/*
 * pager: follows a list's cursor from page to page and writes one item a line to standard output. It
 * is the verb pages of rhythm-net, behind rhythm-get --all, and a run (pages/run.h): url= is that of
 * the first page, start_key= the cursor to begin at, not encoded.
 */

/*
 * STATUS_OK: all items, or max of them; 22: the API answered 400 or more; 128 and the signal's
 * number after SIGTERM (rhythm-token's way to end it) or on a closed pipe (SIGPIPE); or, reported,
 * STATUS_UNAVAILABLE, STATUS_PROTOCOL, STATUS_CANNOT_CREATE, STATUS_USAGE (a header).
 */
int pages_run(const struct attributes *request, struct buffer *answer);

#endif
