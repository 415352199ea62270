#ifndef SANDBOX_KNOBS_H
#define SANDBOX_KNOBS_H

/*
 * What a test can turn, and what it can read back.
 *
 * One table (KNOBS below) gives each knob its name, its default, the values it takes and its line
 * in
 * --help. Values: "#" an integer, "{}" a JSON object, "*" any text, else one of the words between
 * the bars. Counters and notes (the last value seen of something) stand beside them. Everything
 * here may be used from any thread; nothing here knows HTTP.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Faults that any answer can have; see answer_fault() in answer.h. */
#define FAULTS "not-json|empty|array|huge|cut|drip|redirect|hang|close"

/* clang-format off */
#define KNOBS(X) \
    X(TOKEN_ANSWER, "token.answer", "", "|wrong-secret|invalid-client|wrong-audience|no-client-grant" \
      "|grant-not-allowed|wrong-password|invalid-user-password|mfa-required|password-leaked" \
      "|too-many-attempts|client-quota|rate-limit|rate-limit-bare|retry-after|retry-after-date" \
      "|action-invalid-scope|action-invalid-request|action-server-error|month-spent|invalid-refresh" \
      "|no-token|500|503|503-retry-after|" FAULTS, "what /oauth/token answers; empty: what is right") \
    X(TOKEN_ANSWER_TIMES, "token.answer_times", "0", "#", "only the next N answers; 0: until changed") \
    X(TOKEN_DELAY_MS, "token.delay_ms", "0", "#", "wait before a token answer") \
    X(TOKEN_EXPIRES_IN, "token.expires_in", "86400", "*", "raw JSON value of expires_in; none: left out") \
    X(TOKEN_LIFETIME, "token.lifetime", "86400", "#", "exp - iat, seconds") \
    X(TOKEN_EXP_OFFSET, "token.exp_offset", "0", "#", "added to exp") \
    X(TOKEN_IAT_OFFSET, "token.iat_offset", "0", "#", "added to iat alone") \
    X(TOKEN_NBF_OFFSET, "token.nbf_offset", "", "#", "nbf = now + this; empty: no nbf") \
    X(TOKEN_CLAIMS, "token.claims", "", "{}", "laid over an access token's payload; null deletes") \
    X(TOKEN_PAYLOAD, "token.payload", "", "*", "the payload itself, any bytes (POST /_sandbox/payload)") \
    X(TOKEN_ALG, "token.alg", "RS256", "RS256|RS384|RS512|PS256|PS384|PS512|ES256|HS256|none", \
      "signature; HS256 is keyed with the PEM of the current public key") \
    X(TOKEN_TYP, "token.typ", "JWT", "*", "typ in the token's header; none: left out") \
    X(TOKEN_KID, "token.kid", "current", "current|previous|next|unknown|none", "which key signs") \
    X(TOKEN_OPAQUE, "token.opaque", "", "|jwe|short|encrypted", \
      "hand out opaque tokens, audience or not; encrypted: those of an API that asks for it") \
    X(TOKEN_TYPE, "token.type", "Bearer", "*", "token_type; none: left out") \
    X(TOKEN_QUOTA, "token.quota_header", "", "*", "Auth0-Client-Quota-Limit, instead of what quota.* makes") \
    X(TOKEN_ORG_QUOTA, "token.organization_quota_header", "", "*", "Auth0-Organization-Quota-Limit") \
    X(QUOTA_HOUR, "quota.hour", "0", "#", "machine tokens an hour, in the headers; 0: no such quota") \
    X(QUOTA_DAY, "quota.day", "0", "#", "and a day") \
    X(QUOTA_ENFORCE, "quota.enforce", "1", "0|1", "1: refuse what is beyond; 0: only tell") \
    X(CLIENT_SECRET, "client.secret", "sandbox-secret", "*", "the secret of sandbox-client") \
    X(CLIENT_CALLBACKS, "client.callbacks", "http://127.0.0.1:8484/callback", "*", \
      "the registered callback URLs, separated by commas; any: all of loopback hosts") \
    X(AUDIENCE, "audience", "https://api.rhythmsoftware.com", "*", "the one known audience") \
    X(AUTHORIZE_ANSWER, "authorize.answer", "", "|denied|wrong-state|no-state|wrong-iss|no-iss", \
      "what /authorize sends back; denied answers without asking") \
    X(AUTHORIZE_USER, "authorize.user", "", "*", "log this user in without a form") \
    X(JWKS_ANSWER, "jwks.answer", "", "|404|500|503|many|broken-keys|none|" FAULTS, "the key set") \
    X(JWKS_ANSWER_TIMES, "jwks.answer_times", "0", "#", "as token.answer_times") \
    X(JWKS_ROTATE, "jwks.rotate", "0", "#", "1: current becomes previous, next becomes current") \
    X(API_ANSWER, "api.answer", "", "|400|401|403-policy|403-deny|403-route|403-missing-equal" \
      "|403-credential|403-forbidden|404|409|429|429-limit|429-retry-after|500|500-authorizer|503" \
      "|503-retry-after|503-retry-after-date|504|" FAULTS, "what the gateway answers; empty: what is right") \
    X(API_ANSWER_TIMES, "api.answer_times", "0", "#", "as token.answer_times") \
    X(API_LATENCY_MS, "api.latency_ms", "0", "#", "wait before an API answer") \
    X(API_WWW_AUTHENTICATE, "api.www_authenticate", "0", "0|1", "1: a 401 names its reason") \
    X(API_ITEMS, "api.items", "25", "#", "items in each list") \
    X(API_PAGE, "api.page", "10", "#", "items on a page") \
    X(API_CURSOR, "api.cursor", "string", "string|object|repeat|null-last", "form of LastEvaluatedKey") \
    X(API_ID, "api.id", "c-", "*", "what an id in a list begins with: acme|c:x# needs encoding") \
    X(API_SEARCH_CURSOR, "api.search_cursor", "query", "query|body", \
      "where a search looks for exclusiveStartKey and fieldsToReturn") \
    X(API_ROUTES, "api.routes", "known", "known|confirmed", \
      "which of the catalogue's calls there are: all of them, or those that were seen as a path") \
    X(API_UNKNOWN_PATH, "api.unknown_path", "denied", "denied|missing-token", \
      "a path that is no call: the authorizer denies it, or the gateway knows no such route") \
    X(API_UNKNOWN_SERVICE, "api.unknown_service", "401", "401|403-forbidden", \
      "a base URL that is no service's") \
    X(API_BASE_URLS, "api.base_urls", "reference", "reference|article|both", \
      "which base URLs are right: /SERVICE (the reference's), /SERVICE-v1 (the support article's)") \
    X(API_DENIED, "api.denied", "403-policy", "403-policy|403-deny", \
      "how the authorizer refuses a foreign tenant") \
    X(API_BATCH_FAILS, "api.batch_fails", "0", "#", "the first N operations of a batch fail") \
    X(API_BATCH_RESULTS, "api.batch_results", "told", "told|bare", \
      "whether a batch's result has a status and an error, or is the operation's id alone") \
    X(API_TRAILERS, "api.trailers", "0", "0|1", "1: API answers are chunked, with a trailer") \
    X(QUERY_POLLS, "query.polls", "2", "#", "how often describe says that a query is running") \
    X(QUERY_DELAY_MS, "query.delay_ms", "0", "#", "and for how long it does at least") \
    X(QUERY_OUTCOME, "query.outcome", "done", "done|failed|empty|never", "how a query ends") \
    X(QUERY_WORDS, "query.words", "RUNNING,SUCCEEDED,FAILED", "*", \
      "the words of status while it runs, at its end, and if it failed; nobody has published them") \
    X(QUERY_RESULT_FIELD, "query.result_field", "result_uri", "*", \
      "the field of describe with the URL of the result; nobody has published it") \
    X(QUERY_PUBLIC, "query.public", "0", "0|1", "1: public/description asks for no token") \
    X(CLOCK_OFFSET, "clock_offset", "0", "#", "seconds added to the sandbox's clock and Date header") \
    X(RETRY_AFTER, "retry_after", "1", "#", "seconds in Retry-After, where one is sent") \
    X(DRIP_MS, "drip_ms", "100", "#", "pause before each byte of a dripping answer") \
    X(HUGE_BYTES, "huge_bytes", "10485760", "#", "size of a huge answer") \
    X(REDIRECT_STATUS, "redirect_status", "302", "301|302|303|307|308", "status of a redirect") \
    X(REDIRECT_TO, "redirect_to", "", "*", "its Location; empty: /_sandbox/landing on localhost")

