#include "jws.h"

#include <stdlib.h>
#include <string.h>

#include <jwt.h>

#define BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/*
 * libjwt 1.x decodes a token only if it likes the header's alg and typ, and it does not know PS256
 * or at+jwt (RFC 9068). So each part is handed to it as the payload of an unsecured token.
 */
static int decode_part(const char *part, size_t len, struct buffer *json)
{
    static const char unsecured[] = "eyJhbGciOiJub25lIn0."; /* {"alg":"none"} */
    struct buffer token = BUFFER_EMPTY;
    jwt_t *jwt = NULL;
    char *text = NULL;

    buffer_puts(&token, unsecured);
    buffer_append(&token, part, len);
    buffer_puts(&token, ".");
    if (jwt_decode(&jwt, token.bytes, NULL, 0) == 0)
        text = jwt_get_grants_json(jwt, NULL);
    if (text)
        buffer_set(json, text);
    free(text);
    jwt_free(jwt);
    buffer_wipe(&token);
    return text && json->bytes[0] == '{' ? 0 : -1;
}

const char *jws_decode(const char *token, struct buffer *header, struct buffer *payload)
{
    const char *dot = strchr(token, '.');
    const char *second = dot ? strchr(dot + 1, '.') : NULL;

    if (!dot)
        return "is no JWT: it has no dots";
    if (!second || strchr(second + 1, '.'))
        return "is no JWT: it does not have three parts";
    if (token[strspn(token, BASE64URL ".")])
        return "is no JWT: it holds characters that are not base64url";
    if (dot == token || decode_part(token, (size_t)(dot - token), header) != 0)
        return "is no JWT: its header is not a JSON object";
    if (second == dot + 1 || decode_part(dot + 1, (size_t)(second - dot - 1), payload) != 0)
        return "is no JWT: its payload is not a JSON object (or holds a NUL or a number beyond "
               "64 bits)";
    return NULL;
}

const char *jws_decode_header(const char *token, struct buffer *header)
{
    size_t len = strcspn(token, ".");

    if (token[strspn(token, BASE64URL ".")])
        return "is no JWT: it holds characters that are not base64url";
    if (len == 0 || decode_part(token, len, header) != 0)
        return "is no JWT: its header is not a JSON object";
    return NULL;
}
