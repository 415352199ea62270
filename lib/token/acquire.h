#ifndef RHYTHM_TOKEN_ACQUIRE_H
#define RHYTHM_TOKEN_ACQUIRE_H

#include "token/cache.h"
#include "token/options.h"
#include "token/settings.h"

/*
 * acquire: gets a token that is valid for long enough: from the cache, else from the issuer, and
 * then once for all processes that wait for it.
 *
 *     holder_init(&holder, &options, &settings, clock_ns());
 *     status = acquire_token(&holder);
 *     holder_close(&holder);
 */
struct holder {
    const struct options *options;
    const struct settings *settings;
    long long started_ns; /* local clock when this process began */
    struct cache cache;
    struct entry entry; /* the token, if there is one */
};

void holder_init(struct holder *holder, const struct options *options,
                 const struct settings *settings, long long started_ns);
void holder_close(struct holder *holder);

/* Takes what is cached, whatever its age, or nothing. As cache_open and cache_load. */
int acquire_peek(struct holder *holder);

/*
 * Puts a token that is valid for long enough into holder->entry. STATUS_OK; or, reported, as
 * minting_ask, or STATUS_UNAVAILABLE (--offline and there is none), STATUS_CONFIG, STATUS_TRY_LATER
 * (the lease). In the renewal window, and until it expires if a renewal fails, the old token is
 * used, whatever goes wrong.
 */
int acquire_token(struct holder *holder);

#endif
