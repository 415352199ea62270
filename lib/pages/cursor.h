#ifndef RHYTHM_PAGES_CURSOR_H
#define RHYTHM_PAGES_CURSOR_H

#include <stdint.h>

#include "base/buffer.h"

/*
 * cursor: what can be done with a list's cursor besides getting one: put it into the next page's
 * URL, recognise it. What it means is the server's business.
 */

/*
 * The cursors that were met. All of them would be memory that grows with the pages, so it is the
 * last ones and one landmark, moved whenever their number doubles (Brent): a short circle is seen
 * at its first repeat, and no circle is followed for ever. Starts as all zeros.
 */
struct cursors {
    uint64_t recent[1024];
    uint64_t landmark;
    uint64_t count;
};

/* 1 if the cursor came before, else 0; it counts as met from now on. */
int cursor_seen(struct cursors *cursors, const struct buffer *cursor);

/*
 * Makes url ask for the page of that cursor: the query parameter exclusiveStartKey, percent-encoded,
 * in the place of any that is there. The rest of url stays as it is.
 */
void cursor_set(struct buffer *url, const struct buffer *cursor);

#endif
