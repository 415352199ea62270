#include "net/issuer.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "base/kv.h"
#include "base/message.h"
#include "base/secrecy.h"
#include "base/text.h"
#include "base/uri.h"
#include "jwt/claims.h"
#include "net/http.h"

#define ANSWER_MAX (1u << 20) /* bytes */
#define EXPIRES_IN_MAX 1000000000 /* seconds; 31 years, and no sum of times overflows */

/*
 * Auth0's refusals: the rows of lib/check/refusals.tsv, which rhythm-check judges captured ones by.
 * Its wording drifts, so only the beginning of a description is compared. The first row that fits
 * counts; 0, NULL and "" fit everything.
 */
static const struct refusal {
    long http_status;
    const char *error;
    const char *description;
    const char *cause;
    int status;
    const char *meaning;
} refusals[] = {
#include "refusals.h"
};

/*
 * What each grant sends: the attributes of those names, if they are set; and what to do if its
 * response is lost: only a machine's token counts. A new one: see issuer.h.
 */
static const struct grant {
    const char *name;
    const char *fields[5];
    const char *again;
} grants[] = {
    {"client_credentials", {"audience", "scope"}, /* RFC 6749, section 4.4 */
     "try again, although the issuer may already have counted this request as a token"},
    {"refresh_token", {"refresh_token"}, "try again"}, /* section 6 */
    {"password", {"username", "password", "audience", "scope"}, "try again"}, /* section 4.3 */
    {"authorization_code", {"code", "redirect_uri", "code_verifier"}, /* section 4.1.3, RFC 7636 */
     "run rhythm-token login again"},
};

/* The attributes that must never be in a message. */
static const char *const secrets[] = {"client_secret", "password",      "refresh_token",
                                      "code",          "code_verifier", NULL};

/* One request to the issuer, and its answer. */
struct exchange {
    const struct attributes *request;
    const struct grant *grant; /* NULL: it revokes */
    struct buffer *answer; /* ours */
    const char *issuer;
    struct http_answer http;
};

static void exchange_wipe(struct exchange *exchange)
{
    http_answer_wipe(&exchange->http);
}

int issuer_is(const char *issuer, const char *iss)
{
    size_t len = strlen(issuer);

    return strncmp(iss, issuer, len) == 0 && (!iss[len] || strcmp(iss + len, "/") == 0);
}

/* What the exchange means for the month's budget, and rhythm-check's word for its failure. */
static void put_outcome(const struct exchange *exchange, const char *outcome, const char *cause)
{
    kv_put(exchange->answer, "outcome", outcome);
    kv_put(exchange->answer, "cause", cause);
}

/* Says what it means for the month and for the user that there was no whole answer. */
static int no_answer(const struct exchange *exchange, enum http_result result)
{
    const char *issuer = exchange->issuer;
    const char *error = exchange->http.error.bytes;
    const char *remedy = exchange->http.remedy;

    kv_put(exchange->answer, "word", error);
    switch (result) {
    case HTTP_TLS:
        put_outcome(exchange, "unsent", "tls");
        return message_fail(STATUS_UNAVAILABLE, "no secure connection to %s: %s; %s", issuer, error,
                            remedy);
    case HTTP_UNSENT:
        put_outcome(exchange, "unsent", "network");
        return message_fail(STATUS_UNAVAILABLE, "cannot reach %s: %s; %s", issuer, error,
                            remedy ? remedy : "check auth0_domain and the network");
    case HTTP_TOO_BIG:
        put_outcome(exchange, "unknown", "server");
        return message_fail(STATUS_PROTOCOL, "%s: %s; check auth0_domain", issuer, error);
    default:
        put_outcome(exchange, "unknown", "network");
        return message_fail(STATUS_UNAVAILABLE, "%s %s: %s; %s", issuer,
                            exchange->http.headers.len ? "sent an incomplete response"
                                                       : "did not respond",
                            error, exchange->grant->again);
    }
}

/* Appends the beginning of the issuer's words, without secrets, for a message or the ledger. */
static void quote(struct buffer *out, const char *words)
{
    SCRATCH quoted = BUFFER_EMPTY;

    buffer_printf(&quoted, "%.300s", words);
    secrecy_blot_foreign(&quoted);
    buffer_puts(out, quoted.bytes);
}

