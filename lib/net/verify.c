#include "net/verify.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "net/http.h"
#include "net/issuer.h"
#include "net/jws.h"

#define LEEWAY_S 60
#define KEYSET_MAX (1u << 20) /* bytes */
#define KEPT_S 600
#define REFETCH_S 60

static int is(const json_t *value, const char *wanted)
{
    const char *text = json_string_value(value);

    return text && strcmp(text, wanted) == 0;
}

/* 1 if text is a JSON object with an array "keys", and with that key in it unless kid is NULL. */
static int is_keyset(const struct buffer *text, const char *kid)
{
    json_auto_t *json = json_loadb(buffer_text(text), text->len, 0, NULL);
    const json_t *keys = json_object_get(json, "keys");
    int has_kid = !kid;
    size_t index;
    json_t *key;

    json_array_foreach(keys, index, key)
    {
        has_kid |= kid && is(json_object_get(key, "kid"), kid);
    }
    return json_is_array(keys) && has_kid;
}

static int fetch(const struct attributes *request, struct buffer *json)
{
    struct http_request get = {.url = attribute(request, "keys_url"), .answer_max = KEYSET_MAX};
    WIPED_BY(http_close) struct http http = http_told(request);
    WIPED_BY(http_answer_wipe) struct http_answer answer = {0};

    if (http_perform(&http, &get, &answer) != HTTP_ANSWERED)
        return message_fail(STATUS_UNAVAILABLE, "no key set from %s: %s", get.url,
                            answer.error.bytes);
    if (answer.status != 200)
        return message_fail(STATUS_UNAVAILABLE, "no key set from %s: status %ld", get.url,
                            answer.status);
    if (!is_keyset(&answer.body, NULL))
        return message_fail(STATUS_UNAVAILABLE, "no key set from %s: the answer is no JSON object "
                            "with \"keys\"", get.url);
    buffer_truncate(json, 0);
    buffer_append(json, answer.body.bytes, answer.body.len);
    return STATUS_OK;
}

/*
 * The key set at hand serves for ten minutes. A kid that it does not hold fetches it once more, but
 * not within a minute of the last time: tokens with made-up kids cost the issuer nothing.
 */
static int choose_keys(const struct attributes *request, const char *kid, struct buffer *json,
                       struct buffer *answer)
{
    long long age_s = attribute_number(request, "keys_age", -1);
    int is_fresh = age_s >= 0 && age_s < KEPT_S;
    int status;

    attribute_take(request, "keys", json);
    if (!*attribute(request, "keys_url"))
        return is_keyset(json, NULL)
                   ? STATUS_OK
                   : message_fail(STATUS_BAD_INPUT, "%s is no key set: no JSON object with "
                                  "\"keys\"", attribute(request, "keys_from"));
    if (is_fresh && is_keyset(json, NULL) && (age_s < REFETCH_S || is_keyset(json, kid)))
        return STATUS_OK;
    status = fetch(request, json);
    if (status == STATUS_OK)
        kv_put_bytes(answer, "keys", json->bytes, json->len);
    return status;
}

/* 1 if aud, a string or an array of strings, holds audience, exactly. */
static int names_audience(const json_t *aud, const char *audience)
{
    size_t index;
    json_t *element;

    json_array_foreach(aud, index, element)
    {
        if (is(element, audience))
            return 1;
    }
    return is(aud, audience);
}

/* Puts why the claims are not acceptable into reason; nothing if they are. */
static void judge_claims(const struct attributes *request, const json_t *claims,
                         struct buffer *reason)
{
    const char *audience = attribute(request, "audience");
    const char *issuer = attribute(request, "issuer");
    const json_t *exp = json_object_get(claims, "exp");
    const json_t *nbf = json_object_get(claims, "nbf");
    const char *iss = json_string_value(json_object_get(claims, "iss"));
    double leeway_s = (double)attribute_number(request, "leeway", LEEWAY_S);
    double now = (double)clock_s();

    if (*issuer && (!iss || !issuer_is(issuer, iss)))
        buffer_printf(reason, "iss is %s, the configured issuer is %s/", iss ? iss : "missing",
                      issuer);
    else if (!names_audience(json_object_get(claims, "aud"), audience))
        buffer_printf(reason, "aud does not hold %s", audience);
    else if (!json_is_number(exp))
        buffer_puts(reason, "exp is missing or no number");
    else if (json_number_value(exp) + leeway_s <= now)
        buffer_printf(reason, "expired %.0f s ago", now - json_number_value(exp));
    else if (nbf && !json_is_number(nbf))
        buffer_puts(reason, "nbf is no number");
    else if (json_number_value(nbf) - leeway_s > now)
        buffer_printf(reason, "valid only in %.0f s", json_number_value(nbf) - now);
}

static void put_claim(struct buffer *out, const char *name, const json_t *value)
{
    char *text = NULL;

    if (json_is_string(value))
        kv_put_bytes(out, name, json_string_value(value), json_string_length(value));
    else if (value && (text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT)) != NULL)
        kv_put(out, name, text);
    free(text);
}

/* What was signed, as JSON; NULL if it is no object of claims. */
static json_t *claims_of_token(const char *token)
{
    SCRATCH header = BUFFER_EMPTY, payload = BUFFER_EMPTY;

    return jws_decode(token, &header, &payload) ? NULL : json_loads(payload.bytes, 0, NULL);
}

int verify_judge(const struct attributes *request, struct buffer *answer)
{
    static const char *const shown[] = {"iss", "aud", "sub", "exp", NULL};
    SCRATCH keys = BUFFER_EMPTY, reason = BUFFER_EMPTY, report = BUFFER_EMPTY;
    WIPED_BY(jws_wipe) struct jws jws = {0};
    const char *wrong = jws_parse(attribute(request, "token"), &jws);
    json_auto_t *claims = claims_of_token(attribute(request, "token"));
    int signature_only = *attribute(request, "signature_only");
    int status;

    if (!wrong) {
        status = choose_keys(request, jws.kid, &keys, answer);
        if (status != STATUS_OK)
            return status;
        wrong = jws_verify(&jws, keys.bytes, keys.len);
        if (jws.failed)
            return message_fail(STATUS_BUG, "the signature could not be checked: %s", wrong);
    }
    kv_put(&report, "signature", wrong ? "invalid" : "valid");
    if (jws.alg)
        kv_put(&report, "alg", jws.alg);
    if (jws.kid)
        kv_put(&report, "kid", jws.kid);
    for (int i = 0; shown[i] && !signature_only; i++)
        put_claim(&report, shown[i], json_object_get(claims, shown[i]));
    if (wrong)
        buffer_puts(&reason, wrong);
    else if (!signature_only && !claims)
        buffer_puts(&reason, "the payload is no JSON object of claims");
    else if (!signature_only)
        judge_claims(request, claims, &reason);
    if (reason.len)
        kv_put(&report, "reason", reason.bytes);
    kv_put_bytes(answer, "report", report.bytes, report.len);
    return reason.len ? STATUS_INVALID : STATUS_OK;
}
