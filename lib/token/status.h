#ifndef RHYTHM_TOKEN_STATUS_H
#define RHYTHM_TOKEN_STATUS_H

#include "token/acquire.h"

/*
 * status: what is cached, how long it lives, and what this month has cost, on this host and, where a cache is shared,
 * on all. Only the cache helper is asked, never the issuer.
 */

/* Prints it. STATUS_OK with a valid token, STATUS_INVALID without; or as cache_load, ledger_count. */
int status_run(struct holder *holder);

#endif
