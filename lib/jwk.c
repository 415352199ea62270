#include "jwk.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "buffer.h"

#define RSA_BITS_MIN 2048 /* RFC 7518, section 3.3 */
#define RSA_BITS_MAX 16384
#define PART_MAX 4096 /* characters of a base64url part: 16384 bits and room to spare */

static const struct algorithm {
    const char *name;
    const char *digest;
    const char *kty;
    const char *crv;   /* of EC keys (RFC 7518, section 3.4) */
    const char *group; /* libcrypto's name of the curve */
    size_t coordinate; /* bytes of x and y, and of r and s in a signature */
    int pss;
} algorithms[] = {
    {"RS256", "SHA256", "RSA", NULL, NULL, 0, 0},
    {"RS384", "SHA384", "RSA", NULL, NULL, 0, 0},
    {"RS512", "SHA512", "RSA", NULL, NULL, 0, 0},
    {"PS256", "SHA256", "RSA", NULL, NULL, 0, 1},
    {"PS384", "SHA384", "RSA", NULL, NULL, 0, 1},
    {"PS512", "SHA512", "RSA", NULL, NULL, 0, 1},
    {"ES256", "SHA256", "EC", "P-256", "prime256v1", 32, 0},
    {"ES384", "SHA384", "EC", "P-384", "secp384r1", 48, 0},
    {"ES512", "SHA512", "EC", "P-521", "secp521r1", 66, 0},
};

static const struct algorithm *find_algorithm(const char *alg)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (strcmp(algorithms[i].name, alg) == 0)
            return &algorithms[i];
    return NULL;
}

int jwk_knows(const char *alg)
{
    return find_algorithm(alg) != NULL;
}

/*
 * Appends what text stands for: libcrypto's base64 in the alphabet of RFC 4648, section 5, without
 * padding. Only the one way to write the bytes is accepted. 0, or -1.
 */
static int decode_base64url(const char *text, struct buffer *bytes)
{
    unsigned char padded[PART_MAX + 4];
    unsigned char decoded[PART_MAX];
    size_t len = text ? strlen(text) : 0;
    size_t full = (len + 3) / 4 * 4;
    size_t used;

    if (len == 0 || len > PART_MAX - 4 || len % 4 == 1)
        return -1;
    for (size_t i = 0; i < full; i++) {
        char c = i < len ? text[i] : '=';

        if (i < len && (c == '+' || c == '/' || c == '='))
            return -1;
        padded[i] = (unsigned char)(c == '-' ? '+' : c == '_' ? '/' : c);
    }
    if (EVP_DecodeBlock(decoded, padded, (int)full) != (int)(full / 4 * 3))
        return -1;
    used = full / 4 * 3 - (full - len);
    buffer_append(bytes, decoded, used);
    EVP_EncodeBlock(decoded, (const unsigned char *)bytes->bytes + bytes->len - used, (int)used);
    return memcmp(decoded, padded, full) == 0 ? 0 : -1;
}

static EVP_PKEY *key_from(const char *type, OSSL_PARAM_BLD *build)
{
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (parameters && context && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    OSSL_PARAM_free(parameters);
    EVP_PKEY_CTX_free(context);
    return key;
}

/* RFC 7518, section 6.3. */
static EVP_PKEY *rsa_key(const json_t *jwk)
{
    SCRATCH n = BUFFER_EMPTY, e = BUFFER_EMPTY;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *modulus = NULL;
    BIGNUM *exponent = NULL;
    EVP_PKEY *key = NULL;

    if (build && decode_base64url(json_string_value(json_object_get(jwk, "n")), &n) == 0 &&
        decode_base64url(json_string_value(json_object_get(jwk, "e")), &e) == 0 && e.len <= 8 &&
        (modulus = BN_bin2bn((const unsigned char *)n.bytes, (int)n.len, NULL)) != NULL &&
        (exponent = BN_bin2bn((const unsigned char *)e.bytes, (int)e.len, NULL)) != NULL &&
        BN_num_bits(modulus) >= RSA_BITS_MIN && BN_num_bits(modulus) <= RSA_BITS_MAX &&
        BN_is_odd(modulus) && BN_is_odd(exponent) && !BN_is_one(exponent) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
        key = key_from("RSA", build);
    OSSL_PARAM_BLD_free(build);
    BN_free(modulus);
    BN_free(exponent);
    return key;
}

/* RFC 7518, section 6.2; libcrypto takes the point uncompressed (SEC 1, section 2.3.3). */
static EVP_PKEY *ec_key(const json_t *jwk, const struct algorithm *algorithm)
{
    SCRATCH point = BUFFER_EMPTY;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;

    buffer_append(&point, "\x04", 1);
    if (build &&
        decode_base64url(json_string_value(json_object_get(jwk, "x")), &point) == 0 &&
        point.len == 1 + algorithm->coordinate &&
        decode_base64url(json_string_value(json_object_get(jwk, "y")), &point) == 0 &&
        point.len == 1 + 2 * algorithm->coordinate &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, algorithm->group, 0) ==
            1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point.bytes, point.len) ==
            1)
        key = key_from("EC", build);
    OSSL_PARAM_BLD_free(build);
    return key;
}