/* Appends the header too, if it was sent. */
static void quote_header(struct buffer *out, const struct exchange *exchange, const char *name)
{
    SCRATCH value = BUFFER_EMPTY;

    if (http_header(&exchange->http, name, &value)) {
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

/* quota_s: in how many seconds a quota that is used up resets; 0: none is known. */
static int refused(const struct exchange *exchange, const json_t *json, long long quota_s)
{
    const char *error = json_string_value(json_object_get(json, "error"));
    const char *description = json_string_value(json_object_get(json, "error_description"));
    long status = exchange->http.status;
    const struct refusal *row = find_refusal(status, error ? error : "",
                                             description ? description : "");
    SCRATCH words = BUFFER_EMPTY, word = BUFFER_EMPTY, when = BUFFER_EMPTY;

    quote(&words, error ? error : "no error code");
    buffer_printf(&word, "%ld %s", status, words.bytes);
    kv_put(exchange->answer, "word", word.bytes);
    if (description) {
        buffer_puts(&words, ": ");
        quote(&words, description);
    }
    quote_header(&words, exchange, "Retry-After");
    if (status == 429)
        quote_header(&words, exchange, "Auth0-Client-Quota-Limit");
    if (status >= 500) {
        put_outcome(exchange, "unknown", "server");
        return message_fail(STATUS_UNAVAILABLE, "%s failed with %ld (%s); try again later",
                            exchange->issuer, status, words.bytes);
    }
    put_outcome(exchange, "denied", row ? row->cause : "unexplained");
    if (quota_s > 0)
        buffer_printf(&when, " (the quota resets in %lld s)", quota_s);
    if (row)
        return message_fail(row->status, "%s refused (%ld %s): %s%s", exchange->issuer, status,
                            words.bytes, row->meaning, buffer_text(&when));
    return message_fail(STATUS_REFUSED, "%s refused (%ld %s); %s", exchange->issuer, status, words.bytes,
                        *attribute(exchange->request, "near_limit")
                            ? "this month's tokens may be used up: see rhythm-token status"
                            : "ask Rhythm support");
}

/*
 * "b=per_hour;q=10;r=7;t=3540,b=..." as quota.per_hour.limit= .left= .resets_in=. Returns in how many
 * seconds every bucket with nothing left has reset; 0 if there is none.
 */
static long long take_quota(const struct http_answer *http, struct buffer *out)
{
    static const char letters[] = "qrt";
    static const char *const names[] = {"limit", "left", "resets_in"};
    SCRATCH value = BUFFER_EMPTY, key = BUFFER_EMPTY;
    char *rest = NULL;
    const char *bucket = "bucket";
    long long left = 1;
    long long resets_in_s = 0;

    if (!http_header(http, "auth0-client-quota-limit", &value))
        return 0;
    secrecy_blot_foreign(&value); /* status shows a bucket's name, which the issuer chose */
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
            if (*part == 'r')
                left = number;
            if (*part == 't' && left == 0 && number > resets_in_s)
                resets_in_s = number;
        }
    }
    return resets_in_s;
}

static int protocol_error(const struct exchange *exchange, const char *what)
{
    put_outcome(exchange, "unknown", "server");
    return message_fail(STATUS_PROTOCOL, "%s %s; check auth0_domain", exchange->issuer, what);
}

/* A 200: RFC 6749, section 5.1. */
static int granted(const struct exchange *exchange, const json_t *json)
{
    const char *token = json_string_value(json_object_get(json, "access_token"));
    const char *refresh = json_string_value(json_object_get(json, "refresh_token"));
    const char *type = json_string_value(json_object_get(json, "token_type"));
    json_int_t expires_in = json_integer_value(json_object_get(json, "expires_in"));

    /* it becomes a header: a line break in it would start another */
    if (!token || !*token || !text_is_visible(token))
        return protocol_error(exchange, "returned 200 without a usable access_token");
    if (!type || strcasecmp(type, "Bearer") != 0)
        return protocol_error(exchange, "returned a token that is not of type Bearer");
    kv_put(exchange->answer, "outcome", "ok");
    kv_put(exchange->answer, "token", token);
    if (refresh && *refresh && text_is_visible(refresh))
        kv_put(exchange->answer, "refresh_token", refresh);
    if (expires_in > 0 && expires_in < EXPIRES_IN_MAX)
        kv_put_number(exchange->answer, "expires_in", expires_in);
    claims_put_decoded(exchange->answer, token);
    return STATUS_OK;
}

