#include "issuer.h"

#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "bearer.h"
#include "kv.h"
#include "message.h"
#include "url.h"

#define ANSWER_MAX (1u << 20) /* bytes */
#define WRONG_CLIENT                                                                               \
    "client id or secret is wrong; compare them with Rhythm Console > Security & Settings > "       \
    "API Keys"
#define WRONG_PASSWORD "username or password is wrong"

/*
 * Auth0's refusals. Its wording drifts, so only the beginning of a description is compared. The
 * first row that fits counts; 0, NULL and "" fit everything.
 */
static const struct refusal {
    long http_status;
    const char *error;
    const char *description;
    const char *cause;
    int status;
    const char *meaning;
} refusals[] = {
    {0, "access_denied", "Unauthorized", "credentials", STATUS_REFUSED, WRONG_CLIENT},
    {0, "invalid_client", "", "credentials", STATUS_REFUSED, WRONG_CLIENT},
    {0, "access_denied", "Service not enabled", "audience", STATUS_REFUSED,
     "this issuer does not know the audience; set audience=https://api.rhythmsoftware.com"},
    {0, "access_denied", "Client is not authorized", "grant", STATUS_REFUSED,
     "this client may not ask for this audience; have Rhythm support grant it"},
    {0, "unauthorized_client", "", "grant", STATUS_REFUSED,
     "this client may not use this grant; set another grant or have Rhythm support enable it"},
    {0, "unsupported_grant_type", "", "grant", STATUS_REFUSED,
     "the issuer does not know this grant; set another"},
    {429, "too_many_requests", "Client quota", "quota", STATUS_TRY_LATER,
     "the issuer's quota of tokens is spent; rhythm-token status shows what is known of it"},
    {429, "too_many_attempts", "", "credentials", STATUS_TRY_LATER,
     "this user is blocked after too many wrong passwords; wait, or unblock the user"},
    {429, NULL, "", "rate-limit", STATUS_TRY_LATER, "too many requests in a short time; wait"},
    {0, "invalid_grant", "Wrong email", "credentials", STATUS_REFUSED, WRONG_PASSWORD},
    {0, "invalid_user_password", "", "credentials", STATUS_REFUSED, WRONG_PASSWORD},
    {0, "invalid_grant", "", "credentials", STATUS_REFUSED,
     "the login is over; run rhythm-token login"},
    {0, "password_leaked", "", "credentials", STATUS_REFUSED,
     "this password was found in a leak; set a new one"},
    {0, "mfa_required", "", "grant", STATUS_REFUSED,
     "this user needs a second factor; use grant=authorization_code and rhythm-token login"},
    {0, "invalid_scope", "", "config", STATUS_REFUSED, "the issuer refuses this scope"},
    {0, "invalid_request", "", "config", STATUS_REFUSED,
     "the issuer misses something in the request; compare rhythm-token config"},
};

void issuer_put_field(struct buffer *form, const char *name, const char *value)
{
    if (!*value)
        return;
    buffer_printf(form, "%s%s=", form->len ? "&" : "", name);
    url_encode(form, value, strlen(value));
}

void issuer_answer_wipe(struct issuer_answer *answer)
{
    buffer_wipe(&answer->word);
    buffer_wipe(&answer->access_token);
    buffer_wipe(&answer->refresh_token);
    buffer_wipe(&answer->quota);
}

static void note(struct issuer_answer *answer, enum outcome outcome, const char *cause)
{
    answer->outcome = outcome;
    answer->cause = cause;
}

