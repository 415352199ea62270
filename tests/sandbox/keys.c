#include "keys.h"
#include "knobs.h"
#include "token.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const char *const files[KEY_ROLES] = {"current.pem", "next.pem", "previous.pem", "ec.pem"};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t made = PTHREAD_COND_INITIALIZER;
static pthread_t threads[KEY_ROLES];
static struct key {
    EVP_PKEY *pkey;
    char kid[24];
} keys[KEY_ROLES];
static char *dir;

static void put_key(enum key_role role, EVP_PKEY *pkey)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(pkey, &der);
    char sum[65];
    sha256_hex(der, len < 0 ? 0 : (size_t)len, sum);
    OPENSSL_free(der);
    keys[role].pkey = pkey;
    snprintf(keys[role].kid, sizeof keys[role].kid, "sandbox-%.12s", sum);
}

static BIO *open_file(enum key_role role, const char *mode)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, files[role]);
    return BIO_new_file(path, mode);
}

static void save(enum key_role role)
{
    BIO *out = open_file(role, "w");
    if (!out || !PEM_write_bio_PrivateKey(out, keys[role].pkey, NULL, NULL, 0, NULL, NULL))
        fprintf(stderr, "rhythm-sandbox: cannot write a key to %s\n", dir);
    BIO_free(out);
}

/* A thread for each key: making an RSA key takes a tenth of a second or five. */
static void *load_or_make(void *slot)
{
    enum key_role role = (enum key_role)((struct key *)slot - keys);
    BIO *in = open_file(role, "r");
    EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, NULL, NULL) : NULL;
    bool fresh = !key;
    BIO_free(in);
    if (fresh)
        key = need(role == KEY_EC ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048));
    pthread_mutex_lock(&lock);
    put_key(role, key);
    if (fresh)
        save(role);
    pthread_cond_broadcast(&made);
    pthread_mutex_unlock(&lock);
    return NULL;
}

void keys_start(const char *in_dir)
{
    dir = need(strdup(in_dir));
    for (int i = 0; i < KEY_ROLES; i++)
        if (pthread_create(&threads[i], NULL, load_or_make, &keys[i]))
            need(NULL);
}

void keys_stop(void)
{
    for (int i = 0; i < KEY_ROLES; i++) {
        pthread_join(threads[i], NULL);
        EVP_PKEY_free(keys[i].pkey);
    }
    free(dir);
}

/* Call it with the lock held. */
static EVP_PKEY *wait_for(enum key_role role)
{
    while (!keys[role].pkey)
        pthread_cond_wait(&made, &lock);
    return keys[role].pkey;
}

void keys_rotate(void)
{
    EVP_PKEY *fresh = need(EVP_RSA_gen(2048));
    pthread_mutex_lock(&lock);
    for (int i = 0; i <= KEY_PREVIOUS; i++)
        wait_for((enum key_role)i);
    EVP_PKEY_free(keys[KEY_PREVIOUS].pkey);
    keys[KEY_PREVIOUS] = keys[KEY_CURRENT];
    keys[KEY_CURRENT] = keys[KEY_NEXT];
    put_key(KEY_NEXT, fresh);
    for (int i = 0; i <= KEY_PREVIOUS; i++)
        save((enum key_role)i);
    pthread_mutex_unlock(&lock);
}

EVP_PKEY *keys_get(enum key_role role, char kid[24])
{
    pthread_mutex_lock(&lock);
    EVP_PKEY *key = wait_for(role);
    EVP_PKEY_up_ref(key);
    if (kid)
        memcpy(kid, keys[role].kid, sizeof keys[role].kid);
    pthread_mutex_unlock(&lock);
    return key;
}

EVP_PKEY *keys_find(const char *kid)
{
    for (int i = 0; i < KEY_ROLES; i++) {
        char own[24];
        EVP_PKEY *key = keys_get((enum key_role)i, own);
        if (!strcmp(own, kid))
            return key;
        EVP_PKEY_free(key);
    }
    return NULL;
}

static json_t *number(EVP_PKEY *key, const char *name, int width)
{
    BIGNUM *n = NULL;
    unsigned char bytes[1024];
    if (!EVP_PKEY_get_bn_param(key, name, &n) || BN_num_bytes(n) > (int)sizeof bytes)
        need(NULL);
    int len = BN_bn2binpad(n, bytes, width ? width : BN_num_bytes(n));
    BN_free(n);
    char *text = b64url(bytes, (size_t)len);
    json_t *json = json_string(text);
    free(text);
    return json;
}

static json_t *jwk(EVP_PKEY *key, const char *kid)
{
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
        return json_pack("{ssssssssssso*so}", "kty", "EC", "use", "sig", "alg", "ES256", "crv",
                         "P-256", "kid", kid, "x", number(key, OSSL_PKEY_PARAM_EC_PUB_X, 32), "y",
                         number(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32));
    char *alg = knob_text(K_TOKEN_ALG, NULL);
    bool rsa = !strncmp(alg, "PS", 2) || !strncmp(alg, "RS", 2);
    json_t *json = json_pack(
        "{sssssssssoso}", "kty", "RSA", "use", "sig", "alg", rsa ? alg : "RS256", "kid", kid, "n",
        number(key, OSSL_PKEY_PARAM_RSA_N, 0), "e", number(key, OSSL_PKEY_PARAM_RSA_E, 0));
    free(alg);
    return json;
}