/* A whole response. Its quota counts whatever the status. */
static int interpret(const struct exchange *exchange)
{
    const struct buffer *body = &exchange->http.body;
    json_auto_t *json = json_loadb(buffer_text(body), body->len, 0, NULL);
    char word[24];
    long long quota_s = take_quota(&exchange->http, exchange->answer);

    if (exchange->http.status >= 400)
        return refused(exchange, json, quota_s);
    snprintf(word, sizeof word, "%ld", exchange->http.status);
    kv_put(exchange->answer, "word", word);
    if (exchange->http.status >= 300)
        return protocol_error(exchange, "returned a redirect, which is not followed");
    if (!json_is_object(json))
        return protocol_error(exchange, "did not return a JSON object");
    return granted(exchange, json);
}

/* Adds the client's fields to the form and sends it; a public client has no secret. */
static enum http_result post(struct exchange *exchange, const char *endpoint, struct buffer *form)
{
    static const char *const headers[] = {"Accept: application/json", NULL};
    const struct attributes *request = exchange->request;
    WIPED_BY(http_close) struct http http = http_for(request);
    SCRATCH url = BUFFER_EMPTY;
    enum http_result result;

    buffer_printf(&url, "%s%s", exchange->issuer, endpoint);
    uri_put_field(form, "client_id", attribute(request, "client_id"));
    uri_put_field(form, "client_secret", attribute(request, "client_secret"));
    /* an issuer's error may quote the form: from here on, messages hide its secrets */
    for (const char *const *name = secrets; *name; name++)
        secrecy_keep(attribute(request, *name));
    result = http_perform(&http,
                          &(struct http_request){.url = url.bytes, .body = form,
                                                 .headers = headers, .answer_max = ANSWER_MAX},
                          &exchange->http);
    if (result == HTTP_ANSWERED)
        http_put_certificates(&http, exchange->answer);
    return result;
}

int issuer_mint(const struct attributes *request, struct buffer *answer)
{
    WIPED_BY(exchange_wipe) struct exchange exchange = {
        .request = request, .answer = answer, .issuer = attribute(request, "issuer")};
    const char *grant = attribute(request, "grant");
    SCRATCH form = BUFFER_EMPTY;
    enum http_result result;

    for (size_t i = 0; i < sizeof grants / sizeof *grants; i++) {
        if (strcmp(grants[i].name, grant) != 0)
            continue;
        exchange.grant = &grants[i];
        uri_put_field(&form, "grant_type", grant);
        for (const char *const *field = grants[i].fields; *field; field++)
            uri_put_field(&form, *field, attribute(request, *field));
    }
    if (!form.len)
        return message_fail(STATUS_BUG, "unknown grant: %s", grant);
    result = post(&exchange, "/oauth/token", &form);
    return result == HTTP_ANSWERED ? interpret(&exchange) : no_answer(&exchange, result);
}

int issuer_revoke(const struct attributes *request, struct buffer *answer)
{
    WIPED_BY(exchange_wipe) struct exchange exchange = {
        .request = request, .answer = answer, .issuer = attribute(request, "issuer")};
    SCRATCH form = BUFFER_EMPTY;

    uri_put_field(&form, "token", attribute(request, "refresh_token"));
    uri_put_field(&form, "token_type_hint", "refresh_token");
    /* RFC 7009, section 2.2: 200 also for a token that was not valid any more */
    if (post(&exchange, "/oauth/revoke", &form) == HTTP_ANSWERED && exchange.http.status == 200)
        return STATUS_OK;
    if (!exchange.http.error.len)
        buffer_printf(&exchange.http.error, "HTTP %ld", exchange.http.status);
    return message_fail(STATUS_UNAVAILABLE, "deleted the tokens on this host, but %s did not revoke "
                        "the login: %s; its refresh token remains valid until it expires; ask "
                        "Rhythm support to revoke it",
                        exchange.issuer, exchange.http.error.bytes);
}
