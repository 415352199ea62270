#include "jwt/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "jwt/claims.h"
#include "jwt/jws.h"

#define MILLISECONDS 100000000000LL /* from here on: in seconds that would be the year 5138 */
#define OPAQUE_BYTES                                                                               \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~+/="

/* 1 for a token's content instead of the token: JSON with claims, or lines of key=value. */
static int is_claims(const char *text)
{
    if (*text == '{')
        return strstr(text, "\"iss\"") || strstr(text, "\"aud\"") || strstr(text, CLAIMS_NAMESPACE);
    return strncmp(text, "aud=", 4) == 0 || strncmp(text, "azp=", 4) == 0 ||
           strstr(text, "\niss=") || strstr(text, "\ntenant_id=") ||
           strncmp(text, "tenant_id=", 10) == 0;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void put_string(struct buffer *out, const char *key, const json_t *value)
{
    if (json_is_string(value))
        kv_put_bytes(out, key, json_string_value(value), json_string_length(value));
}

static void put_time(struct buffer *out, const json_t *payload, const char *name)
{
    const json_t *value = json_object_get(payload, name);
    const char *text = json_string_value(value);
    double real = json_real_value(value);
    const char *kind = value ? "other" : "missing";
    char key[16];
    long long seconds = 0;
    char *end;

    if (json_is_integer(value) || (json_is_real(value) && real > -1e15 && real < 1e15)) {
        kind = "number";
        seconds = json_is_integer(value) ? json_integer_value(value) : (long long)real;
    } else if (text && *text) {
        seconds = strtoll(text, &end, 10);
        kind = *end ? "other" : "string";
    }
    if (seconds >= MILLISECONDS) {
        kind = text ? kind : "milliseconds";
        seconds /= 1000;
    }
    snprintf(key, sizeof key, "%s.kind", name);
    if (strcmp(kind, "missing") != 0 && strcmp(kind, "other") != 0)
        kv_put_number(out, name, seconds);
    kv_put(out, key, kind);
}

static void put_stamped(struct buffer *out, const json_t *payload, const char *name)
{
    char key[64];
    const json_t *value;
    const char *state = "present";

    snprintf(key, sizeof key, CLAIMS_NAMESPACE "%s", name);
    value = json_object_get(payload, key);
    if (!value || json_is_null(value))
        state = json_object_get(payload, name) ? "plain" : value ? "empty" : "missing";
    else if (!json_is_string(value))
        state = "other";
    else if (!json_string_value(value)[strspn(json_string_value(value), " \t")])
        state = "empty";
    if (strcmp(state, "present") == 0)
        put_string(out, name, value);
    snprintf(key, sizeof key, "%s.state", name);
    kv_put(out, key, state);
}

static int is_machine(const json_t *payload)
{
    const char *gty = text_of(payload, "gty");
    const char *sub = text_of(payload, "sub");
    size_t len = sub ? strlen(sub) : 0;
    size_t end = strlen("@clients");

    return (gty && strcmp(gty, "client-credentials") == 0) ||
           (len >= end && strcmp(sub + len - end, "@clients") == 0);
}

static int has_any(const json_t *object, const char *const *names)
{
    while (*names && !json_object_get(object, *names))
        names++;
    return *names != NULL;
}

/*
 * An ID token says who somebody is: its audience is the client, which is not a URL, and it has claims
 * that no access token has.
 */
static int is_id_token(const json_t *payload, const char *typ)
{
    static const char *const own[] = {"nonce", "at_hash", "c_hash", "s_hash", NULL};
    static const char *const usual[] = {"email", "email_verified", "name", "nickname", "picture",
                                        "given_name", "updated_at", "sid", "auth_time", NULL};
    const json_t *aud = json_object_get(payload, "aud");
    const char *audience;

    if (typ && strcasecmp(typ, "at+jwt") == 0)
        return 0;
    if (json_is_array(aud) && json_array_size(aud) == 1)
        aud = json_array_get(aud, 0);
    audience = json_string_value(aud);
    if (!audience || strstr(audience, "://") || is_machine(payload))
        return 0;
    return has_any(payload, own) ||
           (!json_object_get(payload, "scope") && has_any(payload, usual));
}

static void put_header(struct buffer *out, const json_t *header)
{
    put_string(out, "alg", json_object_get(header, "alg"));
    put_string(out, "kid", json_object_get(header, "kid"));
    put_string(out, "typ", json_object_get(header, "typ"));
}

static void put_claims(struct buffer *out, const json_t *payload, const char *typ)
{
    const json_t *aud = json_object_get(payload, "aud");
    size_t i;
    json_t *element;

    kv_put(out, "kind", is_machine(payload) ? "machine" : "user");
    if (is_id_token(payload, typ))
        kv_put(out, "id_token", "yes");
    put_string(out, "iss", json_object_get(payload, "iss"));
    put_string(out, "aud", aud);
    json_array_foreach(aud, i, element)
    {
        put_string(out, "aud", element);
    }
    put_time(out, payload, "exp");
    put_time(out, payload, "iat");
    put_time(out, payload, "nbf");
    put_stamped(out, payload, "tenant_id");
    put_stamped(out, payload, "customer_id");
    put_stamped(out, payload, "contact_id");
}

static void put_malformed(struct buffer *out, const char *why)
{
    kv_put(out, "form", "malformed");
    kv_put(out, "why", why);
}

/* A JWT, or five parts: encrypted (RFC 7516, section 7.1), if the header says how. */
static void put_jwt(struct buffer *out, const char *token, int dots)
{
    WIPED_BY(jws_wipe) struct jws jws = {0};
    const char *wrong = jws_decode_jwt(token, &jws);
    int is_jwe = dots == 4 && json_object_get(jws.header, "enc");

    if (wrong && !is_jwe) {
        put_malformed(out, wrong);
        return;
    }
    kv_put(out, "form", is_jwe ? "jwe" : "jwt");
    put_header(out, jws.header);
    if (is_jwe)
        return;
    if (!strrchr(token, '.')[1])
        kv_put(out, "signature", "empty");
    put_claims(out, jws.payload, text_of(jws.header, "typ"));
}

static void put_token(struct buffer *out, const char *token)
{
    int dots = 0;

    for (const char *c = token; *c; c++)
        dots += *c == '.';
    if (!*token) {
        kv_put(out, "form", "empty");
    } else if (is_claims(token)) {
        kv_put(out, "form", "claims");
    } else if (*token == '{') {
        kv_put(out, "form", "json");
    } else if (dots) {
        put_jwt(out, token, dots);
    } else if (token[strspn(token, OPAQUE_BYTES)]) {
        put_malformed(out, "contains characters that no token has");
    } else if (strncmp(token, "eyJ", 3) == 0) {
        put_malformed(out, "is only a part of a JWT: it has no dots, so it was cut off");
    } else {
        kv_put(out, "form", "opaque");
    }
}

int inspect_token(const struct attributes *request, struct buffer *answer)
{
    SCRATCH report = BUFFER_EMPTY, token = BUFFER_EMPTY;

    kv_put_number(&report, "now", clock_s());
    attribute_take(request, "token", &token);
    if (memchr(buffer_text(&token), '\0', token.len))
        kv_put(&report, "form", "binary");
    else
        put_token(&report, buffer_text(&token));
    kv_put_bytes(answer, "report", report.bytes, report.len);
    return STATUS_OK;
}
