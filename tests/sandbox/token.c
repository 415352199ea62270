#include "token.h"
#include "http.h"
#include "keys.h"

#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

char *b64url(const void *bytes, size_t len)
{
    char *text = need(malloc(len / 3 * 4 + 5));
    int n = EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
    while (n > 0 && text[n - 1] == '=')
        text[--n] = '\0';
    for (char *c = text; *c; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    return text;
}

/* NULL if it is not base64url; a NUL follows the bytes. */
static unsigned char *unb64url(const char *text, size_t text_len, size_t *len)
{
    size_t room = (text_len + 3) / 4 * 4;
    char *padded = need(malloc(room + 1));
    unsigned char *bytes = need(malloc(room + 1));
    bool good = text_len % 4 != 1;
    for (size_t i = 0; i < room; i++) {
        char c = i < text_len ? text[i] : '=';
        padded[i] = c == '-' ? '+' : c == '_' ? '/' : c;
        good = good && (i >= text_len || !strchr("+/=", c));
    }
    int n = !good ? -1 : EVP_DecodeBlock(bytes, (unsigned char *)padded, (int)room);
    free(padded);
    if (n < 0) {
        free(bytes);
        return NULL;
    }
    *len = (size_t)n - (room - text_len);
    bytes[*len] = '\0';
    return bytes;
}

void sha256_hex(const void *bytes, size_t len, char hex[65])
{
    unsigned char sum[32];
    EVP_Digest(bytes, len, sum, NULL, EVP_sha256(), NULL);
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

void sha256_b64url(const char *text, char out[44])
{
    unsigned char sum[32];
    EVP_Digest(text, strlen(text), sum, NULL, EVP_sha256(), NULL);
    char *encoded = b64url(sum, sizeof sum);
    snprintf(out, 44, "%s", encoded);
    free(encoded);
}

char *token_random(size_t n)
{
    unsigned char bytes[256];
    n = n > sizeof bytes ? sizeof bytes : n;
    if (RAND_bytes(bytes, (int)n) != 1)
        need(NULL);
    return b64url(bytes, n);
}

static const EVP_MD *digest_of(const char *alg)
{
    return strstr(alg, "512") ? EVP_sha512() : strstr(alg, "384") ? EVP_sha384() : EVP_sha256();
}

static void pad(EVP_PKEY_CTX *ctx, const char *alg)
{
    if (strncmp(alg, "PS", 2) != 0)
        return;
    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST);
}

/* libcrypto returns DER; JWS needs r and s in 32 bytes each (RFC 7518, 3.4). */
static size_t ecdsa_flatten(unsigned char *sig, size_t len)
{
    const unsigned char *der = sig;
    ECDSA_SIG *parts = need(d2i_ECDSA_SIG(NULL, &der, (long)len));
    BN_bn2binpad(ECDSA_SIG_get0_r(parts), sig, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(parts), sig + 32, 32);
    ECDSA_SIG_free(parts);
    return 64;
}

static size_t ecdsa_unflatten(const unsigned char *sig, unsigned char *der)
{
    ECDSA_SIG *parts = need(ECDSA_SIG_new());
    ECDSA_SIG_set0(parts, BN_bin2bn(sig, 32, NULL), BN_bin2bn(sig + 32, 32, NULL));
    int len = i2d_ECDSA_SIG(parts, &der);
    ECDSA_SIG_free(parts);
    return len > 0 ? (size_t)len : 0;
}

static size_t sign(EVP_PKEY *key, const char *alg, const char *input, unsigned char sig[1024])
{
    size_t len = 1024;
    if (!strcmp(alg, "none"))
        return 0;
    if (!strncmp(alg, "HS", 2)) {
        unsigned hmac_len = 0;
        char *pem = keys_public_pem(key);
        HMAC(digest_of(alg), pem, (int)strlen(pem), (const unsigned char *)input, strlen(input),
             sig, &hmac_len);
        free(pem);
        return hmac_len;
    }
    EVP_MD_CTX *ctx = need(EVP_MD_CTX_new());
    EVP_PKEY_CTX *params = NULL;
    if (EVP_DigestSignInit(ctx, &params, digest_of(alg), NULL, key) != 1)
        need(NULL);
    pad(params, alg);
    if (EVP_DigestSign(ctx, sig, &len, (const unsigned char *)input, strlen(input)) != 1)
        need(NULL);
    EVP_MD_CTX_free(ctx);
    return strncmp(alg, "ES", 2) ? len : ecdsa_flatten(sig, len);
}

static EVP_PKEY *style_key(const struct token_style *style, char kid[24])
{
    enum key_role role = !strncmp(style->alg, "ES", 2)     ? KEY_EC
                         : !strcmp(style->kid, "previous") ? KEY_PREVIOUS
                         : !strcmp(style->kid, "next")     ? KEY_NEXT
                                                           : KEY_CURRENT;
    EVP_PKEY *key = keys_get(role, kid);
    if (!strcmp(style->kid, "unknown"))
        snprintf(kid, 24, "no-such-key");
    return key;
}

char *token_sign_bytes(const void *payload, size_t len, const struct token_style *style)
{
    char kid[24], *head_json, *head, *body, *sig_text, *input, *token;
    unsigned char sig[1024];
    EVP_PKEY *key = style_key(style, kid);
    json_t *header = json_pack("{ss}", "alg", style->alg);
    if (strcmp(style->typ, "none") != 0)
        json_object_set_new(header, "typ", json_string(style->typ));
    if (strcmp(style->kid, "none") != 0)
        json_object_set_new(header, "kid", json_string(kid));
    head_json = need(json_dumps(header, JSON_COMPACT));
    json_decref(header);
    head = b64url(head_json, strlen(head_json));
    body = b64url(payload, len);
    input = need(malloc(strlen(head) + strlen(body) + 2));
    sprintf(input, "%s.%s", head, body);
    sig_text = b64url(sig, sign(key, style->alg, input, sig));
    token = need(malloc(strlen(input) + strlen(sig_text) + 2));
    sprintf(token, "%s.%s", input, sig_text);
    free(head_json);
    free(head);
    free(body);
    free(input);
    free(sig_text);
    EVP_PKEY_free(key);
    return token;
}

#ifdef SANDBOX_LIBJWT
#include <jwt.h>

static char *sign_libjwt(const char *payload, const struct token_style *style)
{
    char kid[24], *pem = NULL, *token = NULL;
    EVP_PKEY *key = style_key(style, kid);
    BIO *bio = need(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    long pem_len = BIO_get_mem_data(bio, &pem);
    jwt_t *jwt = NULL;
    if (jwt_new(&jwt) == 0 && jwt_add_header(jwt, "kid", kid) == 0 &&
        jwt_add_grants_json(jwt, payload) == 0 &&
        jwt_set_alg(jwt, JWT_ALG_RS256, (const unsigned char *)pem, (int)pem_len) == 0)
        token = jwt_encode_str(jwt);
    jwt_free(jwt);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return token;
}
#else
/* libjwt 3.x has another API; with it, libcrypto signs everything. */
static char *sign_libjwt(const char *payload, const struct token_style *style)
{
    (void)payload, (void)style;
    return NULL;
}
#endif

char *token_sign_claims(const json_t *claims, const struct token_style *style)
{
    char *payload = need(json_dumps(claims, JSON_COMPACT)), *token = NULL;
    if (!strcmp(style->alg, "RS256") && !strcmp(style->typ, "JWT") && strcmp(style->kid, "none"))
        token = sign_libjwt(payload, style);
    if (!token)
        token = token_sign_bytes(payload, strlen(payload), style);
    free(payload);
    return token;
}

void token_style_knobs(struct token_style *style)
{
    char *alg = knob_text(K_TOKEN_ALG, NULL), *typ = knob_text(K_TOKEN_TYP, NULL);
    char *kid = knob_text(K_TOKEN_KID, NULL);
    snprintf(style->alg, sizeof style->alg, "%s", alg);
    snprintf(style->typ, sizeof style->typ, "%s", typ);
    snprintf(style->kid, sizeof style->kid, "%s", kid);
    free(alg);
    free(typ);
    free(kid);
}

char *token_opaque(const char *form, const char *issuer)
{
    if (!strcmp(form, "short"))
        return token_random(24);
    char kid[24];
    if (!strcmp(form, "encrypted"))
        EVP_PKEY_free(keys_get(KEY_CURRENT, kid));
    json_t *header =
        !strcmp(form, "encrypted")
            ? json_pack("{ssssss}", "alg", "RSA-OAEP-256", "enc", "A256GCM", "kid", kid)
            : json_pack("{ssssss}", "alg", "dir", "enc", "A256GCM", "iss", issuer);
    char *json = need(json_dumps(header, JSON_COMPACT)), *head = b64url(json, strlen(json));
    char *iv = token_random(12), *text = token_random(160), *tag = token_random(16), *token = NULL;
    size_t len = strlen(head) + strlen(iv) + strlen(text) + strlen(tag) + 8;
    token = need(malloc(len));
    snprintf(token, len, "%s..%s.%s.%s", head, iv, text, tag);
    json_decref(header);
    free(json);
    free(head);
    free(iv);
    free(text);
    free(tag);
    return token;
}

static bool verify(EVP_PKEY *key, const char *alg, const char *input, size_t input_len,
                   const unsigned char *sig, size_t sig_len)
{
    unsigned char der[80];
    bool ec = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
    if (strncmp(alg, "RS", 2) && strncmp(alg, "PS", 2) && strcmp(alg, "ES256") != 0)
        return false;
    if (ec != !strncmp(alg, "ES", 2) || (ec && sig_len != 64))
        return false;
    if (ec) {
        sig_len = ecdsa_unflatten(sig, der);
        sig = der;
    }
    EVP_MD_CTX *ctx = need(EVP_MD_CTX_new());
    EVP_PKEY_CTX *params = NULL;
    bool good = EVP_DigestVerifyInit(ctx, &params, digest_of(alg), NULL, key) == 1;
    if (good)
        pad(params, alg);
    good =
        good && EVP_DigestVerify(ctx, sig, sig_len, (const unsigned char *)input, input_len) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

static json_t *segment_json(const char *text, size_t text_len)
{
    size_t len = 0;
    unsigned char *bytes = unb64url(text, text_len, &len);
    json_t *json = bytes ? json_loadb((char *)bytes, len, 0, NULL) : NULL;
    free(bytes);
    return json;
}

static bool signature_good(const json_t *header, const char *token, const char *dot2)
{
    const char *kid = json_string_value(json_object_get(header, "kid"));
    const char *alg = json_string_value(json_object_get(header, "alg"));
    EVP_PKEY *key = kid && alg ? keys_find(kid) : NULL;
    size_t len = 0;
    unsigned char *sig = key ? unb64url(dot2 + 1, strlen(dot2 + 1), &len) : NULL;
    bool good = sig && verify(key, alg, token, (size_t)(dot2 - token), sig, len);
    free(sig);
    EVP_PKEY_free(key);
    return good;
}

int token_has_audience(const json_t *claims, const char *audience)
{
    const json_t *aud = json_object_get(claims, "aud"), *one;
    size_t i;
    json_array_foreach(aud, i, one) if (json_is_string(one) &&
                                        !strcmp(json_string_value(one), audience)) return 1;
    return json_is_string(aud) && !strcmp(json_string_value(aud), audience);
}

static const char *judge(const json_t *claims, const char *issuer)
{
    const char *iss = json_string_value(json_object_get(claims, "iss"));
    const json_t *exp = json_object_get(claims, "exp"), *nbf = json_object_get(claims, "nbf");
    char *audience = knob_text(K_AUDIENCE, NULL);
    int audience_good = token_has_audience(claims, audience);
    free(audience);
    if (!iss || (strcmp(iss, issuer) != 0 && !http_is_own_issuer(iss)))
        return "the token has an invalid issuer";
    if (!json_is_number(exp) || json_number_value(exp) <= (double)sandbox_now())
        return "the token has expired";
    if (nbf && json_number_value(nbf) > (double)sandbox_now())
        return "the token is not valid yet";
    return audience_good ? NULL : "the token does not have a valid audience";
}

const char *token_check(const char *token, const char *issuer, json_t **claims)
{
    const char *dot1 = strchr(token, '.'), *dot2 = dot1 ? strchr(dot1 + 1, '.') : NULL;
    const char *reason = "the token is malformed";
    *claims = NULL;
    if (!dot2 || strchr(dot2 + 1, '.'))
        return reason;
    json_t *header = segment_json(token, (size_t)(dot1 - token));
    json_t *payload = segment_json(dot1 + 1, (size_t)(dot2 - dot1 - 1));
    if (json_is_object(header) && json_is_object(payload))
        reason = signature_good(header, token, dot2) ? judge(payload, issuer)
                                                     : "the token has an invalid signature";
    json_decref(header);
    if (reason)
        json_decref(payload);
    else
        *claims = payload;
    return reason;
}
