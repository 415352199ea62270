#ifndef RHYTHM_TOKEN_VERIFICATION_H
#define RHYTHM_TOKEN_VERIFICATION_H

#include "token/acquire.h"

/*
 * verification: whether a token can be trusted, by the keys of the configured issuer (never of
 * whoever the token names) or those of --jwks. rhythm-net judges; the issuer's key set is kept
 * here.
 */

/*
 * Leaves what net/verify.h says of holder's token in report. STATUS_OK if it is valid, STATUS_INVALID
 * if not; or, reported and with nothing in report, STATUS_UNAVAILABLE (no key set), STATUS_BAD_INPUT
 * (--jwks), STATUS_CONFIG (no issuer).
 */
int verification_ask(const struct holder *holder, struct buffer *report);

/* Prints it. As verification_ask. */
int verification_run(const struct holder *holder);

#endif
