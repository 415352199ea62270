#include "net/jws.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <jwt.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "base/memory.h"

#define BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

#define UNSECURED "eyJhbGciOiJub25lIn0." /* {"alg":"none"} */

#define RSA_BITS_MIN 2048 /* RFC 7518, section 3.3 */
#define RSA_BITS_MAX 16384
#define PART_MAX 4096 /* characters of a base64url part: 16384 bits and room to spare */

/*
 * What libcrypto verifies (RFC 7518, section 3), each pinned to the key's own type and curve before
 * it is asked. HMAC and none are not known here, so a public key never passes for a shared secret.
 */
static const struct algorithm {
    const char *name;
    const char *digest;
    const char *kty;
    int pss;
    const char *crv;   /* of EC keys (RFC 7518, section 3.4) */
    size_t coordinate; /* bytes of x and y, and of r and s in a signature; 0: an RSA key */
} algorithms[] = {
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

static const struct algorithm *find_algorithm(const char *alg)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (alg && strcmp(algorithms[i].name, alg) == 0)
            return &algorithms[i];
    return NULL;
}

/*
 * A header's alg and typ must not decide whether a token can be shown (libjwt 1.x refuses PS256 and
 * at+jwt, RFC 9068), and a header is no payload. So each part is handed to libjwt as the payload of
 * an unsecured token; json_of gives its JSON text, which free() frees, or NULL.
 */
#if defined JWT_VERSION_MAJOR && JWT_VERSION_MAJOR >= 3

static int take_payload(jwt_t *jwt, jwt_config_t *config)
{
    jwt_value_t value = {.type = JWT_VALUE_JSON};

    if (jwt_claim_get(jwt, &value) == JWT_VALUE_ERR_NONE)
        *(char **)config->ctx = value.json_val;
    return 1; /* there is nothing to verify */
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

/*
 * What libjwt's own key set and checker say of the signature. They come second: libjwt 3.3 takes PS
 * signatures with any length of salt.
 */
static int libjwt_agrees(const json_t *jwk, const struct jws *jws)
{
    char *text = json_dumps(jwk, JSON_COMPACT);
    jwk_set_t *set = text ? jwks_create(text) : NULL;
    const jwk_item_t *item = set ? jwks_item_get(set, 0) : NULL;
    jwt_checker_t *checker = jwt_checker_new();
    int agrees = item && !jwks_item_error(item) && checker &&
                 jwt_checker_setkey(checker, jwt_str_alg(jws->alg), item) == 0 &&
                 jwt_checker_time_leeway(checker, JWT_CLAIM_EXP, -1) == 0 &&
                 jwt_checker_time_leeway(checker, JWT_CLAIM_NBF, -1) == 0 &&
                 jwt_checker_verify(checker, jws->token) == 0;

    jwt_checker_free(checker);
    jwks_free(set);
    free(text);
    return agrees;
}

#else

#define jwt_set_alloc(take, give) 0 /* libjwt 1.x takes what it needs by itself: see decode_part */

/* libjwt 1.x has no key sets, no PS, and takes HS256 made with a public key: it is not asked. */
static int libjwt_agrees(const json_t *jwk, const struct jws *jws)
{
    (void)jwk, (void)jws;
    return 1;
}

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
 * Appends what len characters stand for in base64url (RFC 4648, section 5), by libcrypto's base64.
 * Only the one way to write the bytes is accepted: what fills the last of them up is zeros. 0, or -1.
 */
static int decode_base64url(const char *text, size_t len, struct buffer *out)
{
    SCRATCH base64 = BUFFER_EMPTY, bytes = BUFFER_EMPTY;
    size_t used = len * 3 / 4;

    if (len == 0 || strspn(text, BASE64URL) < len || len % 4 == 1)
        return -1;
    for (size_t i = 0; i < len; i++)
        buffer_append(&base64, text[i] == '-' ? "+" : text[i] == '_' ? "/" : text + i, 1);
    while (base64.len % 4)
        buffer_puts(&base64, "A"); /* six zero bits */
    buffer_append(&bytes, base64.bytes, base64.len); /* room for what is shorter */
    if (EVP_DecodeBlock((unsigned char *)bytes.bytes, (const unsigned char *)base64.bytes,
                        (int)base64.len) < (int)used)
        return -1;
    for (size_t i = used; i < base64.len / 4 * 3; i++)
        if (bytes.bytes[i])
            return -1;
    buffer_append(out, bytes.bytes, used);
    return 0;
}

/* 1 if the part is a JSON object, without libjwt. */
static int is_object(const char *part, size_t len)
{
    SCRATCH text = BUFFER_EMPTY;
    int is_text = decode_base64url(part, len, &text) == 0;
    json_auto_t *json = is_text ? json_loadb(text.bytes, text.len, 0, NULL) : NULL;

    return json_is_object(json);
}

/*
 * 0, or -1 if the part of a token that begins here is no JSON object. libjwt says the same of one
 * that it had no memory for; so its no is looked into.
 */
static int decode_part(const char *part, struct buffer *json)
{
    SCRATCH token = BUFFER_EMPTY;
    size_t len = strcspn(part, ".");
    int is_good;
    char *text;

    if (len == 0)
        return -1;
    buffer_puts(&token, UNSECURED);
    buffer_append(&token, part, len);
    buffer_puts(&token, ".");
    text = json_of(token.bytes);
    if (text)
        buffer_set(json, text);
    is_good = text && *text == '{';
    free(text);
    if (!is_good && is_object(part, len))
        memory_exhausted();
    return is_good ? 0 : -1;
}

const char *jws_decode_header(const char *token, struct buffer *header)
{
    if (token[strspn(token, BASE64URL ".")])
        return "is no JWT: it holds characters that are not base64url";
    if (decode_part(token, header) != 0)
        return "is no JWT: its header is not a JSON object";
    return NULL;
}

/* The same, of a token with three parts. */
static const char *decode_jws_header(const char *token, struct buffer *header)
{
    const char *first = strchr(token, '.');
    const char *second = first ? strchr(first + 1, '.') : NULL;

    if (!first)
        return "is no JWT: it has no dots";
    if (!second || strchr(second + 1, '.'))
        return "is no JWT: it does not have three parts";
    return jws_decode_header(token, header);
}

const char *jws_decode(const char *token, struct buffer *header, struct buffer *payload)
{
    const char *wrong = decode_jws_header(token, header);

    if (!wrong && decode_part(strchr(token, '.') + 1, payload) != 0)
        wrong = "is no JWT: its payload is not a JSON object (or holds a NUL or a number beyond "
                "64 bits)";
    return wrong;
}

const char *jws_parse(const char *token, struct jws *jws)
{
    SCRATCH header = BUFFER_EMPTY;
    const char *wrong = decode_jws_header(token, &header);

    *jws = (struct jws){.token = token, .header = json_loads(buffer_text(&header), 0, NULL)};
    jws->alg = json_string_value(json_object_get(jws->header, "alg"));
    jws->kid = json_string_value(json_object_get(jws->header, "kid"));
    jws->algorithm = find_algorithm(jws->alg);
    if (!wrong && json_object_get(jws->header, "crit"))
        wrong = "the header has crit, and none of its extensions is known here";
    else if (!wrong && !jws->algorithm)
        wrong = "the header's alg is none of RS, PS, ES with 256, 384 or 512";
    return wrong;
}

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

    return text && strlen(text) < PART_MAX ? decode_base64url(text, strlen(text), out) : -1;
}

