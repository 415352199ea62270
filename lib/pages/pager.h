#ifndef RHYTHM_PAGES_PAGER_H
#define RHYTHM_PAGES_PAGER_H

#include "base/attributes.h"
#include "base/buffer.h"

/*
 * pager: follows a list's cursor from page to page and writes one item a line to standard output,
 * all on one connection. It is the verb pages of rhythm-net, behind rhythm-get --all. It is told
 *
 *     url=            of the first page, already judged: the token may go there
 *     authorization=  the header line; it asks for another with ask=token, once a minute and when a
 *                     page is answered by 401, and rhythm-token answers with authorization=
 *     method=         GET or POST; POST sends body= with every page
 *     header=         any number of lines
 *     max=N           the end, after N items
 *     start_key=      where to begin, not encoded
 *     retries=N       of one page, 3 by default
 *     progress=yes    on standard error
 *     error_dir=      a directory for what the caller is to know besides the status; see below
 *
 * In error_dir it leaves begun, as soon as a page may be written; of a refusal headers (the status
 * line and the header lines), body, the token blotted out of both, and url, with the page's cursor.
 *
 * Pages are written whole or not at all, and one counts when all of it was taken: so the run can be
 * taken up again with the cursor of the first page that was not written. If that may help, it is
 * left as start_key ("": from the beginning), and with a max, as left, how many items are missing.
 *
 * Never: a redirect followed, a write sent twice (429 excepted), more memory for more pages.
 */

/*
 * STATUS_OK: all items, or max of them; 22: the API answered 400 or more; 128 and the signal's
 * number after SIGTERM (rhythm-token's way to end it) or on a closed pipe (SIGPIPE); or, reported,
 * STATUS_UNAVAILABLE, STATUS_PROTOCOL, STATUS_CANNOT_CREATE, STATUS_USAGE (a header).
 */
int pages_run(const struct attributes *request, struct buffer *answer);

#endif
