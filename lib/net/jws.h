#ifndef RHYTHM_NET_JWS_H
#define RHYTHM_NET_JWS_H

#include <jansson.h>

/*
 * jws: the one room that includes <jwt.h>, and the one that verifies signatures, by libcrypto.
 *
 * A token here is a JWS in compact form (RFC 7515, section 7.1): three base64url parts. Decoding
 * is not trusting: only jws_verify says that a signature is good. libjwt decodes, and no more: 1.x
 * knows neither key sets nor PS and takes HS256 made with a public key, and 3.3 takes PS with any
 * length of salt. So the verdict is the same with each of them.
 *
 *     WIPED_BY(jws_wipe) struct jws jws = {0};
 *     wrong = jws_decode(token, &jws);
 *     if (!wrong)
 *         wrong = jws_choose_algorithm(&jws);
 *     if (!wrong)
 *         wrong = jws_verify(&jws, set);
 */

/* A token that was taken apart; it must outlive this. Of a name that comes twice the last counts. */
struct jws {
    const char *token;
    json_t *header;  /* NULL: no JSON object */
    json_t *payload; /* the same */
    const char *alg; /* lies in the header, as does kid; NULL without one */
    const char *kid;
    const struct algorithm *algorithm;
    int failed; /* by jws_verify: libcrypto could not do it, which says nothing of the token */
};

/*
 * Makes the libraries that read tokens and key sets end the program without memory, instead of
 * calling what they could not read wrong. Before anything else of them is used.
 */
void jws_prepare(void);

/*
 * Takes a token apart. NULL if it has three parts, of which the first is a header; else what is
 * wrong, to complete "the token ...". The header is there of any number of parts, such as a JWE's.
 */
const char *jws_decode(const char *token, struct jws *jws);

/* The same of a JWT (RFC 7519): its payload must be a JSON object too. */
const char *jws_decode_jwt(const char *token, struct jws *jws);

/*
 * NULL if the signature can be checked at all: an asymmetric algorithm and nothing critical (RFC
 * 7515, section 4.1.11); else what is wrong.
 */
const char *jws_choose_algorithm(struct jws *jws);

/*
 * Checks the signature with those keys of a key set (see jwk_set) that fit it, by their own kid,
 * type, curve, use, key_ops and alg. It must be base64url in the one form that its bytes have. NULL
 * if a key made it, else what is wrong, with the token or, if failed is set, with libcrypto.
 */
const char *jws_verify(struct jws *jws, const json_t *set);

void jws_wipe(struct jws *jws);

#endif
