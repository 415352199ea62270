#include "net/issuer.h"

#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "base/kv.h"
#include "base/message.h"
#include "base/secrecy.h"
#include "token/bearer.h"
#include "token/url.h"

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

int issuer_is(const char *issuer, const char *iss)
{
    size_t len = strlen(issuer);

    return strncmp(iss, issuer, len) == 0 && (!iss[len] || strcmp(iss + len, "/") == 0);
}

void issuer_request_wipe(struct issuer_request *request)
{
    buffer_wipe(&request->word);
    entry_wipe(&request->granted);
    buffer_wipe(&request->issuer);
    http_answer_wipe(&request->answer);
}

static void note(struct issuer_request *request, enum outcome outcome, const char *cause)
{
    request->outcome = outcome;
    request->cause = cause;
}

/* No answer at all: what that means for the month, and for the user. */
static int no_answer(struct issuer_request *request, enum http_result result)
{
    const char *issuer = request->issuer.bytes;
    const char *error = request->answer.error.bytes;

    buffer_set(&request->word, error);
    switch (result) {
    case HTTP_TLS:
        note(request, OUTCOME_UNSENT, "tls");
        return message_fail(STATUS_UNAVAILABLE, "no secure connection to %s: %s; if a proxy or a "
                            "private CA is in between, set ca_bundle", issuer, error);
    case HTTP_UNSENT:
        note(request, OUTCOME_UNSENT, "network");
        return message_fail(STATUS_UNAVAILABLE, "cannot reach %s: %s; check auth0_domain and the "
                            "network", issuer, error);
    case HTTP_TOO_BIG:
        note(request, OUTCOME_UNKNOWN, "server");
        return message_fail(STATUS_PROTOCOL, "%s: %s; is auth0_domain right?", issuer, error);
    default:
        note(request, OUTCOME_UNKNOWN, "network");
        return message_fail(STATUS_UNAVAILABLE, "%s broke off: %s; the token may have been "
                            "counted, so the request is not repeated by itself", issuer, error);
    }
}

/* Keeps the secrets of a form from every message, whatever the issuer makes of them. */
static void keep_secrets(const struct buffer *form)
{
    static const char *const secrets[] = {"client_secret=", "password=", "refresh_token=", "code=",
                                          "code_verifier=", "token="};

    for (const char *field = buffer_text(form); *field; field += *field == '&') {
        size_t len = strcspn(field, "&");

        for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
            size_t name_len = strlen(secrets[i]);
            SCRATCH secret = BUFFER_EMPTY;

            if (len <= name_len || strncmp(field, secrets[i], name_len) != 0)
                continue;
            url_decode(&secret, field + name_len, len - name_len);
            secrecy_keep(secret.bytes);
        }
        field += len;
    }
}

/* A copy of the beginning of the issuer's words, for a message or the ledger. */
static void quote(struct buffer *out, const char *words)
{
    SCRATCH quoted = BUFFER_EMPTY;

    buffer_printf(&quoted, "%.300s", words);
    secrecy_blot_foreign(&quoted);
    buffer_puts(out, quoted.bytes);
}

