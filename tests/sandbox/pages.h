#ifndef SANDBOX_PAGES_H
#define SANDBOX_PAGES_H

/*
 * Lists: the records of items.h, without deleted ones, with changed and created ones (store.h).
 *
 * A page is generated while it is sent, so a page of ten gigabytes takes no memory. A request cannot
 * choose the page size; a cursor says where to continue (Rhythm's reference).
 */

#include "answer.h"

enum list_form {
    LIST_ENVELOPE, /* GET: {Count, Items, LastEvaluatedKey}, the cursor in the query */
    LIST_SEARCH,   /* POST: the same; where the cursor goes is a knob */
    LIST_BARE      /* GET: an array of all, no cursor */
};

/* Answer with the page of the collection ("rolodex/contacts") that r asks for. */
void page_answer(const struct request *r, struct answer *a, const char *collection,
                 const char *tenant, enum list_form form);

#endif