/* No answer at all: what that means for the month, and for the user. */
static int no_answer(enum http_result result, const struct http_answer *http_answer,
                     const char *issuer, struct issuer_answer *answer)
{
    const char *error = http_answer->error.bytes;

    buffer_set(&answer->word, error);
    switch (result) {
    case HTTP_TLS:
        note(answer, OUTCOME_UNSENT, "tls");
        return message_fail(STATUS_UNAVAILABLE, "no secure connection to %s: %s; if a proxy or a "
                            "private CA is in between, set ca_bundle", issuer, error);
    case HTTP_UNSENT:
        note(answer, OUTCOME_UNSENT, "network");
        return message_fail(STATUS_UNAVAILABLE, "cannot reach %s: %s; check auth0_domain and the "
                            "network", issuer, error);
    case HTTP_TOO_BIG:
        note(answer, OUTCOME_UNKNOWN, "server");
        return message_fail(STATUS_PROTOCOL, "%s: %s; is auth0_domain right?", issuer, error);
    default:
        note(answer, OUTCOME_UNKNOWN, "network");
        return message_fail(STATUS_UNAVAILABLE, "%s broke off: %s; the token may have been "
                            "counted, so the request is not repeated by itself", issuer, error);
    }
}

/* A copy of the issuer's words, without the secret if it echoes it, as it is or as it was sent. */
static void quote(struct buffer *out, const char *words, const struct buffer *secret)
{
    SCRATCH sent = BUFFER_EMPTY;

    url_encode(&sent, buffer_text(secret), secret->len);
    if (secret->len && (strstr(words, secret->bytes) || strstr(words, sent.bytes)))
        buffer_puts(out, "(words that hold the secret)");
    else
        buffer_printf(out, "%.300s", words);
}

/* The header's words too, if it was sent. */
static void quote_header(struct buffer *out, const struct http_answer *http_answer,
                         const char *name, const struct buffer *secret)
{
    SCRATCH value = BUFFER_EMPTY;

    if (http_header(http_answer, name, &value)) {
        buffer_printf(out, "; %s ", name);
        quote(out, value.bytes, secret);
    }
}

static const struct refusal *find_refusal(long http_status, const char *error,
                                          const char *description)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *row = &refusals[i];

        if ((!row->http_status || row->http_status == http_status) &&
            (!row->error || strcmp(row->error, error) == 0) &&
            strncmp(row->description, description, strlen(row->description)) == 0)
            return row;
    }
    return NULL;
}

static int refused(const struct http_answer *http_answer, const json_t *json, const char *issuer,
                   const struct buffer *secret, struct issuer_answer *answer)
{
    const char *error = json_string_value(json_object_get(json, "error"));
    const char *description = json_string_value(json_object_get(json, "error_description"));
    const struct refusal *row;
    SCRATCH words = BUFFER_EMPTY;

    quote(&words, error ? error : "no error code", secret);
    buffer_printf(&answer->word, "%ld %s", http_answer->status, words.bytes);
    if (description) {
        buffer_puts(&words, ": ");
        quote(&words, description, secret);
    }
    row = find_refusal(http_answer->status, error ? error : "", description ? description : "");
    quote_header(&words, http_answer, "Retry-After", secret);
    if (http_answer->status == 429)
        quote_header(&words, http_answer, "Auth0-Client-Quota-Limit", secret);
    if (http_answer->status >= 500) {
        note(answer, OUTCOME_UNKNOWN, "server");
        return message_fail(STATUS_UNAVAILABLE, "%s answered %ld (%s); it is in trouble, try again "
                            "later", issuer, http_answer->status, words.bytes);
    }
    note(answer, OUTCOME_DENIED, row ? row->cause : "unexplained");
    if (row)
        return message_fail(row->status, "%s refused (%ld %s): %s", issuer, http_answer->status,
                            words.bytes, row->meaning);
    return message_fail(STATUS_REFUSED, "%s refused (%ld %s), which has no known meaning; probably "
                        "the quota, if rhythm-token status shows little left, else ask Rhythm "
                        "support", issuer, http_answer->status, words.bytes);
}

