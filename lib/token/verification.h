#ifndef RHYTHM_TOKEN_VERIFICATION_H
#define RHYTHM_TOKEN_VERIFICATION_H

#include "token/options.h"
#include "token/settings.h"

/*
 * verification: whether a token is to be trusted, by the keys of the configured issuer (never of
 * whoever the token names) or those of --jwks. rhythm-net judges; the issuer's key set is kept here.
 */

/*
 * Prints what net/verify.h says of the token. STATUS_OK if it is valid, STATUS_INVALID if not; or,
 * reported, STATUS_UNAVAILABLE (no key set), STATUS_BAD_INPUT (--jwks), STATUS_CONFIG (no issuer).
 */
int verification_run(const struct options *options, const struct settings *settings,
                     const char *token);

#endif
