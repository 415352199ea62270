#include "jwt/jws.h"

#include <stdlib.h>
#include <string.h>

#include <jwt.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/memory.h"
#include "jwt/base64url.h"
#include "jwt/jwk.h"

#define UNSECURED "eyJhbGciOiJub25lIn0." /* {"alg":"none"} */

/*
 * What libcrypto verifies (RFC 7518, section 3), each pinned to the key's own type and curve before
 * it is used. HMAC and none are missing, so a public key is never used as a shared secret.
 */
static const struct algorithm algorithms[] = {
    {"RS256", "SHA256", "RSA", 0, NULL, 0},
    {"RS384", "SHA384", "RSA", 0, NULL, 0},
    {"RS512", "SHA512", "RSA", 0, NULL, 0},
    {"PS256", "SHA256", "RSA", 1, NULL, 0},
    {"PS384", "SHA384", "RSA", 1, NULL, 0},
    {"PS512", "SHA512", "RSA", 1, NULL, 0},
    {"ES256", "SHA256", "EC", 0, "P-256", 32},
    {"ES384", "SHA384", "EC", 0, "P-384", 48},
    {"ES512", "SHA512", "EC", 0, "P-521", 66},
};

static void *take_for_crypto(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return memory_take(size);
}

static void *take_again_for_crypto(void *bytes, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    /* for libcrypto a size of 0 frees; for C it is undefined */
    if (size)
        return memory_take_again(bytes, size);
    free(bytes);
    return NULL;
}

static void give_for_crypto(void *bytes, const char *file, int line)
{
    (void)file, (void)line;
    free(bytes);
}

/*
 * libjwt judges a header that it decodes: 1.x refuses PS256 and at+jwt (RFC 9068), and such a token
 * could not even be shown. So libjwt gets each part, the header too, as the payload of an unsecured
 * token. json_of returns its JSON text, to be freed with free(), or NULL.
 */
#if defined JWT_VERSION_MAJOR && JWT_VERSION_MAJOR >= 3

static int take_payload(jwt_t *jwt, jwt_config_t *config)
{
    jwt_value_t value = {.type = JWT_VALUE_JSON};

    if (jwt_claim_get(jwt, &value) == JWT_VALUE_ERR_NONE)
        *(char **)config->ctx = value.json_val;
    return 1; /* an unsecured token: nothing is verified */
}

static char *json_of(const char *unsecured_token)
{
    jwt_checker_t *checker = jwt_checker_new();
    char *text = NULL;

    if (checker && jwt_checker_setcb(checker, take_payload, &text) == 0)
        (void)jwt_checker_verify(checker, unsecured_token);
    jwt_checker_free(checker);
    return text;
}

#else

#define jwt_set_alloc(take, give) 0 /* libjwt 1.x has its own allocator: see decode_part */

static char *json_of(const char *unsecured_token)
{
    jwt_t *jwt = NULL;
    char *text = NULL;

    if (jwt_decode(&jwt, unsecured_token, NULL, 0) == 0)
        text = jwt_get_grants_json(jwt, NULL);
    jwt_free(jwt);
    return text;
}

#endif

void jws_prepare(void)
{
    json_set_alloc_funcs(memory_take, free);
    (void)CRYPTO_set_mem_functions(take_for_crypto, take_again_for_crypto, give_for_crypto);
    (void)jwt_set_alloc(memory_take, free);
}

/*
 * 1 if the part is a JSON object, without libjwt. JSON has no NUL, but jansson ignores one after a
 * number.
 */
static int is_object(const char *part, size_t len)
{
    SCRATCH text = BUFFER_EMPTY;
    int is_text = base64url_decode(part, len, &text) == 0 && !memchr(text.bytes, '\0', text.len);
    json_auto_t *json = is_text ? json_loadb(text.bytes, text.len, 0, NULL) : NULL;

    return json_is_object(json);
}

/*
 * The JSON object in a part of a token, or NULL. libjwt returns NULL when memory runs out too, so
 * is_object decides whether the part is at fault.
 */
static json_t *decode_part(const char *part)
{
    SCRATCH token = BUFFER_EMPTY;
    size_t len = strcspn(part, ".");
    char *text;
    json_t *json;

    buffer_puts(&token, UNSECURED);
    buffer_append(&token, part, len);
    buffer_puts(&token, ".");
    text = len ? json_of(token.bytes) : NULL;
    json = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    if (json_is_object(json))
        return json;
    json_decref(json);
    if (is_object(part, len))
        memory_exhausted();
    return NULL;
}

