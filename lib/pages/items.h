#ifndef RHYTHM_PAGES_ITEMS_H
#define RHYTHM_PAGES_ITEMS_H

#include "base/buffer.h"

/*
 * items: cuts the items out of one page of a list, as the very bytes that came in.
 *
 * A page is JSON (RFC 8259): an object with the array "Items" and perhaps "LastEvaluatedKey", or a
 * bare array. All of it is checked before anybody sees an item. A parser that keeps values would
 * give other bytes back (19.989999999999998 for 19.99), so this is a scanner that keeps nothing but
 * the cursor. It accepts what jansson accepts, as deep (2,048 levels), and two things more that the
 * RFC allows: numbers of any size, and an escaped surrogate without its partner (half an emoji).
 *
 *     struct items items = {0};
 *     wrong = items_cut(&items, &page, LLONG_MAX);
 *     ... write items.lines ...
 *     buffer_wipe(&items.cursor);
 */
struct items {
    char *lines; /* an item a line, each ended by \n; points into the page's text */
    size_t lines_len;
    long long count;      /* of lines */
    int is_bare;          /* an array, so there can be no cursor */
    struct buffer cursor; /* what asks for the next page, not encoded; "": this was the last */
};

/*
 * Takes the page's text apart, which is overwritten, and may move. At most max items become lines. White space between the tokens of an item stays unless it would break the line; then all
 * of it goes. NULL; or what is wrong, to complete "the answer ...", and then nothing in items
 * counts.
 *
 * The cursor is a string's content, or an object's text; {}, "" and null are none.
 */
const char *items_cut(struct items *items, struct buffer *page, long long max);

/*
 * Guesses the cursor from the page's end, where it is as a rule, before the page is taken apart. Sets
 * cursor to it, or leaves it alone. The page is as it was; whether it is one, only items_cut says.
 */
void items_guess(struct buffer *page, struct buffer *cursor);

/* The same as items_cut with a text that is one item, whatever its value. */
const char *items_cut_value(struct items *items, struct buffer *text);

#endif
