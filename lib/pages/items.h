#ifndef RHYTHM_PAGES_ITEMS_H
#define RHYTHM_PAGES_ITEMS_H

#include "base/buffer.h"

/*
 * items: cuts the items out of one page of a list, without changing their bytes.
 *
 * A page is JSON (RFC 8259): an object with the array "Items" and perhaps "LastEvaluatedKey", or a
 * bare array. All of it is checked before any item is used. A parser that converts values would
 * return other bytes (19.989999999999998 for 19.99), so this is a scanner that keeps only the cursor.
 * It accepts what jansson accepts, to the same depth (2,048 levels), and two more things that the RFC
 * allows: numbers of any size, and an escaped surrogate without its partner (half an emoji).
 *
 *     struct items items = {0};
 *     wrong = items_cut(&items, &page, LLONG_MAX);
 *     ... write items.lines ...
 *     buffer_wipe(&items.cursor);
 */
struct items {
    char *lines; /* one item per line, each ended by \n; points into the page's text */
    size_t lines_len;
    long long count;      /* of lines */
    int is_bare;          /* an array, so there can be no cursor */
    struct buffer cursor; /* for the next page, not encoded; "": this is the last page */
};

/*
 * Cuts the page's text, which is overwritten and may move, into at most max lines. White space between
 * the tokens of an item remains unless it contains a line break; then all of it is removed. NULL; or
 * what is wrong, to complete "the response ...", and then nothing in items is valid.
 *
 * The cursor is a string's content, or an object's text; {}, "" and null are none.
 */
const char *items_cut(struct items *items, struct buffer *page, long long max);

/*
 * Guesses the cursor from the page's end, where it usually is, before the page is cut. Sets cursor to
 * it, or leaves cursor unchanged. The page is unchanged; only items_cut says whether it is valid.
 */
void items_guess(struct buffer *page, struct buffer *cursor);

/* The same as items_cut for a text that is one item, of any JSON type. */
const char *items_cut_value(struct items *items, struct buffer *text);

#endif
