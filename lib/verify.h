#ifndef RHYTHM_VERIFY_H
#define RHYTHM_VERIFY_H

#include "cache.h"
#include "options.h"
#include "settings.h"

/*
 * verify: whether a token is to be trusted: its signature, issuer, audience and times
 * (RFC 7519, section 7.2; RFC 8725).
 */

/*
 * Judges entry's token and prints signature=, alg=, kid=, iss= ... and, if it is not valid,
 * reason=. STATUS_OK if it is valid, STATUS_INVALID if not; or, reported, what keyset_get or
 * output_lines say: "no key set" is never "not valid".
 */
int verify_token(const struct options *options, const struct settings *settings,
                 const struct entry *entry);

#endif
