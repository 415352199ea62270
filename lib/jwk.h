#ifndef RHYTHM_JWK_H
#define RHYTHM_JWK_H

#include <stddef.h>

#include <jansson.h>

/*
 * jwk: public keys (RFC 7517) and the signatures they verify (RFC 7518, section 3), by libcrypto.
 *
 * An algorithm is pinned to the key's own type and curve before libcrypto is asked. HMAC and none
 * are not known here at all, so a public key can never pass for a shared secret.
 */

/* 1 if alg is RS, PS or ES with 256, 384 or 512. */
int jwk_knows(const char *alg);

/*
 * Verifies a compact JWS, whose first signed_len bytes are what is signed and then a dot and the
 * signature, with those keys of a key set that fit an algorithm that is known here: by their own
 * kid (any, if kid is NULL), type, curve, use, key_ops and alg. The signature must be base64url (RFC
 * 4648, section 5) in the one form that its bytes have. NULL if a key made it, else what is wrong.
 */
const char *jwk_verify(const json_t *keys, const char *alg, const char *kid, const char *token,
                       size_t signed_len);

#endif
