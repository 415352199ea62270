#ifndef RHYTHM_NET_VERIFY_H
#define RHYTHM_NET_VERIFY_H

#include "token/cache.h"
#include "token/options.h"
#include "token/settings.h"

/*
 * verify: whether a token is to be trusted: its signature, issuer, audience and times
 * (RFC 7519, section 7.2; RFC 8725). The keys (RFC 7517) are fetched with a limit and kept on the
 * disk.
 */

/*
 * Judges entry's token and prints signature=, alg=, kid=, iss= ... and, if it is not valid,
 * reason=. STATUS_OK if it is valid, STATUS_INVALID if not; or, reported, as output_lines or, since
 * "no key set" is never "not valid", STATUS_UNAVAILABLE (none to be had), STATUS_BAD_INPUT (--jwks
 * is a file that is none) or STATUS_CONFIG (no issuer, an unsafe URL).
 */
int verify_token(const struct options *options, const struct settings *settings,
                 const struct entry *entry);

#endif