/* "b=per_hour;q=10;r=7;t=3540,b=..." as quota.per_hour.limit= .left= .resets_in= */
static void take_quota(const struct http_answer *http_answer, struct buffer *out)
{
    static const char *const names[] = {"q", "limit", "r", "left", "t", "resets_in"};
    SCRATCH value = BUFFER_EMPTY, key = BUFFER_EMPTY;
    char *rest = NULL;
    char bucket[32] = "bucket";

    if (http_header(http_answer, "auth0-client-quota-limit", &value)) {
        for (char *part = strtok_r(value.bytes, ";, ", &rest); part;
             part = strtok_r(NULL, ";, ", &rest)) {
            long long number;

            if (strncmp(part, "b=", 2) == 0) {
                strncpy(bucket, part + 2, sizeof bucket - 1);
                continue;
            }
            for (size_t i = 0; i < sizeof names / sizeof *names; i += 2) {
                if (part[0] != names[i][0] || part[1] != '=' || kv_number(part + 2, &number) != 0)
                    continue;
                buffer_truncate(&key, 0);
                buffer_printf(&key, "quota.%s.%s", bucket, names[i + 1]);
                kv_put_number(out, key.bytes, number);
            }
        }
    }
}

static int protocol_error(const char *issuer, struct issuer_answer *answer, const char *what)
{
    note(answer, OUTCOME_UNKNOWN, "server");
    return message_fail(STATUS_PROTOCOL, "%s %s; is auth0_domain right?", issuer, what);
}

/* A 200: RFC 6749, section 5.1. */
static int granted(const json_t *json, const char *issuer, struct issuer_answer *answer)
{
    const char *token = json_string_value(json_object_get(json, "access_token"));
    const char *refresh = json_string_value(json_object_get(json, "refresh_token"));
    const char *type = json_string_value(json_object_get(json, "token_type"));
    json_int_t expires_in = json_integer_value(json_object_get(json, "expires_in"));

    if (!token || !*token || !bearer_is_sendable(token))
        return protocol_error(issuer, answer, "answered 200 without a usable access_token");
    if (!type || strcasecmp(type, "Bearer") != 0)
        return protocol_error(issuer, answer, "sent a token that is not of type Bearer");
    buffer_set(&answer->access_token, token);
    if (refresh && *refresh && bearer_is_sendable(refresh))
        buffer_set(&answer->refresh_token, refresh);
    answer->expires_in = expires_in > 0 && expires_in < 1000000000 ? expires_in : 0;
    answer->outcome = OUTCOME_OK;
    return STATUS_OK;
}

static int interpret(const struct http_answer *http_answer, const char *issuer,
                     const struct buffer *secret, struct issuer_answer *answer)
{
    json_auto_t *json = json_loadb(buffer_text(&http_answer->body), http_answer->body.len, 0, NULL);
    int status;

    buffer_truncate(&answer->word, 0);
    take_quota(http_answer, &answer->quota);
    if (http_answer->status >= 300 && http_answer->status < 400)
        status = protocol_error(issuer, answer, "answered with a redirect, which is not followed");
    else if (http_answer->status >= 400)
        status = refused(http_answer, json, issuer, secret, answer);
    else if (!json_is_object(json))
        status = protocol_error(issuer, answer, "did not answer with a JSON object");
    else
        status = granted(json, issuer, answer);
    if (!answer->word.len)
        buffer_printf(&answer->word, "%ld", http_answer->status);
    return status;
}

int issuer_request_token(struct http *http, const struct settings *settings,
                         const struct buffer *form, const struct buffer *secret,
                         struct issuer_answer *answer)
{
    SCRATCH issuer = BUFFER_EMPTY, url = BUFFER_EMPTY;
    WIPED_BY(http_answer_wipe) struct http_answer http_answer = {0};
    static const char *const headers[] = {"Accept: application/json", NULL};
    struct http_request request = {.body = form, .answer_max = ANSWER_MAX, .headers = headers};
    enum http_result result;

    settings_issuer_url(settings, &issuer);
    buffer_printf(&url, "%s/oauth/token", issuer.bytes);
    request.url = url.bytes;
    result = http_perform(http, &request, &http_answer);
    return result == HTTP_ANSWERED ? interpret(&http_answer, issuer.bytes, secret, answer)
                                   : no_answer(result, &http_answer, issuer.bytes, answer);
}
