#include "net/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "jwt/jwk.h"
#include "jwt/jws.h"
#include "net/http.h"
#include "net/issuer.h"

#define LEEWAY_S 60
#define KEYSET_MAX (1u << 20) /* bytes */
#define KEPT_S 600     /* how long a fetched key set counts */
#define REFETCH_S 60   /* at most so often for a kid that it lacks */

/* STATUS_OK with the set, which it also puts into the answer; or reported. */
static int fetch(const struct attributes *request, json_t **set, struct buffer *answer)
{
    struct http_request get = {.url = attribute(request, "keys_url"), .answer_max = KEYSET_MAX};
    WIPED_BY(http_close) struct http http = http_for(request);
    WIPED_BY(http_answer_wipe) struct http_answer got = {0};
    enum http_result result = http_perform(&http, &get, &got);

    *set = NULL;
    if (result != HTTP_ANSWERED)
        return message_fail(STATUS_UNAVAILABLE, "cannot fetch the key set from %s: %s; %s",
                            get.url, got.error.bytes,
                            got.remedy                ? got.remedy
                            : result == HTTP_TOO_BIG ? "check the URL"
                                                     : "try again later");
    if (got.status != 200)
        return message_fail(STATUS_UNAVAILABLE, "cannot fetch the key set from %s: status %ld; "
                            "check the URL", get.url, got.status);
    *set = jwk_set(&got.body);
    if (!*set)
        return message_fail(STATUS_UNAVAILABLE, "cannot fetch the key set from %s: the response is "
                            "not a JSON object with \"keys\"; check the URL", get.url);
    kv_put_bytes(answer, "keys", got.body.bytes, got.body.len);
    return STATUS_OK;
}

/*
 * The caller's key set counts for ten minutes. For a kid that it lacks it is fetched again, but not
 * within a minute of the last time: tokens with made-up kids cost the issuer nothing.
 */
static int choose_keys(const struct attributes *request, const char *kid, json_t **set,
                       struct buffer *answer)
{
    long long age_s = attribute_number(request, "keys_age", -1);
    int is_fresh = age_s >= 0 && age_s < KEPT_S;
    SCRATCH text = BUFFER_EMPTY;

    attribute_take(request, "keys", &text);
    *set = jwk_set(&text);
    if (!*attribute(request, "keys_url"))
        return *set ? STATUS_OK
                    : message_fail(STATUS_BAD_INPUT, "%s is not a JSON object with \"keys\"; name "
                                   "a JWKS file or URL with --jwks", attribute(request, "keys_from"));
    if (is_fresh && *set && (age_s < REFETCH_S || !kid || jwk_set_has(*set, kid)))
        return STATUS_OK;
    json_decref(*set);
    return fetch(request, set, answer);
}

/* 1 if aud, a string or an array of strings (RFC 7519, section 4.1.3), contains audience, exactly. */
static int names_audience(const json_t *aud, const char *audience)
{
    size_t count = json_is_array(aud) ? json_array_size(aud) : 1;

    for (size_t i = 0; i < count; i++) {
        const char *one = json_string_value(json_is_array(aud) ? json_array_get(aud, i) : aud);

        if (one && strcmp(one, audience) == 0)
            return 1;
    }
    return 0;
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
        buffer_printf(reason, "iss is %s, but the configured issuer is %s/", iss ? iss : "missing",
                      issuer);
    else if (!names_audience(json_object_get(claims, "aud"), audience))
        buffer_printf(reason, "aud does not include %s", audience);
    else if (!json_is_number(exp))
        buffer_puts(reason, "exp is missing or not a number");
    else if (json_number_value(exp) + leeway_s <= now)
        buffer_printf(reason, "expired %.0f s ago", now - json_number_value(exp));
    else if (nbf && !json_is_number(nbf))
        buffer_puts(reason, "nbf is not a number");
    else if (json_number_value(nbf) - leeway_s > now) /* without nbf the value is 0 */
        buffer_printf(reason, "becomes valid in %.0f s", json_number_value(nbf) - now);
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

int verify_judge(const struct attributes *request, struct buffer *answer)
{
    static const char *const shown[] = {"iss", "aud", "sub", "exp", NULL};
    SCRATCH reason = BUFFER_EMPTY, report = BUFFER_EMPTY;
    WIPED_BY(jws_wipe) struct jws jws = {0};
    const char *wrong = jws_decode(attribute(request, "token"), &jws);
    json_auto_t *set = NULL;
    int signature_only = *attribute(request, "signature_only");
    int status;

    if (!wrong)
        wrong = jws_choose_algorithm(&jws);
    if (!wrong) { /* a token that nothing can verify fetches no keys */
        status = choose_keys(request, jws.kid, &set, answer);
        if (status != STATUS_OK)
            return status;
        wrong = jws_verify(&jws, set);
        if (jws.failed)
            return message_fail(STATUS_BUG, "cannot check the signature: %s", wrong);
    }
    kv_put(&report, "signature", wrong ? "invalid" : "valid");
    if (jws.alg)
        kv_put(&report, "alg", jws.alg);
    if (jws.kid)
        kv_put(&report, "kid", jws.kid);
    for (int i = 0; shown[i] && !signature_only; i++)
        put_claim(&report, shown[i], json_object_get(jws.payload, shown[i]));
    if (wrong)
        buffer_puts(&reason, wrong);
    else if (!signature_only && !jws.payload)
        buffer_puts(&reason, "the payload is not a JSON object of claims");
    else if (!signature_only)
        judge_claims(request, jws.payload, &reason);
    if (reason.len)
        kv_put(&report, "reason", reason.bytes);
    kv_put_bytes(answer, "report", report.bytes, report.len);
    return reason.len ? STATUS_INVALID : STATUS_OK;
}