#define COUNTERS(X) \
    X(CONNECTIONS, "connections") X(TOKEN_REQUESTS, "token_requests") X(MINTS, "mints") \
    X(USER_MINTS, "user_mints") X(JWKS_REQUESTS, "jwks_requests") \
    X(AUTHORIZE_REQUESTS, "authorize_requests") X(REVOCATIONS, "revocations") \
    X(API_REQUESTS, "api_requests") X(LANDINGS, "landings") \
    X(LANDING_AUTHORIZATIONS, "landing_authorizations") X(RESULT_REQUESTS, "result_requests") \
    X(RESULT_AUTHORIZATIONS, "result_authorizations")

#define NOTES(X) \
    X(LAST_AUTHORIZATION, "last_authorization_sha256") X(LAST_SECRET, "last_client_secret_sha256") \
    X(LAST_GRANT, "last_grant_type") X(LAST_CLIENT, "last_client_id") \
    X(LAST_AUDIENCE, "last_audience") X(LAST_SCOPE, "last_scope") \
    X(LAST_TYPE, "last_token_content_type") X(LAST_REFUSAL, "last_refusal")
/* clang-format on */

#define KNOB_ID(id, name, value, takes, help) K_##id,
#define COUNTER_ID(id, name) C_##id,
#define NOTE_ID(id, name) N_##id,
enum knob { KNOBS(KNOB_ID) KNOB_COUNT };
enum counter { COUNTERS(COUNTER_ID) COUNTER_COUNT };
enum note { NOTES(NOTE_ID) NOTE_COUNT };

