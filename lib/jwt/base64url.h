#ifndef RHYTHM_JWT_BASE64URL_H
#define RHYTHM_JWT_BASE64URL_H

#include <stddef.h>

#include "base/buffer.h"

/*
 * base64url: the encoding of tokens and keys (RFC 4648, section 5), without padding, by libcrypto's
 * base64.
 */

#define BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/*
 * Decodes len characters and appends the bytes. Only the canonical form is accepted: the spare bits
 * of the last character are zeros. 0, or -1.
 */
int base64url_decode(const char *text, size_t len, struct buffer *out);

/* Appends the bytes, encoded. */
void base64url_encode(const unsigned char *bytes, size_t len, struct buffer *out);

#endif
