#ifndef RHYTHM_JWT_JWS_H
#define RHYTHM_JWT_JWS_H

#include <jansson.h>

/*
 * jws: the one room that includes <jwt.h>, and the one that verifies signatures, by libcrypto.
 *
 * A token here is a JWS in compact form (RFC 7515, section 7.1): three base64url parts. Decoding
 * is not trusting: only jws_verify says that a signature is valid. libjwt only decodes, so that the
 * verdict is the same with each version: 1.x knows neither key sets nor PS and accepts HS256 made
 * with a public key, and 3.3 accepts PS with any length of salt.
 *
 *     WIPED_BY(jws_wipe) struct jws jws = {0};
 *     wrong = jws_decode(token, &jws);
 *     if (!wrong)
 *         wrong = jws_choose_algorithm(&jws);
 *     if (!wrong)
 *         wrong = jws_verify(&jws, set);
 */

/* A decoded token; the text must outlive it. If a name is repeated, the last one counts. */
struct jws {
    const char *token;
    json_t *header;  /* NULL: not a JSON object */
    json_t *payload; /* the same */
    const char *alg; /* points into the header, as does kid; NULL if missing */
    const char *kid;
    const struct algorithm *algorithm;
    int failed; /* by jws_verify: libcrypto could not judge the token */
};

/*
 * Makes the libraries that read tokens and key sets end the program when memory runs out, instead of
 * reporting a malformed token. Call it before anything else of theirs.
 */
void jws_prepare(void);

/*
 * Decodes a token. NULL if it has three parts, of which the first is a header; else what is wrong, to
 * complete "the token ...". The header is set for any number of parts, so for a JWE too.
 */
const char *jws_decode(const char *token, struct jws *jws);

/* The same for a JWT (RFC 7519): its payload must be a JSON object too. */
const char *jws_decode_jwt(const char *token, struct jws *jws);

/*
 * NULL if the signature can be checked at all: an asymmetric algorithm and nothing critical (RFC
 * 7515, section 4.1.11); else what is wrong.
 */
const char *jws_choose_algorithm(struct jws *jws);

/*
 * Checks the signature with those keys of a key set (see jwk_set) that jwk_fits accepts. It must be
 * canonical base64url. NULL if a key verifies it, else what is wrong, with the token or, if failed is
 * set, with libcrypto.
 */
const char *jws_verify(struct jws *jws, const json_t *set);

void jws_wipe(struct jws *jws);

#endif
