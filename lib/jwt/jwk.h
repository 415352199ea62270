#ifndef RHYTHM_JWT_JWK_H
#define RHYTHM_JWT_JWK_H

#include <stddef.h>

#include <jansson.h>
#include <openssl/evp.h>

#include "base/buffer.h"

/*
 * jwk: key sets (RFC 7517), their keys for libcrypto, and which signatures each may verify.
 */

/* An algorithm of RFC 7518, section 3, pinned to the key's own type and curve. */
struct algorithm {
    const char *name;
    const char *digest;
    const char *kty;
    int pss;
    const char *crv;   /* of EC keys (RFC 7518, section 3.4) */
    size_t coordinate; /* bytes of x and y, and of r and s in a signature; 0: an RSA key */
};

/* Parses a key set, a JSON object with an array "keys"; or NULL. The caller calls json_decref. */
json_t *jwk_set(const struct buffer *text);

/* 1 if the set contains a key with that kid, else 0. */
int jwk_set_has(const json_t *set, const char *kid);

/*
 * 1 if the key may verify this, by its kid (unless kid is NULL), type, curve, use, key_ops and alg;
 * else 0.
 */
int jwk_fits(const json_t *jwk, const struct algorithm *algorithm, const char *kid);

/* The key, to be freed with EVP_PKEY_free; NULL if it is malformed, too weak or too large. */
EVP_PKEY *jwk_key(const json_t *jwk, const struct algorithm *algorithm);

#endif