static BIGNUM *number_of(const json_t *jwk, const char *name)
{
    SCRATCH bytes = BUFFER_EMPTY;

    if (decode_member(jwk, name, &bytes) != 0)
        return NULL;
    return BN_bin2bn((const unsigned char *)bytes.bytes, (int)bytes.len, NULL);
}

/* RFC 7518, section 6.3. */
static EVP_PKEY *rsa_key(const json_t *jwk)
{
    unsigned char n[RSA_BITS_MAX / 8];
    unsigned char e[8];
    BIGNUM *modulus = number_of(jwk, "n");
    BIGNUM *exponent = number_of(jwk, "e");
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

/* RFC 7518, section 6.2; libcrypto takes the point uncompressed (SEC 1, section 2.3.3). */
static EVP_PKEY *ec_key(const json_t *jwk, const struct algorithm *algorithm)
{
    SCRATCH point = BUFFER_EMPTY;
    char *curve = (char *)(uintptr_t)algorithm->crv; /* nobody writes to it */

    buffer_append(&point, "\x04", 1);
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

/* 1 if the key may verify this, by its own words, and is no bigger than any real key (RFC 7517). */
static int fits(const json_t *jwk, const struct jws *jws)
{
    const struct algorithm *algorithm = jws->algorithm;
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
           json_string_length(json_object_get(jwk, "n")) < PART_MAX && (!use || is(use, "sig")) &&
           (!alg || is(alg, jws->alg)) && (!jws->kid || is(json_object_get(jwk, "kid"), jws->kid));
}

/* Makes r and s, side by side (RFC 7518, section 3.4), the DER that libcrypto wants; or nothing. */
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

/* 1 or 0; jws->failed if libcrypto cannot tell. */
static int made_by(EVP_PKEY *key, struct jws *jws, size_t signed_len,
                   const struct buffer *signature)
{
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

const char *jws_verify(struct jws *jws, const char *keys, size_t keys_len)
{
    json_auto_t *set = json_loadb(keys, keys_len, 0, NULL);
    size_t signed_len = (size_t)(strrchr(jws->token, '.') - jws->token);
    const char *wrong = jws->kid ? "no key of the key set has the token's kid and fits its alg"
                                 : "no key of the key set fits the token's alg";
    SCRATCH signature = BUFFER_EMPTY, payload = BUFFER_EMPTY;
    int holds_claims = decode_part(strchr(jws->token, '.') + 1, &payload) == 0;
    size_t index;
    json_t *jwk;

    if (decode_base64url(jws->token + signed_len + 1, strlen(jws->token + signed_len + 1),
                         &signature) != 0)
        return "the signature is not base64url";
    if (jws->algorithm->coordinate)
        to_der(&signature, jws->algorithm->coordinate);
    json_array_foreach(json_object_get(set, "keys"), index, jwk)
    {
        EVP_PKEY *key;
        int made;

        if (!fits(jwk, jws))
            continue;
        key = jws->algorithm->coordinate ? ec_key(jwk, jws->algorithm) : rsa_key(jwk);
        made = key && signature.len && made_by(key, jws, signed_len, &signature) &&
               (!holds_claims || libjwt_agrees(jwk, jws));
        wrong = made  ? NULL
                : key ? "no key of the key set made the signature"
                      : "the key for this token is broken, too weak or too big";
        EVP_PKEY_free(key);
        if (jws->failed)
            wrong = "libcrypto cannot verify this algorithm here";
        if (made || jws->failed)
            break;
    }
    return wrong;
}

void jws_wipe(struct jws *jws)
{
    json_decref(jws->header);
    *jws = (struct jws){0};
}
