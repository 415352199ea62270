#include "jws.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <jwt.h>

#include "jwk.h"

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

/* Finds the dots. NULL, or what is wrong. */
static const char *split(const char *token, const char **first, const char **second)
{
    *first = strchr(token, '.');
    *second = *first ? strchr(*first + 1, '.') : NULL;
    if (!*first)
        return "is no JWT: it has no dots";
    if (!*second || strchr(*second + 1, '.'))
        return "is no JWT: it does not have three parts";
    if (token[strspn(token, BASE64URL ".")])
        return "is no JWT: it holds characters that are not base64url";
    return NULL;
}

static const char *decode_header(const char *token, const char *dot, struct buffer *header)
{
    if (dot == token || decode_part(token, (size_t)(dot - token), header) != 0)
        return "is no JWT: its header is not a JSON object";
    return NULL;
}

const char *jws_decode(const char *token, struct buffer *header, struct buffer *payload)
{
    const char *dot;
    const char *second;
    const char *wrong = split(token, &dot, &second);

    if (!wrong)
        wrong = decode_header(token, dot, header);
    if (wrong)
        return wrong;
    if (second == dot + 1 || decode_part(dot + 1, (size_t)(second - dot - 1), payload) != 0)
        return "is no JWT: its payload is not a JSON object (or holds a NUL or a number beyond "
               "64 bits)";
    return NULL;
}

static char *copy_string(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? strdup(text) : NULL;
}

const char *jws_parse(const char *token, struct jws *jws)
{
    struct buffer header = BUFFER_EMPTY;
    const char *dot;
    const char *second;
    const char *wrong = split(token, &dot, &second);
    json_t *json;

    *jws = (struct jws){.token = token};
    if (!wrong)
        wrong = decode_header(token, dot, &header);
    json = json_loads(buffer_text(&header), 0, NULL);
    jws->alg = copy_string(json, "alg");
    jws->kid = copy_string(json, "kid");
    if (!wrong && json_object_get(json, "crit"))
        wrong = "the header has crit, and none of its extensions is known here";
    else if (!wrong && (!jws->alg || !jwk_knows(jws->alg)))
        wrong = "the header's alg is none of RS, PS, ES with 256, 384 or 512";
    json_decref(json);
    buffer_wipe(&header);
    return wrong;
}

const char *jws_verify(const struct jws *jws, const char *keys, size_t keys_len)
{
    const char *end = strrchr(jws->token, '.');

    return jwk_verify(keys, keys_len, jws->alg, jws->kid, jws->token, (size_t)(end - jws->token),
                      end + 1);
}

void jws_wipe(struct jws *jws)
{
    free(jws->alg);
    free(jws->kid);
    *jws = (struct jws){0};
}
