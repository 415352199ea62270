#ifndef SANDBOX_TOKEN_H
#define SANDBOX_TOKEN_H

/*
 * Making tokens of every kind, good and bad, and judging them as the API's authorizer does.
 *
 * Ordinary RS256 tokens are signed by libjwt 1.x, the way most issuers' libraries would; what
 * libjwt cannot or will not make (PSS, another typ, a payload that is no JSON) is signed by
 * libcrypto. Judging is libcrypto's alone, so each side checks the other.
 */

#include <jansson.h>
#include <stddef.h>

struct token_style {
    char alg[8];  /* as the token.alg knob */
    char typ[32]; /* "none": left out */
    char kid[16]; /* as the token.kid knob: a role, not an identifier */
};

/* The style that the token.* knobs ask for. */
void token_style_knobs(struct token_style *style);

/* A token with exactly these bytes as its payload; for the caller to free. */
char *token_sign_bytes(const void *payload, size_t len, const struct token_style *style);
char *token_sign_claims(const json_t *claims, const struct token_style *style);

/* What Auth0 issues when no audience was named: a five-part JWE, or formerly a "short" string.
 * "encrypted": for an API that wants its tokens so, with that API's alg, enc and kid. */
char *token_opaque(const char *form, const char *issuer);

/*
 * Judge a token by signature, issuer, times and audience. NULL and the claims (for json_decref), or
 * the reason for its refusal in the gateway's words. issuer is accepted beside our own addresses.
 */
const char *token_check(const char *token, const char *issuer, json_t **claims);

/* Does the claims' aud, a string or an array, hold audience? */
int token_has_audience(const json_t *claims, const char *audience);

/* n random bytes as base64url; for the caller to free. */
char *token_random(size_t n);

char *b64url(const void *bytes, size_t len);
void sha256_hex(const void *bytes, size_t len, char hex[65]);
void sha256_b64url(const char *text, char sum[44]);

#endif
