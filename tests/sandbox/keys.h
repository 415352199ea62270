#ifndef SANDBOX_KEYS_H
#define SANDBOX_KEYS_H

/*
 * The signing keys, their public key set (RFC 7517), and the certificate of the TLS listener.
 *
 * The set contains three RSA-2048 keys, as Auth0's does (current, next, previous), and one on P-256.
 * They are generated in parallel after the start, or read from the state directory; whoever needs one
 * that is not ready waits. A kid is derived from the key, so it survives a restart. Safe from any
 * thread.
 */

#include <jansson.h>
#include <openssl/evp.h>

enum key_role { KEY_CURRENT, KEY_NEXT, KEY_PREVIOUS, KEY_EC, KEY_ROLES };

/* Start to read or generate all keys in dir; keys_stop() must follow. */
void keys_start(const char *dir);
void keys_stop(void);

/* Current becomes previous, next becomes current, the old previous is dropped. */
void keys_rotate(void);

/* A reference for the caller to free with EVP_PKEY_free(); kid may be NULL. */
EVP_PKEY *keys_get(enum key_role role, char kid[24]);

/* The key with this kid, or NULL. */
EVP_PKEY *keys_find(const char *kid);

/* The key set; how is "", "none", "many" or "broken-keys". */
json_t *keys_set(const char *how);

/* The public key of key as PEM text, for the caller to free. */
char *keys_public_pem(EVP_PKEY *key);

/* A self-signed certificate of the current key, PEM, for the caller to free. */
char *keys_certificate(void);

/* Make an authority and a certificate for 127.0.0.1 and localhost; writes the authority to path. */
int keys_tls(const char *path, char **key_pem, char **cert_pem);

#endif
