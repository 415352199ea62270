#ifndef SANDBOX_QUERIES_H
#define SANDBOX_QUERIES_H

/*
 * The Query API of the service system: start, describe until the query has ended, fetch the result
 * from another host (Rhythm's reference and its guide to queries).
 *
 * Published are the paths, that a start needs context_id, criteria and a non-empty array of objects,
 * and the fields of describe up to sys_last_modified_at. Not published are the words of status, the
 * name of the result's field, and where the result is: those are knobs, and their defaults are
 * invented. Nobody who wrote this has seen a query on a live tenant.
 */

#include "answer.h"

void query_start(const struct request *r, struct answer *a);
void query_describe(const struct request *r, struct answer *a);
void query_definition(const struct request *r, struct answer *a);

/* The store of results, on its own listener: it takes a signed URL, and refuses a token. */
void query_result(const struct request *r, struct answer *a);

/* Forget all queries. */
void query_reset(void);

#endif
