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

static int decode_part(const char *part, size_t len, struct buffer *json)
{
    SCRATCH token = BUFFER_EMPTY;
    char *text;

    buffer_puts(&token, UNSECURED);
    buffer_append(&token, part, len);
    buffer_puts(&token, ".");
    text = json_of(token.bytes);
    if (text)
        buffer_set(json, text);
    free(text);
    return text && json->bytes[0] == '{' ? 0 : -1;
}

#if defined JWT_VERSION_MAJOR && JWT_VERSION_MAJOR >= 3

static int checker_agrees(const json_t *jwk, const struct jws *jws)
{
    char *text = json_dumps(jwk, JSON_COMPACT);
    jwk_set_t *set = text ? jwks_create(text) : NULL;
    const jwk_item_t *item = set ? jwks_item_get(set, 0) : NULL;
    jwt_checker_t *checker = jwt_checker_new();
    int agrees = item && !jwks_item_error(item) && checker &&
                 jwt_checker_setkey(checker, jwt_str_alg(jws->alg), item) == 0 &&
                 jwt_checker_time_leeway(checker, JWT_CLAIM_EXP, -1) == 0 &&
                 jwt_checker_time_leeway(checker, JWT_CLAIM_NBF, -1) == 0 &&
                 jwt_checker_verify(checker, jws->token) == 0;

    jwt_checker_free(checker);
    jwks_free(set);
    free(text);
    return agrees;
}

/*
 * 1 if the key made the token's signature, 0 if not, -1 if the key is broken. libjwt 3.x takes PS
 * signatures with any length of salt and no payload but a JSON object; so libcrypto judges first,
 * and libjwt has to agree on what it can read.
 */
static int made_by(const json_t *jwk, const struct jws *jws, size_t signed_len)
{
    SCRATCH json = BUFFER_EMPTY;
    const char *payload = strchr(jws->token, '.') + 1;
    int made = jwk_verify(jwk, jws->alg, jws->token, signed_len, jws->token + signed_len + 1);

    if (made == 1 && decode_part(payload, (size_t)(jws->token + signed_len - payload), &json) == 0)
        made = checker_agrees(jwk, jws);
    return made;
}

#else

/* The same. libjwt 1.x verifies too little, and too much: see jwk.h. */
static int made_by(const json_t *jwk, const struct jws *jws, size_t signed_len)
{
    return jwk_verify(jwk, jws->alg, jws->token, signed_len, jws->token + signed_len + 1);
}

#endif

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

const char *jws_decode_header(const char *token, struct buffer *header)
{
    size_t len = strcspn(token, ".");

    if (token[strspn(token, BASE64URL ".")])
        return "is no JWT: it holds characters that are not base64url";
    if (len == 0 || decode_part(token, len, header) != 0)
        return "is no JWT: its header is not a JSON object";
    return NULL;
}

const char *jws_decode(const char *token, struct buffer *header, struct buffer *payload)
{
    const char *dot;
    const char *second;
    const char *wrong = split(token, &dot, &second);

    if (!wrong)
        wrong = jws_decode_header(token, header);
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
    SCRATCH header = BUFFER_EMPTY;
    const char *dot;
    const char *second;
    const char *wrong = split(token, &dot, &second);
    json_auto_t *json = NULL;

    *jws = (struct jws){.token = token};
    if (!wrong)
        wrong = jws_decode_header(token, &header);
    json = json_loads(buffer_text(&header), 0, NULL);
    jws->alg = copy_string(json, "alg");
    jws->kid = copy_string(json, "kid");
    if (!wrong && json_object_get(json, "crit"))
        wrong = "the header has crit, and none of its extensions is known here";
    else if (!wrong && (!jws->alg || !jwk_knows(jws->alg)))
        wrong = "the header's alg is none of RS, PS, ES with 256, 384 or 512";
    return wrong;
}

const char *jws_verify(const struct jws *jws, const char *keys, size_t keys_len)
{
    json_auto_t *set = json_loadb(keys, keys_len, 0, NULL);
    size_t signed_len = (size_t)(strrchr(jws->token, '.') - jws->token);
    const char *wrong = jws->kid ? "no key of the key set has the token's kid and fits its alg"
                                 : "no key of the key set fits the token's alg";
    size_t index;
    json_t *jwk;

    if (!jwk_is_base64url(jws->token + signed_len + 1))
        wrong = "the signature is not base64url";
    else
        json_array_foreach(json_object_get(set, "keys"), index, jwk)
        {
            int made;

            if (!jwk_fits(jwk, jws->alg, jws->kid))
                continue;
            made = made_by(jwk, jws, signed_len);
            wrong = made == 1   ? NULL
                    : made == 0 ? "no key of the key set made the signature"
                                : "the key for this token is broken, too weak or too big";
            if (made == 1)
                break;
        }
    return wrong;
}

void jws_wipe(struct jws *jws)
{
    free(jws->alg);
    free(jws->kid);
    *jws = (struct jws){0};
}
