#ifndef RHYTHM_NET_JWK_H
#define RHYTHM_NET_JWK_H

#include <stddef.h>

#include <jansson.h>
#include <openssl/evp.h>

#include "base/buffer.h"

/*
 * jwk: key sets (RFC 7517), a key as libcrypto takes it, and which signatures it may verify.
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

/* The key set that text is: a JSON object with an array "keys". json_decref ends it; or NULL. */
json_t *jwk_set(const struct buffer *text);

/* 1 if the set has a key of that kid, else 0. */
int jwk_set_has(const json_t *set, const char *kid);

/*
 * 1 if the key may verify this, by its own kid (unless that is NULL), type, curve, use, key_ops and
 * alg; else 0.
 */
int jwk_fits(const json_t *jwk, const struct algorithm *algorithm, const char *kid);

/* The key, which EVP_PKEY_free ends; NULL if it is broken, too weak or too big. */
EVP_PKEY *jwk_key(const json_t *jwk, const struct algorithm *algorithm);

#endif
