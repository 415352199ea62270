#ifndef RHYTHM_TOKEN_EXPIRY_H
#define RHYTHM_TOKEN_EXPIRY_H

#include "token/cache.h"

/*
 * expiry: how long a cached token can still be used, by the local clock.
 *
 * A token's life is what the issuer's expires_in said, counted from the request, so a wrong clock
 * costs a warning and not a token. 900 s before the end one process renews; with less than 300 s
 * all wait for it. Both shrink to a tenth of a life shorter than that.
 */

enum expiry {
    EXPIRY_OVER,
    EXPIRY_SHORT,    /* alive, but under --min-valid: everybody waits for a new one */
    EXPIRY_RENEWING, /* alive, and one process should renew it */
    EXPIRY_VALID
};

/* When the entry's token ends, epoch seconds; for an entry from the future, the token's exp. */
long long expiry_at(const struct entry *entry, long long now_s);

/*
 * Judges the entry. min_valid_s is the user's --min-valid, -1 without; it is honored up to half the
 * token's life. expiry_warn says so, and that a clock is off, once.
 */
enum expiry expiry_of(const struct entry *entry, long long now_s, long long min_valid_s);
void expiry_warn(const struct entry *entry, long long now_s, long long min_valid_s);

#endif
