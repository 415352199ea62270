#include "net/verify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "net/http.h"
#include "net/issuer.h"
#include "net/jws.h"
#include "token/expiry.h"
#include "token/output.h"
#include "token/url.h"

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

static int fetch(const struct settings *settings, const char *url, struct buffer *json)
{
    struct http_request request = {.url = url, .answer_max = KEYSET_MAX};
    WIPED_BY(http_close) struct http http = {.settings = settings};
    WIPED_BY(http_answer_wipe) struct http_answer answer = {0};

    buffer_truncate(json, 0);
    if (http_perform(&http, &request, &answer) != HTTP_ANSWERED)
        return message_fail(STATUS_UNAVAILABLE, "no key set from %s: %s", url, answer.error.bytes);
    if (answer.status != 200)
        return message_fail(STATUS_UNAVAILABLE, "no key set from %s: status %ld", url,
                            answer.status);
    if (!is_keyset(&answer.body, NULL))
        return message_fail(STATUS_UNAVAILABLE, "no key set from %s: the answer is no JSON object "
                            "with \"keys\"", url);
    buffer_append(json, answer.body.bytes, answer.body.len);
    return STATUS_OK;
}

static int read_file(const char *path, struct buffer *json)
{
    if (buffer_read_file(json, path, KEYSET_MAX) != 0)
        return message_fail(STATUS_BAD_INPUT, "cannot read the key set %s: %s", path,
                            errno == EFBIG ? "it is over 1 MiB" : strerror(errno));
    if (!is_keyset(json, NULL))
        return message_fail(STATUS_BAD_INPUT, "%s is no key set: no JSON object with \"keys\"",
                            path);
    return STATUS_OK;
}

/*
 * The issuer's set: from the disk for ten minutes. A kid that it does not hold fetches it once more,
 * but not within a minute of the last time: tokens with made-up kids cost the issuer nothing.
 */
static int get_issuers(const struct settings *settings, const char *kid, int offline,
                       struct buffer *json)
{
    SCRATCH url = BUFFER_EMPTY;
    long long fetched_at = 0;
    long long age_s;
    int status;

    cache_load_keyset(settings, json, &fetched_at);
    age_s = clock_s() - fetched_at;
    if (is_keyset(json, NULL) &&
        (offline || (age_s >= 0 && age_s < KEPT_S && (age_s < REFETCH_S || is_keyset(json, kid)))))
        return STATUS_OK;
    if (offline)
        return message_fail(STATUS_UNAVAILABLE, "--offline, and no key set of the issuer is kept; "
                            "run rhythm-token verify once without it");
    settings_issuer_url(settings, &url);
    buffer_puts(&url, "/.well-known/jwks.json");
    status = fetch(settings, url.bytes, json);
    if (status == STATUS_OK)
        cache_store_keyset(settings, json, clock_s());
    return status;
}

/* The key set of --jwks, or of the configured issuer: never of whoever the token names. */
static int get_keys(const struct options *options, const struct settings *settings, const char *kid,
                    struct buffer *json)
{
    const char *source = options->jwks;
    const char *problem;

    if (!source && !*setting(settings, SETTING_AUTH0_DOMAIN))
        return message_fail(STATUS_CONFIG, "auth0_domain is not set, so there is no issuer whose "
                            "keys to use; set it, or name a key set with --jwks");
    if (!source)
        return get_issuers(settings, kid, options->offline, json);
    if (!strstr(source, "://"))
        return read_file(source, json);
    problem = url_base_problem(source);
    if (problem)
        return message_fail(STATUS_CONFIG, "--jwks=%s should be a file or %s", source, problem);
    if (options->offline)
        return message_fail(STATUS_UNAVAILABLE, "--offline, and --jwks=%s is on the network",
                            source);
    return fetch(settings, source, json);
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
        status = get_keys(options, settings, jws.kid, &keys);
        if (status != STATUS_OK)
            return status;
        wrong = jws_verify(&jws, keys.bytes, keys.len);
        if (jws.failed)
            return message_fail(STATUS_BUG, "the signature could not be checked: %s", wrong);
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