static int says(const json_t *jwk, const char *name, const char *wanted)
{
    const json_t *value = json_object_get(jwk, name);

    return !value || (json_is_string(value) && strcmp(json_string_value(value), wanted) == 0);
}

/* RFC 7517, section 4. */
int jwk_fits(const json_t *jwk, const char *alg, const char *kid)
{
    const struct algorithm *algorithm = find_algorithm(alg);
    const char *kty = json_string_value(json_object_get(jwk, "kty"));
    const char *crv = json_string_value(json_object_get(jwk, "crv"));
    const json_t *operations = json_object_get(jwk, "key_ops");
    int verifies = !operations;
    size_t index;
    json_t *operation;

    json_array_foreach(operations, index, operation)
    {
        const char *name = json_string_value(operation);

        verifies |= name && strcmp(name, "verify") == 0;
    }
    return verifies && kty && strcmp(kty, algorithm->kty) == 0 &&
           (!algorithm->crv || (crv && strcmp(crv, algorithm->crv) == 0)) &&
           json_string_length(json_object_get(jwk, "n")) < PART_MAX && says(jwk, "use", "sig") &&
           says(jwk, "alg", algorithm->name) &&
           (!kid || (json_object_get(jwk, "kid") && says(jwk, "kid", kid)));
}

/* r and s, side by side (RFC 7518, section 3.4), as the DER that libcrypto wants. */
static int to_der(struct buffer *signature, size_t coordinate)
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    const unsigned char *bytes = (const unsigned char *)signature->bytes;
    unsigned char *der = NULL;
    BIGNUM *r = NULL;
    BIGNUM *s = NULL;
    int len = -1;

    if (pair && signature->len == 2 * coordinate &&
        (r = BN_bin2bn(bytes, (int)coordinate, NULL)) != NULL &&
        (s = BN_bin2bn(bytes + coordinate, (int)coordinate, NULL)) != NULL &&
        ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL; /* the pair's now */
        len = i2d_ECDSA_SIG(pair, &der);
    }
    if (len > 0) {
        buffer_truncate(signature, 0);
        buffer_append(signature, der, (size_t)len);
    }
    OPENSSL_free(der);
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return len > 0 ? 0 : -1;
}

static int made_by(EVP_PKEY *key, const struct algorithm *algorithm, const struct buffer *signature,
                   const char *signed_bytes, size_t signed_len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *padding = NULL; /* the context's */
    const EVP_MD *digest = EVP_get_digestbyname(algorithm->digest);
    int made = context && EVP_DigestVerifyInit(context, &padding, digest, NULL, key) == 1;

    if (made && algorithm->pss) /* the salt is as long as the digest: RFC 7518, section 3.5 */
        made = EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST) == 1;
    made = made && EVP_DigestVerify(context, (const unsigned char *)signature->bytes,
                                    signature->len, (const unsigned char *)signed_bytes,
                                    signed_len) == 1;
    EVP_MD_CTX_free(context);
    return made;
}

int jwk_is_base64url(const char *signature)
{
    SCRATCH bytes = BUFFER_EMPTY;

    return decode_base64url(signature, &bytes) == 0;
}

int jwk_verify(const json_t *jwk, const char *alg, const char *signed_bytes, size_t signed_len,
               const char *signature)
{
    const struct algorithm *algorithm = find_algorithm(alg);
    EVP_PKEY *key = algorithm->coordinate ? ec_key(jwk, algorithm) : rsa_key(jwk);
    SCRATCH bytes = BUFFER_EMPTY;
    int made = key ? 0 : -1;

    if (key && decode_base64url(signature, &bytes) == 0 &&
        (!algorithm->coordinate || to_der(&bytes, algorithm->coordinate) == 0))
        made = made_by(key, algorithm, &bytes, signed_bytes, signed_len);
    EVP_PKEY_free(key);
    return made;
}
