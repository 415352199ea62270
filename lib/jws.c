#include "jws.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <jwt.h>

#include "jwk.h"

#define BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

#define UNSECURED "eyJhbGciOiJub25lIn0." /* {"alg":"none"} */

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

#else

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

/* Decodes the part that begins here. 0, or -1 if it is no JSON object. */
static int decode_part(const char *part, struct buffer *json)
{
    SCRATCH token = BUFFER_EMPTY;
    size_t len = strcspn(part, ".");
    char *text;

    if (len == 0)
        return -1;
    buffer_puts(&token, UNSECURED);
    buffer_append(&token, part, len);
    buffer_puts(&token, ".");
    text = json_of(token.bytes);
    if (text)
        buffer_set(json, text);
    free(text);
    return text && json->bytes[0] == '{' ? 0 : -1;
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
    if (!wrong && json_object_get(jws->header, "crit"))
        wrong = "the header has crit, and none of its extensions is known here";
    else if (!wrong && (!jws->alg || !jwk_knows(jws->alg)))
        wrong = "the header's alg is none of RS, PS, ES with 256, 384 or 512";
    return wrong;
}

const char *jws_verify(const struct jws *jws, const char *keys, size_t keys_len)
{
    json_auto_t *set = json_loadb(keys, keys_len, 0, NULL);
    size_t signed_len = (size_t)(strrchr(jws->token, '.') - jws->token);

    return jwk_verify(json_object_get(set, "keys"), jws->alg, jws->kid, jws->token, signed_len);
}

void jws_wipe(struct jws *jws)
{
    json_decref(jws->header);
    *jws = (struct jws){0};
}
