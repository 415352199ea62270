#include "jwt/seal.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include "base/kv.h"
#include "base/message.h"
#include "base/platform.h"
#include "base/text.h"
#include "jwt/claims.h"

#define FORMAT "1"
#define OTHER_VERSION "was written by another version of rhythm; install the same version on all hosts"
#define DAMAGED "is damaged; check who can write to the shared cache"
#define FUTURE_S 60 /* after a failover the new server's clock may be a little behind */

enum { KEY_LEN = 32, CHECK_LEN = 12, NONCE_LEN = 12, TAG_LEN = 16, DIGEST_LEN = 32 };

static void put_hex(struct buffer *out, const void *bytes, size_t len)
{
    const unsigned char *byte = bytes;

    for (size_t i = 0; i < len; i++)
        buffer_printf(out, "%02x", byte[i]);
}

/* Appends the bytes of len hexadecimal digits, in lower case only. 0, or -1. */
static int take_hex(const char *digits, size_t len, struct buffer *out)
{
    if (len % 2 || strspn(digits, "0123456789abcdef") < len)
        return -1;
    for (size_t i = 0; i < len; i += 2)
        buffer_append(out, &(char){(char)text_hex_pair(digits + i)}, 1);
    return 0;
}

static int fail_crypto(void)
{
    return message_fail(STATUS_BUG, "libcrypto cannot encrypt; check OpenSSL's configuration");
}

static void put_digest(struct buffer *answer, const char *key, const char *text)
{
    unsigned char digest[DIGEST_LEN] = {0};
    SCRATCH hex = BUFFER_EMPTY;

    if (EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL) == 1)
        put_hex(&hex, digest, sizeof digest);
    kv_put(answer, key, buffer_text(&hex));
}

int seal_digest(const struct attributes *request, struct buffer *answer)
{
    put_digest(answer, "identity", attribute(request, "identity"));
    put_digest(answer, "customer", attribute(request, "issuer"));
    return STATUS_OK;
}

/*
 * HKDF-SHA256 of the client secret under a label. Without a salt, which RFC 5869, section 3.1,
 * allows: hosts that share only the secret must derive the same key. 0, or -1.
 */
static int derive(const struct attributes *request, const char *label, unsigned char *out,
                  size_t len)
{
    const char *secret = attribute(request, "client_secret");
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
    int good = context && EVP_PKEY_derive_init(context) == 1 &&
               EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1 &&
               EVP_PKEY_CTX_set1_hkdf_key(context, (const unsigned char *)secret,
                                          (int)strlen(secret)) == 1 &&
               EVP_PKEY_CTX_add1_hkdf_info(context, (const unsigned char *)label,
                                           (int)strlen(label)) == 1 &&
               EVP_PKEY_derive(context, out, &len) == 1;

    EVP_PKEY_CTX_free(context);
    return good ? 0 : -1;
}

static int put_check(const struct attributes *request, struct buffer *hex)
{
    unsigned char check[CHECK_LEN];

    if (derive(request, "rhythm cache " FORMAT " check", check, sizeof check) != 0)
        return -1;
    put_hex(hex, check, sizeof check);
    return 0;
}

/*
 * Runs AES-256-GCM over text, in place, because lengths stay the same: encrypts it and appends the
 * tag, or checks and removes the tag, and leaves nothing of what is not authentic. 0, or -1.
 */
static int run_cipher(const struct attributes *request, const unsigned char *nonce, int seals,
                      struct buffer *text)
{
    const char *identity = attribute(request, "identity");
    unsigned char key[KEY_LEN];
    unsigned char tag[TAG_LEN] = {0};
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    unsigned char *bytes = (unsigned char *)text->bytes;
    size_t len = seals ? text->len : text->len - TAG_LEN;
    int done = 0;
    int good;

    if (!seals)
        memcpy(tag, bytes + len, TAG_LEN);
    good = context && derive(request, "rhythm cache " FORMAT " seal", key, sizeof key) == 0 &&
           EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce, seals) == 1 &&
           (seals || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag) == 1) &&
           EVP_CipherUpdate(context, NULL, &done, (const unsigned char *)identity,
                            (int)strlen(identity)) == 1 &&
           EVP_CipherUpdate(context, bytes, &done, bytes, (int)len) == 1 &&
           EVP_CipherFinal_ex(context, bytes + done, &done) == 1 &&
           (!seals || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_LEN, tag) == 1);
    EVP_CIPHER_CTX_free(context);
    platform_wipe(key, sizeof key);
    buffer_truncate(text, good ? len : 0);
    if (good && seals)
        buffer_append(text, tag, sizeof tag);
    return good ? 0 : -1;
}

