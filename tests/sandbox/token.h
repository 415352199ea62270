#ifndef SANDBOX_TOKEN_H
#define SANDBOX_TOKEN_H

/*
 * Makes tokens of every kind, valid and not, and judges them as the API's authorizer does.
 *
 * libjwt 1.x signs ordinary RS256 tokens, as most issuers' libraries would; libcrypto signs those that
 * libjwt cannot make (PSS, another typ, a payload that is not JSON). Only libcrypto judges, so each
 * library checks the other.
 */

#include <jansson.h>
#include <stddef.h>

struct token_style {
    char alg[8];  /* as the token.alg knob */
    char typ[32]; /* "none": left out */
    char kid[16]; /* as the token.kid knob: a role, not an identifier */
};

/* The style from the token.* knobs. */
void token_style_knobs(struct token_style *style);

/* A token with exactly these bytes as its payload; for the caller to free. */
char *token_sign_bytes(const void *payload, size_t len, const struct token_style *style);
char *token_sign_claims(const json_t *claims, const struct token_style *style);

/* What Auth0 issues for a request without an audience: a five-part JWE, or formerly a "short" string.
 * "encrypted": for an API that requires encryption, with that API's alg, enc and kid. */
char *token_opaque(const char *form, const char *issuer);

/*
 * Judge a token by signature, issuer, times and audience. NULL and the claims (for json_decref), or
 * the reason for its refusal in the gateway's words. issuer is accepted besides our own addresses.
 */
const char *token_check(const char *token, const char *issuer, json_t **claims);

/* Does the claims' aud, a string or an array, contain audience? */
int token_has_audience(const json_t *claims, const char *audience);

/* n random bytes as base64url; for the caller to free. */
char *token_random(size_t n);

char *b64url(const void *bytes, size_t len);
void sha256_hex(const void *bytes, size_t len, char hex[65]);
void sha256_b64url(const char *text, char sum[44]);

#endif