const char *jws_decode(const char *token, struct jws *jws)
{
    const char *first = strchr(token, '.');
    const char *second = first ? strchr(first + 1, '.') : NULL;
    int is_base64url = !token[strspn(token, BASE64URL ".")];

    *jws = (struct jws){.token = token, .header = is_base64url ? decode_part(token) : NULL};
    jws->alg = json_string_value(json_object_get(jws->header, "alg"));
    jws->kid = json_string_value(json_object_get(jws->header, "kid"));
    if (!first)
        return "is not a JWT: it has no dots";
    if (!second || strchr(second + 1, '.'))
        return "is not a JWT: it does not have three parts";
    if (!is_base64url)
        return "is not a JWT: it contains characters that are not base64url";
    if (!jws->header)
        return "is not a JWT: its header is not a JSON object";
    jws->payload = decode_part(first + 1);
    return NULL;
}

const char *jws_decode_jwt(const char *token, struct jws *jws)
{
    const char *wrong = jws_decode(token, jws);

    if (!wrong && !jws->payload)
        wrong = "is not a JWT: its payload is not a JSON object (or contains a NUL or a number "
                "beyond 64 bits)";
    return wrong;
}

const char *jws_choose_algorithm(struct jws *jws)
{
    if (json_object_get(jws->header, "crit"))
        return "the header's crit requires extensions that rhythm does not support";
    for (size_t i = 0; jws->alg && i < sizeof algorithms / sizeof *algorithms; i++)
        if (strcmp(algorithms[i].name, jws->alg) == 0)
            jws->algorithm = &algorithms[i];
    return jws->algorithm ? NULL : "the header's alg is not RS, PS or ES with 256, 384 or 512";
}

/* Turns r and s, side by side (RFC 7518, section 3.4), into DER for libcrypto; or into nothing. */
static void to_der(struct buffer *signature, size_t coordinate)
{
    const unsigned char *bytes = (const unsigned char *)signature->bytes;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    unsigned char *der = NULL;
    int len = 0;

    if (pair && signature->len == 2 * coordinate) {
        BIGNUM *r = BN_bin2bn(bytes, (int)coordinate, NULL);
        BIGNUM *s = BN_bin2bn(bytes + coordinate, (int)coordinate, NULL);

        if (ECDSA_SIG_set0(pair, r, s) == 1)
            len = i2d_ECDSA_SIG(pair, &der);
    }
    buffer_truncate(signature, 0);
    if (len > 0)
        buffer_append(signature, der, (size_t)len);
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
}

/* 1 if the key verifies the signature, else 0; sets jws->failed if libcrypto cannot judge. */
static int made_by(EVP_PKEY *key, struct jws *jws, const struct buffer *signature)
{
    size_t signed_len = (size_t)(strrchr(jws->token, '.') - jws->token); /* RFC 7515, section 5.2 */
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *padding = NULL; /* the context's */
    int is_ready = context && EVP_DigestVerifyInit_ex(context, &padding, jws->algorithm->digest,
                                                      NULL, NULL, key, NULL) == 1;
    int made;

    if (is_ready && jws->algorithm->pss) /* the salt is as long as the digest: RFC 7518, 3.5 */
        is_ready = EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1 &&
                   EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST) == 1;
    jws->failed |= !is_ready;
    made = is_ready && EVP_DigestVerify(context, (const unsigned char *)signature->bytes,
                                    signature->len, (const unsigned char *)jws->token,
                                    signed_len) == 1;
    EVP_MD_CTX_free(context);
    return made;
}

const char *jws_verify(struct jws *jws, const json_t *set)
{
    const char *last = strrchr(jws->token, '.') + 1;
    const char *wrong = jws->kid ? "no key in the key set has the token's kid and fits its alg"
                                 : "no key in the key set fits the token's alg";
    SCRATCH signature = BUFFER_EMPTY;
    size_t index;
    json_t *jwk;

    if (base64url_decode(last, strlen(last), &signature) != 0)
        return "the signature is not base64url";
    if (jws->algorithm->coordinate)
        to_der(&signature, jws->algorithm->coordinate);
    json_array_foreach(json_object_get(set, "keys"), index, jwk)
    {
        EVP_PKEY *key;
        int made;

        if (!jwk_fits(jwk, jws->algorithm, jws->kid))
            continue;
        key = jwk_key(jwk, jws->algorithm);
        made = key && signature.len && made_by(key, jws, &signature);
        EVP_PKEY_free(key);
        if (jws->failed)
            return "libcrypto cannot verify this algorithm here";
        if (made)
            return NULL;
        wrong = key ? "no key in the key set verifies the signature"
                    : "the key for this token is malformed, too weak or too large";
    }
    return wrong;
}

void jws_wipe(struct jws *jws)
{
    json_decref(jws->header);
    json_decref(jws->payload);
    *jws = (struct jws){0};
}