/* Malformed keys, before the good ones: a reader must skip each of them. */
static void add_broken(json_t *set, EVP_PKEY *good)
{
    char *big = need(malloc((1 << 20) + 1));
    memset(big, 'A', 1 << 20);
    big[0] = '_';
    big[1 << 20] = '\0';
    EVP_PKEY *small = need(EVP_RSA_gen(512));
    json_array_append_new(set, json_string("not a key"));
    json_array_append_new(set, json_pack("{ssss}", "kty", "RSA", "kid", "no-modulus"));
    json_array_append_new(set, json_pack("{ssssssss}", "kty", "RSA", "kid", "not-base64url", "n",
                                         "+/=*%", "e", "AQAB"));
    json_array_append_new(
        set, json_pack("{ssssssss}", "kty", "RSA", "kid", "huge", "n", big, "e", "AQAB"));
    json_array_append_new(set, jwk(small, "512-bits"));
    json_array_append_new(set, json_pack("{ssssssssss}", "kty", "EC", "kid", "off-the-curve", "crv",
                                         "P-256", "x", "AQAB", "y", "AQAB"));
    json_array_append_new(set, json_pack("{ssss}", "kty", "OKP2", "kid", "unknown-type"));
    json_array_append_new(set, json_pack("{sssiss}", "kty", "RSA", "kid", 17, "n", "AQAB"));
    json_array_append_new(set, jwk(good, "duplicate"));
    json_array_append_new(set, jwk(good, "duplicate"));
    EVP_PKEY_free(small);
    free(big);
}

json_t *keys_set(const char *how)
{
    json_t *set = need(json_array());
    EVP_PKEY *next = keys_get(KEY_NEXT, NULL);
    for (int i = 0; i < 996 && !strcmp(how, "many"); i++) {
        char kid[24];
        snprintf(kid, sizeof kid, "filler-%d", i);
        json_array_append_new(set, jwk(next, kid));
    }
    if (!strcmp(how, "broken-keys"))
        add_broken(set, next);
    EVP_PKEY_free(next);
    for (int i = 0; i < KEY_ROLES && strcmp(how, "none") != 0; i++) {
        char kid[24];
        EVP_PKEY *key = keys_get((enum key_role)i, kid);
        json_array_append_new(set, jwk(key, kid));
        EVP_PKEY_free(key);
    }
    return json_pack("{so}", "keys", set);
}

static char *bio_text(BIO *bio)
{
    char *bytes, *text;
    long len = BIO_get_mem_data(bio, &bytes);
    text = need(strndup(bytes, (size_t)len));
    BIO_free(bio);
    return text;
}

char *keys_public_pem(EVP_PKEY *key)
{
    BIO *bio = need(BIO_new(BIO_s_mem()));
    PEM_write_bio_PUBKEY(bio, key);
    return bio_text(bio);
}

static char *cert_pem_of(X509 *cert)
{
    BIO *bio = need(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio, cert);
    return bio_text(bio);
}

static void extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = need(X509V3_EXT_conf_nid(NULL, &ctx, nid, value));
    X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
}

/* ca NULL: self-signed, an authority. */
static X509 *certify(EVP_PKEY *key, const char *name, X509 *ca, EVP_PKEY *ca_key)
{
    X509 *cert = need(X509_new());
    X509_set_version(cert, X509_VERSION_3);
    BIGNUM *serial = need(BN_new());
    BN_rand(serial, 126, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY);
    BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(cert));
    BN_free(serial);
    X509_gmtime_adj(X509_getm_notBefore(cert), -86400);
    X509_gmtime_adj(X509_getm_notAfter(cert), 365L * 86400);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(ca ? ca : cert));
    X509_set_pubkey(cert, key);
    extend(cert, ca ? ca : cert, NID_subject_key_identifier, "hash");
    extend(cert, ca ? ca : cert, NID_authority_key_identifier, "keyid");
    extend(cert, ca ? ca : cert, NID_basic_constraints,
           ca ? "critical,CA:FALSE" : "critical,CA:TRUE");
    extend(cert, ca ? ca : cert, NID_key_usage,
           ca ? "critical,digitalSignature" : "critical,keyCertSign,digitalSignature");
    if (ca)
        extend(cert, ca, NID_subject_alt_name, "IP:127.0.0.1,IP:::1,DNS:localhost");
    X509_sign(cert, ca ? ca_key : key, EVP_sha256());
    return cert;
}

char *keys_certificate(void)
{
    EVP_PKEY *key = keys_get(KEY_CURRENT, NULL);
    X509 *cert = certify(key, "rhythm-sandbox issuer", NULL, NULL);
    char *pem = cert_pem_of(cert);
    X509_free(cert);
    EVP_PKEY_free(key);
    return pem;
}

int keys_tls(const char *path, char **key_pem, char **cert_pem)
{
    EVP_PKEY *ca_key = need(EVP_EC_gen("P-256")), *key = need(EVP_EC_gen("P-256"));
    X509 *ca = certify(ca_key, "rhythm-sandbox authority", NULL, NULL);
    X509 *cert = certify(key, "localhost", ca, ca_key);
    BIO *bio = need(BIO_new(BIO_s_mem())), *file = BIO_new_file(path, "w");
    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    *key_pem = bio_text(bio);
    *cert_pem = cert_pem_of(cert);
    int rc = file && PEM_write_bio_X509(file, ca) ? 0 : -1;
    if (BIO_free(file) != 1 || rc)
        rc = -1, fprintf(stderr, "rhythm-sandbox: cannot write %s\n", path);
    X509_free(cert);
    X509_free(ca);
    EVP_PKEY_free(key);
    EVP_PKEY_free(ca_key);
    return rc;
}
