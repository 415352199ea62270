#ifndef RHYTHM_NET_JWS_H
#define RHYTHM_NET_JWS_H

#include "base/buffer.h"

/*
 * jws: the one room that includes <jwt.h>, and the one that verifies signatures, by libcrypto.
 *
 * A token here is a JWS in compact form (RFC 7515, section 7.1): three base64url parts. Decoding
 * is not trusting: only jws_verify says that a signature is good. libjwt decodes; it would verify
 * too little, and too much.
 */

/*
 * Makes the libraries that read tokens and key sets end the program without memory, instead of
 * calling what they could not read wrong. Before anything else of them is used.
 */
void jws_prepare(void);

/*
 * Decodes a token's header and payload into one line of JSON text each, as libjwt prints it; each
 * must be a JSON object. Of a name that comes twice the last one counts (RFC 7519, section 4).
 * NULL; or what is wrong with it, to complete "the token ...".
 */
const char *jws_decode(const char *token, struct buffer *header, struct buffer *payload);

/* The same for the header alone, of a token with any number of parts, such as a JWE. */
const char *jws_decode_header(const char *token, struct buffer *header);

/* A token whose signature is checked. alg and kid are NULL if its header has none. */
struct jws {
    const char *token;
    struct json_t *header; /* alg and kid lie in it */
    const char *alg;
    const char *kid;
    const struct algorithm *algorithm;
    int failed; /* by jws_verify: libcrypto could not do it, which says nothing of the token */
};

/*
 * Reads a token's header. NULL if it is one whose signature can be checked at all: an asymmetric
 * algorithm and nothing critical (RFC 7515, section 4.1.11); else what is wrong. jws_wipe either
 * way; token must outlive jws.
 */
const char *jws_parse(const char *token, struct jws *jws);

/*
 * Checks the signature with those keys of a key set's JSON text (RFC 7517) that fit it, by their
 * own kid, type, curve, use, key_ops and alg. It must be base64url in the one form that its bytes
 * have. NULL if a key made it, else what is wrong,
 * with the token or, if failed is set, with libcrypto.
 */
const char *jws_verify(struct jws *jws, const char *keys, size_t keys_len);

void jws_wipe(struct jws *jws);

#endif
