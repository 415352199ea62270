#ifndef SANDBOX_PAGES_H
#define SANDBOX_PAGES_H

/*
 * Lists without a database: item N always has the same bytes, and a cursor says where to go on.
 *
 * Pages of any size are written as they are sent, so a page of ten gigabytes takes no memory. Items
 * hold what trips readers up: 19.99, an integer beyond 2^53, JSON escapes, a trailing zero.
 */

#include "http.h"

/*
 * Answer with the page that r's query asks for: exclusiveStartKey, and fields or fieldsToReturn (in
 * the query, or in a JSON body). bare: all items as an array, without a cursor.
 */
void page_answer(const struct request *r, struct answer *a, const char *tenant, bool bare);

/* Answer with one item of any id, reduced to the fields that the query asks for. */
void page_answer_one(const struct request *r, struct answer *a, const char *tenant, const char *id);

#endif
