#ifndef RHYTHM_NET_VERIFY_H
#define RHYTHM_NET_VERIFY_H

#include "base/attributes.h"
#include "base/buffer.h"

/*
 * verify: whether a token can be trusted: its signature, issuer, audience and times
 * (RFC 7519, section 7.2; RFC 8725). The caller says which key set counts, never the token.
 *
 * The request has
 *
 *     token=
 *     keys=       a key set (RFC 7517) that the caller has; keys_from= is its name for messages
 *     keys_url=   where to fetch it, at most once; without it nothing is fetched
 *     keys_age=   seconds since keys= was fetched there
 *     audience= issuer= (its URL; "": not checked) leeway= (seconds) signature_only=yes
 *
 * and the answer
 *
 *     report=     what to print, lines of key=value: signature= alg= kid= iss= ... and, if the
 *                 token is not valid, reason=
 *     keys=       the key set, if it was fetched
 */

/*
 * STATUS_OK if the token is valid, STATUS_INVALID if not; or, reported, since "no key set" is never
 * "not valid", STATUS_UNAVAILABLE (none could be fetched), STATUS_BAD_INPUT (keys is not a key set)
 * or STATUS_BUG (libcrypto could not judge).
 */
int verify_judge(const struct attributes *request, struct buffer *answer);

#endif
