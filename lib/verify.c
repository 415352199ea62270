#include "verify.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "issuer.h"
#include "jws.h"
#include "keyset.h"
#include "kv.h"
#include "life.h"
#include "message.h"
#include "output.h"

#define LEEWAY_S 60

/* 1 if aud, a string or an array of strings, holds audience, exactly. */
static int names_audience(const json_t *aud, const char *audience)
{
    size_t index;
    json_t *element;

    if (json_is_string(aud))
        return strcmp(json_string_value(aud), audience) == 0;
    json_array_foreach(aud, index, element)
    {
        if (json_is_string(element) && strcmp(json_string_value(element), audience) == 0)
            return 1;
    }
    return 0;
}

/* Puts why the claims are not acceptable into reason; nothing if they are. */
static void judge_claims(const struct options *options, const struct settings *settings,
                         const json_t *claims, struct buffer *reason)
{
    const char *audience = setting(settings, SETTING_AUDIENCE);
    const json_t *exp = json_object_get(claims, "exp");
    const json_t *nbf = json_object_get(claims, "nbf");
    const char *iss = json_string_value(json_object_get(claims, "iss"));
    long long leeway_s = options->leeway_s < 0 ? LEEWAY_S : options->leeway_s;
    double now = (double)clock_s();
    SCRATCH issuer = BUFFER_EMPTY;

    settings_issuer_url(settings, &issuer);
    if (!*setting(settings, SETTING_AUTH0_DOMAIN))
        message_warn("iss is not checked: auth0_domain is not set");
    else if (!iss || !issuer_is(issuer.bytes, iss))
        buffer_printf(reason, "iss is %s, the configured issuer is %s/", iss ? iss : "missing",
                      issuer.bytes);
    if (reason->len)
        return;
    if (!names_audience(json_object_get(claims, "aud"), audience))
        buffer_printf(reason, "aud does not hold %s", audience);
    else if (!json_is_number(exp))
        buffer_puts(reason, "exp is missing or no number");
    else if (json_number_value(exp) + (double)leeway_s <= now)
        buffer_printf(reason, "expired %.0f s ago", now - json_number_value(exp));
    else if (nbf && !json_is_number(nbf))
        buffer_puts(reason, "nbf is no number");
    else if (json_number_value(nbf) - (double)leeway_s > now)
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

int verify_token(const struct options *options, const struct settings *settings,
                 const struct entry *entry)
{
    static const char *const shown[] = {"iss", "aud", "sub", "exp", NULL};
    SCRATCH keys = BUFFER_EMPTY, reason = BUFFER_EMPTY, out = BUFFER_EMPTY;
    WIPED_BY(jws_wipe) struct jws jws = {0};
    const char *wrong = jws_parse(entry->token.bytes, &jws);
    json_auto_t *claims = json_loads(buffer_text(&entry->payload), 0, NULL);
    int status;

    if (!wrong) {
        status = keyset_get(settings, options->jwks, jws.kid, options->offline, &keys);
        if (status != STATUS_OK)
            return status;
        wrong = jws_verify(&jws, keys.bytes, keys.len);
    }
    kv_put(&out, "signature", wrong ? "invalid" : "valid");
    if (jws.alg)
        kv_put(&out, "alg", jws.alg);
    if (jws.kid)
        kv_put(&out, "kid", jws.kid);
    for (int i = 0; shown[i] && !options->signature_only; i++)
        put_claim(&out, shown[i], json_object_get(claims, shown[i]));
    if (wrong)
        buffer_puts(&reason, wrong);
    else if (!options->signature_only && !claims)
        buffer_puts(&reason, "the payload is no JSON object of claims");
    else if (!options->signature_only)
        judge_claims(options, settings, claims, &reason);
    if (reason.len)
        kv_put(&out, "reason", reason.bytes);
    status = output_lines(options, &out, NULL, 0);
    return status == STATUS_OK && reason.len ? STATUS_INVALID : status;
}
