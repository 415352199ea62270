#ifndef RHYTHM_PAGES_CURSOR_H
#define RHYTHM_PAGES_CURSOR_H

#include <stdint.h>

#include "base/buffer.h"

/*
 * cursor: puts a list's cursor into the next page's URL, and recognizes one that is repeated. Only the
 * server knows what it means.
 */

/*
 * The cursors seen so far. Keeping all of them would take memory for each page, so it keeps the last
 * ones and one landmark, moved whenever their number doubles (Brent): a short loop is found at its
 * first repeat, and every loop is found in the end. Starts as all zeros.
 */
struct cursors {
    uint64_t recent[1024];
    uint64_t landmark;
    uint64_t count;
};

/* 1 if the cursor is repeated, else 0; remembers it. */
int cursor_seen(struct cursors *cursors, const struct buffer *cursor);

/*
 * Makes url request the page of that cursor: sets the query parameter exclusiveStartKey,
 * percent-encoded, and removes any other. The rest of url is unchanged.
 */
void cursor_set(struct buffer *url, const struct buffer *cursor);

#endif