/* The header's words too, if it was sent. */
static void quote_header(struct buffer *out, const struct issuer_request *request,
                         const char *name)
{
    SCRATCH value = BUFFER_EMPTY;

    if (http_header(&request->answer, name, &value)) {
        buffer_printf(out, "; %s ", name);
        quote(out, value.bytes);
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

static int refused(struct issuer_request *request, const json_t *json)
{
    const char *issuer = request->issuer.bytes;
    const char *error = json_string_value(json_object_get(json, "error"));
    const char *description = json_string_value(json_object_get(json, "error_description"));
    long status = request->answer.status;
    const struct refusal *row = find_refusal(status, error ? error : "",
                                             description ? description : "");
    SCRATCH words = BUFFER_EMPTY;

    quote(&words, error ? error : "no error code");
    buffer_printf(&request->word, "%ld %s", status, words.bytes);
    if (description) {
        buffer_puts(&words, ": ");
        quote(&words, description);
    }
    quote_header(&words, request, "Retry-After");
    if (status == 429)
        quote_header(&words, request, "Auth0-Client-Quota-Limit");
    if (status >= 500) {
        note(request, OUTCOME_UNKNOWN, "server");
        return message_fail(STATUS_UNAVAILABLE, "%s answered %ld (%s); it is in trouble, try again "
                            "later", issuer, status, words.bytes);
    }
    note(request, OUTCOME_DENIED, row ? row->cause : "unexplained");
    if (row)
        return message_fail(row->status, "%s refused (%ld %s): %s", issuer, status, words.bytes,
                            row->meaning);
    return message_fail(STATUS_REFUSED, "%s refused (%ld %s), which has no known meaning; %s", issuer,
                        status, words.bytes,
                        request->near_limit ? "probably the month's quota: rhythm-token status shows "
                                              "how little is left"
                                            : "ask Rhythm support");
}

/* "b=per_hour;q=10;r=7;t=3540,b=..." as quota.per_hour.limit= .left= .resets_in= */
static void take_quota(const struct http_answer *http, struct buffer *out)
{
    static const char letters[] = "qrt";
    static const char *const names[] = {"limit", "left", "resets_in"};
    SCRATCH value = BUFFER_EMPTY, key = BUFFER_EMPTY;
    char *rest = NULL;
    const char *bucket = "bucket";

    if (!http_header(http, "auth0-client-quota-limit", &value))
        return;
    for (char *part = strtok_r(value.bytes, ";, ", &rest); part;
         part = strtok_r(NULL, ";, ", &rest)) {
        const char *letter = strchr(letters, *part);
        long long number;

        if (strncmp(part, "b=", 2) == 0) {
            bucket = part + 2;
        } else if (letter && part[1] == '=' && kv_number(part + 2, &number) == 0) {
            buffer_truncate(&key, 0);
            buffer_printf(&key, "quota.%.31s.%s", bucket, names[letter - letters]);
            kv_put_number(out, key.bytes, number);
        }
    }
}

static int protocol_error(struct issuer_request *request, const char *what)
{
    note(request, OUTCOME_UNKNOWN, "server");
    return message_fail(STATUS_PROTOCOL, "%s %s; is auth0_domain right?", request->issuer.bytes,
                        what);
}

/* A 200: RFC 6749, section 5.1. */
static int granted(struct issuer_request *request, const json_t *json)
{
    const char *token = json_string_value(json_object_get(json, "access_token"));
    const char *refresh = json_string_value(json_object_get(json, "refresh_token"));
    const char *type = json_string_value(json_object_get(json, "token_type"));
    json_int_t expires_in = json_integer_value(json_object_get(json, "expires_in"));

    if (!token || !*token || !bearer_is_sendable(token))
        return protocol_error(request, "answered 200 without a usable access_token");
    if (!type || strcasecmp(type, "Bearer") != 0)
        return protocol_error(request, "sent a token that is not of type Bearer");
    buffer_set(&request->granted.token, token);
    if (refresh && *refresh && bearer_is_sendable(refresh))
        buffer_set(&request->granted.refresh_token, refresh);
    request->expires_in = expires_in > 0 && expires_in < 1000000000 ? expires_in : 0;
    request->outcome = OUTCOME_OK;
    return STATUS_OK;
}

static int interpret(struct issuer_request *request)
{
    const struct buffer *body = &request->answer.body;
    json_auto_t *json = json_loadb(buffer_text(body), body->len, 0, NULL);

    take_quota(&request->answer, &request->granted.quota);
    if (request->answer.status >= 400)
        return refused(request, json);
    buffer_printf(&request->word, "%ld", request->answer.status);
    if (request->answer.status >= 300)
        return protocol_error(request, "answered with a redirect, which is not followed");
    if (!json_is_object(json))
        return protocol_error(request, "did not answer with a JSON object");
    return granted(request, json);
}

static enum http_result post(const struct settings *settings, const char *url, struct buffer *form,
                             const struct buffer *secret, struct http_answer *answer)
{
    static const char *const headers[] = {"Accept: application/json", NULL};
    struct http_request request = {
        .url = url, .body = form, .answer_max = ANSWER_MAX, .headers = headers};
    WIPED_BY(http_close) struct http http = {.settings = settings};

    issuer_put_field(form, "client_id", setting(settings, SETTING_CLIENT_ID));
    issuer_put_field(form, "client_secret", buffer_text(secret));
    keep_secrets(form);
    return http_perform(&http, &request, answer);
}

int issuer_request_token(struct issuer_request *request)
{
    SCRATCH url = BUFFER_EMPTY;
    enum http_result result;

    settings_issuer_url(request->settings, &request->issuer);
    buffer_printf(&url, "%s/oauth/token", request->issuer.bytes);
    result = post(request->settings, url.bytes, request->form, request->secret, &request->answer);
    return result == HTTP_ANSWERED ? interpret(request) : no_answer(request, result);
}

int issuer_revoke(const struct settings *settings, const char *refresh_token,
                  const struct buffer *secret)
{
    SCRATCH url = BUFFER_EMPTY, form = BUFFER_EMPTY;
    WIPED_BY(http_answer_wipe) struct http_answer answer = {0};

    settings_issuer_url(settings, &url);
    buffer_puts(&url, "/oauth/revoke");
    issuer_put_field(&form, "token", refresh_token);
    issuer_put_field(&form, "token_type_hint", "refresh_token");
    if (post(settings, url.bytes, &form, secret, &answer) == HTTP_ANSWERED && answer.status == 200)
        return STATUS_OK;
    return message_fail(STATUS_UNAVAILABLE, "the tokens here are forgotten, but %s did not revoke "
                        "the login: %s (status %ld)", url.bytes, buffer_text(&answer.error),
                        answer.status);
}