int seal_close(const struct attributes *request, struct buffer *answer)
{
    unsigned char nonce[NONCE_LEN];
    SCRATCH text = BUFFER_EMPTY, entry = BUFFER_EMPTY;

    kv_put(&text, "version", FORMAT);
    kv_put(&text, "stored_at", attribute(request, "stored_at"));
    kv_put(&text, "life", attribute(request, "life"));
    kv_put(&text, "token", attribute(request, "token"));
    buffer_puts(&entry, FORMAT ".");
    /*
     * One key is safe with 2^32 random nonces (SP 800-38D, section 8.3), which no secret's tokens
     * ever need.
     */
    if (RAND_bytes(nonce, sizeof nonce) != 1 || put_check(request, &entry) != 0 ||
        run_cipher(request, nonce, 1, &text) != 0)
        return fail_crypto();
    buffer_puts(&entry, ".");
    put_hex(&entry, nonce, sizeof nonce);
    buffer_puts(&entry, ".");
    put_hex(&entry, text.bytes, text.len);
    kv_put(answer, "entry", entry.bytes);
    return STATUS_OK;
}

/* Splits an entry: NULL with nonce and text, or what is wrong with it. */
static const char *split_entry(const struct attributes *request, struct buffer *nonce,
                              struct buffer *text)
{
    const char *entry = attribute(request, "entry");
    const char *check = entry + strlen(FORMAT ".");
    const char *nonce_at = check + (size_t)CHECK_LEN * 2 + 1;
    const char *text_at = nonce_at + (size_t)NONCE_LEN * 2 + 1;
    SCRATCH own_check = BUFFER_EMPTY;

    if (strncmp(entry, FORMAT ".", strlen(FORMAT ".")) != 0)
        return OTHER_VERSION;
    if (strlen(entry) <= (size_t)(text_at - entry) + (size_t)TAG_LEN * 2 || nonce_at[-1] != '.' ||
        text_at[-1] != '.' || take_hex(nonce_at, (size_t)NONCE_LEN * 2, nonce) != 0 ||
        take_hex(text_at, strlen(text_at), text) != 0)
        return DAMAGED;
    if (put_check(request, &own_check) != 0 ||
        strncmp(check, own_check.bytes, own_check.len) != 0)
        return "was encrypted with another client secret; use the same one on all hosts";
    return NULL;
}

/* Judges a decrypted entry by the store's clock. NULL, or what is wrong with it. */
static const char *judge(const struct attributes *sealed, long long now)
{
    long long stored_at = attribute_number(sealed, "stored_at", -1);
    long long life = attribute_number(sealed, "life", -1);

    if (strcmp(attribute(sealed, "version"), FORMAT) != 0)
        return OTHER_VERSION;
    if (stored_at < 0 || life < 0 || !*attribute(sealed, "token"))
        return DAMAGED;
    if (stored_at > now + FUTURE_S)
        return "is dated in the future; check the clock of the server with the shared cache";
    return stored_at + life <= now ? "has expired; check that the shared cache deletes expired entries" : NULL;
}

int seal_open(const struct attributes *request, struct buffer *answer)
{
    WIPED_BY(attributes_wipe) struct attributes sealed = {0};
    SCRATCH nonce = BUFFER_EMPTY, text = BUFFER_EMPTY;
    const char *wrong = split_entry(request, &nonce, &text);

    if (!wrong && (run_cipher(request, (const unsigned char *)nonce.bytes, 0, &text) != 0 ||
                   attributes_parse(&sealed, &text) != 0))
        wrong = "was changed or belongs to another identity; check who can write to the shared cache";
    if (!wrong)
        wrong = judge(&sealed, attribute_number(request, "now", 0));
    if (wrong) {
        kv_put(answer, "refused", wrong);
        return STATUS_OK;
    }
    kv_put(answer, "token", attribute(&sealed, "token"));
    kv_put(answer, "stored_at", attribute(&sealed, "stored_at"));
    kv_put(answer, "life", attribute(&sealed, "life"));
    claims_put_decoded(answer, attribute(&sealed, "token"));
    return STATUS_OK;
}
