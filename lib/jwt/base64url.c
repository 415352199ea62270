#include "jwt/base64url.h"

#include <string.h>

#include <openssl/evp.h>

int base64url_decode(const char *text, size_t len, struct buffer *out)
{
    SCRATCH base64 = BUFFER_EMPTY, bytes = BUFFER_EMPTY, again = BUFFER_EMPTY;

    for (size_t i = 0; i < len; i++)
        buffer_append(&base64, text[i] == '-' ? "+" : text[i] == '_' ? "/" : text + i, 1);
    while (base64.len % 4)
        buffer_puts(&base64, "A"); /* six zero bits */
    buffer_append(&bytes, buffer_text(&base64), base64.len); /* room for what is shorter */
    if (len == 0 || EVP_DecodeBlock((unsigned char *)bytes.bytes,
                                    (const unsigned char *)base64.bytes, (int)base64.len) < 0)
        return -1;
    buffer_truncate(&bytes, len * 3 / 4);
    /* libcrypto ignores blanks and spare bits: a text with them is not encoded the same again */
    base64url_encode((const unsigned char *)bytes.bytes, bytes.len, &again);
    if (again.len != len || memcmp(again.bytes, text, len) != 0)
        return -1;
    buffer_append(out, bytes.bytes, bytes.len);
    return 0;
}

void base64url_encode(const unsigned char *bytes, size_t len, struct buffer *out)
{
    SCRATCH encoded = BUFFER_EMPTY;
    int encoded_len;

    /* blanks, to make room: four characters for each three bytes, as EVP_EncodeBlock pads */
    buffer_printf(&encoded, "%*s", (int)(4 * ((len + 2) / 3)), "");
    encoded_len = EVP_EncodeBlock((unsigned char *)encoded.bytes, bytes, (int)len);
    for (int i = 0; i < encoded_len && encoded.bytes[i] != '='; i++)
        buffer_append(out, encoded.bytes[i] == '+' ? "-" : encoded.bytes[i] == '/' ? "_"
                                                                            : encoded.bytes + i, 1);
}
