#include "net/base64url.h"

#include <string.h>

#include <openssl/evp.h>

/*
 * Appends what len characters stand for in base64url (RFC 4648, section 5), by libcrypto's base64.
 * Only the one way to write the bytes is accepted: what fills the last of them up is zeros. 0, or -1.
 */
int base64url_decode(const char *text, size_t len, struct buffer *out)
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

void base64url_encode(const unsigned char *bytes, size_t len, struct buffer *out)
{
    SCRATCH encoded = BUFFER_EMPTY;
    int encoded_len;

    buffer_printf(&encoded, "%*s", (int)(4 * ((len + 2) / 3)), ""); /* room */
    encoded_len = EVP_EncodeBlock((unsigned char *)encoded.bytes, bytes, (int)len);
    for (int i = 0; i < encoded_len && encoded.bytes[i] != '='; i++)
        buffer_append(out, encoded.bytes[i] == '+' ? "-" : encoded.bytes[i] == '/' ? "_"
                                                                            : encoded.bytes + i, 1);
}
