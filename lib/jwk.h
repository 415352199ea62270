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
 * 1 if a key of a key set may verify alg, by its own words: kid is kid (any, if that is NULL), and
 * type, curve, use, key_ops and alg fit; and if it is no bigger than any real key.
 */
int jwk_fits(const json_t *jwk, const char *alg, const char *kid);

/* 1 if signature is base64url (RFC 4648, section 5) in the one form that its bytes have. */
int jwk_is_base64url(const char *signature);

/*
 * Verifies signature, base64url, over signed_bytes with a key that fits. 1 if the key made it,
 * 0 if not, -1 if the key is broken or too weak (RSA under 2048 bits).
 */
int jwk_verify(const json_t *jwk, const char *alg, const char *signed_bytes, size_t signed_len,
               const char *signature);

#endif
