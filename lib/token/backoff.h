#ifndef RHYTHM_TOKEN_BACKOFF_H
#define RHYTHM_TOKEN_BACKOFF_H

#include "token/cache.h"

/*
 * backoff: after a failed token request the next one has to wait: 60 s, doubling to about an hour.
 */

/* 1 if the failure is so recent that nobody should try again; now_ns of clock_ns. */
int backoff_holds(const struct failure *failure, long long now_ns);

/*
 * Makes the error that was just reported the cache's last failure, one more in a row. cause is
 * rhythm-check's word for it. The lease must be held.
 */
void backoff_record(struct cache *cache, int status, const char *cause);

#endif
