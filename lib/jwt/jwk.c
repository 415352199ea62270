#include "jwt/jwk.h"

#include <stdint.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include "jwt/base64url.h"

#define RSA_BITS_MIN 2048 /* RFC 7518, section 3.3 */
#define RSA_BITS_MAX 16384 /* OpenSSL's own limit; larger ones only take time */
#define PART_MAX 4096 /* characters of a base64url part: 16384 bits and room to spare */

static EVP_PKEY *key_from(const char *type, OSSL_PARAM *parameters)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (context && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

static int decode_member(const json_t *jwk, const char *name, struct buffer *out)
{
    const char *text = json_string_value(json_object_get(jwk, name));

    return text && strlen(text) < PART_MAX ? base64url_decode(text, strlen(text), out) : -1;
}

static BIGNUM *number_of(const json_t *jwk, const char *name)
{
    SCRATCH bytes = BUFFER_EMPTY;

    if (decode_member(jwk, name, &bytes) != 0)
        return NULL;
    return BN_bin2bn((const unsigned char *)bytes.bytes, (int)bytes.len, NULL);
}

/*
 * RFC 7518, section 6.3. Anybody can sign for an exponent of 1, and RSA has no even modulus and no
 * even exponent: libcrypto accepts them, and fails late or not at all.
 */
static EVP_PKEY *rsa_key(const json_t *jwk)
{
    unsigned char n[RSA_BITS_MAX / 8];
    unsigned char e[8]; /* a longer exponent is refused; the usual one has 17 bits */
    BIGNUM *modulus = number_of(jwk, "n");
    BIGNUM *exponent = number_of(jwk, "e");
    /* OSSL_PARAM numbers have the machine's byte order: hence BN_bn2nativepad, which fills them */
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, n, sizeof n),
                               OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, e, sizeof e),
                               OSSL_PARAM_construct_end()};
    EVP_PKEY *key = NULL;

    if (modulus && exponent && BN_num_bits(modulus) >= RSA_BITS_MIN && BN_is_odd(modulus) &&
        BN_is_odd(exponent) && !BN_is_one(exponent) &&
        BN_bn2nativepad(modulus, n, sizeof n) > 0 && BN_bn2nativepad(exponent, e, sizeof e) > 0)
        key = key_from("RSA", parameters);
    BN_free(modulus);
    BN_free(exponent);
    return key;
}

/*
 * RFC 7518, section 6.2; libcrypto takes the point uncompressed (SEC 1, section 2.3.3), and refuses
 * one that is not on the curve. x and y have the curve's length even if they begin with zeros.
 */
static EVP_PKEY *ec_key(const json_t *jwk, const struct algorithm *algorithm)
{
    SCRATCH point = BUFFER_EMPTY;
    char *curve = (char *)(uintptr_t)algorithm->crv; /* it is only read */

    buffer_append(&point, "\x04", 1); /* uncompressed: x and y follow */
    if (decode_member(jwk, "x", &point) != 0 ||
        point.len != 1 + algorithm->coordinate ||
        decode_member(jwk, "y", &point) != 0 ||
        point.len != 1 + 2 * algorithm->coordinate)
        return NULL;
    return key_from("EC", (OSSL_PARAM[]){
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.bytes, point.len),
        OSSL_PARAM_construct_end()});
}

static int is(const json_t *value, const char *wanted)
{
    const char *text = json_string_value(value);

    return text && strcmp(text, wanted) == 0;
}

json_t *jwk_set(const struct buffer *text)
{
    json_t *set = json_loadb(buffer_text(text), text->len, 0, NULL);

    if (json_is_array(json_object_get(set, "keys")))
        return set;
    json_decref(set);
    return NULL;
}

int jwk_set_has(const json_t *set, const char *kid)
{
    size_t index;
    json_t *jwk;

    json_array_foreach(json_object_get(set, "keys"), index, jwk)
    {
        if (is(json_object_get(jwk, "kid"), kid))
            return 1;
    }
    return 0;
}

/* RFC 7517, sections 4.2 to 4.5: use, key_ops, alg and kid may be missing, else they must fit. */
int jwk_fits(const json_t *jwk, const struct algorithm *algorithm, const char *kid)
{
    const json_t *use = json_object_get(jwk, "use");
    const json_t *alg = json_object_get(jwk, "alg");
    const json_t *operations = json_object_get(jwk, "key_ops");
    int verifies = !operations;
    size_t index;
    json_t *operation;

    json_array_foreach(operations, index, operation)
    {
        verifies |= is(operation, "verify");
    }
    return verifies && is(json_object_get(jwk, "kty"), algorithm->kty) &&
           (!algorithm->crv || is(json_object_get(jwk, "crv"), algorithm->crv)) &&
           (!use || is(use, "sig")) && (!alg || is(alg, algorithm->name)) &&
           (!kid || is(json_object_get(jwk, "kid"), kid));
}

EVP_PKEY *jwk_key(const json_t *jwk, const struct algorithm *algorithm)
{
    return algorithm->coordinate ? ec_key(jwk, algorithm) : rsa_key(jwk);
}
