#ifndef RHYTHM_TOKEN_STATUS_H
#define RHYTHM_TOKEN_STATUS_H

#include "token/acquire.h"

/*
 * status: what is cached, how long it lives, and what this month has cost, on this host and, with a
 * shared cache, on all. Only the cache helper is asked, never the issuer.
 */

/*
 * Appends it, for a holder whose cache is open. STATUS_OK with a valid token, STATUS_INVALID
 * without; or, reported, as ledger_count, with out holding what was known until then.
 */
int status_describe(struct holder *holder, struct buffer *out);

/* Reads the cache and prints it. As status_describe, or as cache_load. */
int status_run(struct holder *holder);

#endif