/* p, unless it is NULL: then the process ends. Input is bounded, so this is no way in. */
void *need(void *p);

/* The sandbox's clock: seconds since the epoch, clock_offset included. */
long long sandbox_now(void);

/* An empty or non-numeric value is 0. */
long long knob_number(enum knob knob);
bool knob_is(enum knob knob, const char *value);

/* A copy for the caller to free, with a NUL behind its *len bytes; len may be NULL. */
char *knob_text(enum knob knob, size_t *len);

/* Copy the answer knob's value and count it against the *_TIMES knob that follows it. */
void knob_take(enum knob knob, char answer[32]);

/* Set one knob to any bytes, unchecked. */
void knob_put(enum knob knob, const char *bytes, size_t len);

/* Set knobs from "name=value" lines: all of them, or none and -1 with the reason in why. */
int knobs_set(const char *text, char *why, size_t why_size);

/* One more; returns how many that makes. */
unsigned long long count(enum counter counter);

/* Remember the last value of something; NULL: "". */
void note(enum note which, const char *text);

/* Everything back to its default; counters to 0. Also frees what was set. */
void knobs_reset(void);

/* All knobs, counters and notes as key=value lines; control characters come out as \xNN. */
char *knobs_print(void);

/* The table, for --help and for the manual page. */
void knobs_help(FILE *out);
void knobs_mdoc(FILE *out);

#endif
