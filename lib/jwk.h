#ifndef RHYTHM_JWK_H
#define RHYTHM_JWK_H

#include <stddef.h>

#include "buffer.h"

/*
 * jwk: public keys (RFC 7517) and the signatures they verify (RFC 7518, section 3), by libcrypto.
 *
 * An algorithm is pinned to the key's own type and curve before libcrypto is asked. HMAC and none
 * are not known here at all, so a public key can never pass for a shared secret.
 */

/* 1 if alg is RS, PS or ES with 256, 384 or 512. */
int jwk_knows(const char *alg);

/*
 * Verifies signature (base64url) over signed_bytes with the keys of a key set's JSON text: those
 * whose kid is kid (all, if it is NULL) and whose type, use, key_ops and alg fit. Keys that are
 * broken, too weak (RSA under 2048 bits) or too big are passed over one by one.
 * NULL if one of them made the signature, else what is wrong.
 */
const char *jwk_verify(const char *keys, size_t keys_len, const char *alg, const char *kid,
                       const char *signed_bytes, size_t signed_len, const char *signature);

#endif
