#ifndef SANDBOX_KNOBS_H
#define SANDBOX_KNOBS_H

/*
 * What a test can set, and what it can read back.
 *
 * One table (KNOBS below) gives each knob its name, its default, the values it takes and its text in
 * --help. Values: "#" an integer, "{}" a JSON object, "*" any text, else one of the words between
 * the bars. Counters and notes (the last value seen of something) follow. Everything here may be
 * used from any thread; nothing here knows HTTP.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Faults for any response; see answer_fault() in answer.h. */
#define FAULTS "not-json|empty|array|huge|cut|drip|redirect|hang|close"

/* clang-format off */
#define KNOBS(X) \
    X(TOKEN_ANSWER, "token.answer", "", "|wrong-secret|invalid-client|wrong-audience|no-client-grant" \
      "|grant-not-allowed|wrong-password|invalid-user-password|mfa-required|password-leaked" \
      "|too-many-attempts|client-quota|rate-limit|rate-limit-bare|retry-after|retry-after-date" \
      "|action-invalid-scope|action-invalid-request|action-server-error|month-spent|invalid-refresh" \
      "|no-token|repeated-name|500|503|503-retry-after|" FAULTS, "what /oauth/token returns; empty: the correct response") \
    X(TOKEN_ANSWER_TIMES, "token.answer_times", "0", "#", "apply this to the next N responses only; 0: until changed") \
    X(TOKEN_DELAY_MS, "token.delay_ms", "0", "#", "delay of a token response, milliseconds") \
    X(TOKEN_EXPIRES_IN, "token.expires_in", "86400", "*", "expires_in, as raw JSON; none: left out") \
    X(TOKEN_LIFETIME, "token.lifetime", "86400", "#", "exp minus iat, seconds") \
    X(TOKEN_EXP_OFFSET, "token.exp_offset", "0", "#", "added to exp, seconds") \
    X(TOKEN_IAT_OFFSET, "token.iat_offset", "0", "#", "added to iat only, seconds") \
    X(TOKEN_NBF_OFFSET, "token.nbf_offset", "", "#", "nbf, in seconds from now; empty: no nbf") \
    X(TOKEN_CLAIMS, "token.claims", "", "{}", "claims to add to or replace in an access token; null deletes one") \
    X(TOKEN_PAYLOAD, "token.payload", "", "*", "the whole payload, any bytes (POST /_sandbox/payload sets it)") \
    X(TOKEN_ALG, "token.alg", "RS256", "RS256|RS384|RS512|PS256|PS384|PS512|ES256|HS256|none", \
      "the signature; HS256 uses the PEM of the current public key as its key") \
    X(TOKEN_TYP, "token.typ", "JWT", "*", "typ in the token's header; none: left out") \
    X(TOKEN_KID, "token.kid", "current", "current|previous|next|unknown|none", "the key that signs") \
    X(TOKEN_OPAQUE, "token.opaque", "", "|jwe|short|encrypted", \
      "return opaque tokens, even with an audience; encrypted: as for an API that requires encryption") \
    X(TOKEN_TYPE, "token.type", "Bearer", "*", "token_type; none: left out") \
    X(TOKEN_QUOTA, "token.quota_header", "", "*", "Auth0-Client-Quota-Limit, instead of the value from quota.*") \
    X(TOKEN_ORG_QUOTA, "token.organization_quota_header", "", "*", "Auth0-Organization-Quota-Limit") \
    X(QUOTA_HOUR, "quota.hour", "0", "#", "machine tokens per hour, shown in the headers; 0: no hourly quota") \
    X(QUOTA_DAY, "quota.day", "0", "#", "machine tokens per day, likewise") \
    X(QUOTA_ENFORCE, "quota.enforce", "1", "0|1", "1: refuse requests beyond a quota; 0: only show it") \
    X(CLIENT_SECRET, "client.secret", "sandbox-secret", "*", "the secret of sandbox-client") \
    X(CLIENT_CALLBACKS, "client.callbacks", "http://127.0.0.1:8484/callback", "*", \
      "the allowed callback URLs, separated by commas; any: every one on a loopback host") \
    X(AUDIENCE, "audience", "https://api.rhythmsoftware.com", "*", "the only known audience") \
    X(AUTHORIZE_ANSWER, "authorize.answer", "", "|denied|wrong-state|no-state|wrong-iss|no-iss", \
      "what /authorize returns; denied: without showing the form") \
    X(AUTHORIZE_USER, "authorize.user", "", "*", "log in this user without showing the form") \
    X(JWKS_ANSWER, "jwks.answer", "", "|404|500|503|many|broken-keys|none|" FAULTS, "what the key set's URL returns; empty: the key set") \
    X(JWKS_ANSWER_TIMES, "jwks.answer_times", "0", "#", "like token.answer_times") \
    X(JWKS_ROTATE, "jwks.rotate", "0", "#", "1: rotate the keys: current becomes previous, next becomes current") \
    X(API_ANSWER, "api.answer", "", "|400|401|403-policy|403-deny|403-route|403-missing-equal" \
      "|403-credential|403-forbidden|404|409|429|429-limit|429-retry-after|500|500-authorizer|503" \
      "|503-retry-after|503-retry-after-date|504|" FAULTS, "what the gateway returns; empty: the correct response") \
    X(API_ANSWER_TIMES, "api.answer_times", "0", "#", "like token.answer_times") \
    X(API_LATENCY_MS, "api.latency_ms", "0", "#", "delay of an API response, milliseconds") \
    X(API_WWW_AUTHENTICATE, "api.www_authenticate", "0", "0|1", "1: a 401 names its reason in www-authenticate") \
    X(API_ITEMS, "api.items", "25", "#", "items in each list") \
    X(API_PAGE, "api.page", "10", "#", "items on each page") \
    X(API_CURSOR, "api.cursor", "string", "string|object|repeat|null-last", "the form of LastEvaluatedKey") \
    X(API_ID, "api.id", "c-", "*", "the prefix of each ID in a list; for example acme|c:x#, which needs encoding") \
    X(API_SEARCH_CURSOR, "api.search_cursor", "query", "query|body", \
      "where a search reads exclusiveStartKey and fieldsToReturn") \
    X(API_ROUTES, "api.routes", "known", "known|confirmed", \
      "which calls of the catalogue exist: all of them, or only those confirmed as a path") \
    X(API_UNKNOWN_PATH, "api.unknown_path", "denied", "denied|missing-token", \
      "how a path that is not a call is refused: denied by the authorizer, or as an unknown route") \
    X(API_UNKNOWN_SERVICE, "api.unknown_service", "401", "401|403-forbidden", \
      "how a base URL that is not a service's is refused") \
    X(API_BASE_URLS, "api.base_urls", "reference", "reference|article|both", \
      "the accepted base URLs: /SERVICE (the reference), /SERVICE-v1 (the support article)") \
    X(API_DENIED, "api.denied", "403-policy", "403-policy|403-deny", \
      "how the authorizer refuses another tenant") \
    X(API_BATCH_FAILS, "api.batch_fails", "0", "#", "how many operations of a batch fail, from the first") \
    X(API_BATCH_RESULTS, "api.batch_results", "told", "told|bare", \
      "a batch result: with a status and an error, or only the ID of the operation") \
    X(API_TRAILERS, "api.trailers", "0", "0|1", "1: send API responses in chunks, with a trailer") \
    X(QUERY_POLLS, "query.polls", "2", "#", "how many times describe reports that a query is running") \
    X(QUERY_DELAY_MS, "query.delay_ms", "0", "#", "how long describe reports this at least, milliseconds") \
    X(QUERY_OUTCOME, "query.outcome", "done", "done|failed|empty|never", "how a query ends") \
    X(QUERY_WORDS, "query.words", "RUNNING,SUCCEEDED,FAILED", "*", \
      "status while a query runs, after it, and if it failed; the real words are not published") \
    X(QUERY_RESULT_FIELD, "query.result_field", "result_uri", "*", \
      "the field of describe with the URL of the result; the real name is not published") \
    X(QUERY_PUBLIC, "query.public", "0", "0|1", "1: public/description requires no token") \
    X(CLOCK_OFFSET, "clock_offset", "0", "#", "seconds added to the sandbox's clock and Date header") \
    X(RETRY_AFTER, "retry_after", "1", "#", "seconds in Retry-After, if it is sent") \
    X(DRIP_MS, "drip_ms", "100", "#", "pause before each byte of a drip response, milliseconds") \
    X(HUGE_BYTES, "huge_bytes", "10485760", "#", "size of a huge response, bytes") \
    X(REDIRECT_STATUS, "redirect_status", "302", "301|302|303|307|308", "the status of a redirect") \
    X(REDIRECT_TO, "redirect_to", "", "*", "the Location of a redirect; empty: /_sandbox/landing on localhost")

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

/* Returns p; ends the process if it is NULL. Input is bounded, so nobody can provoke that. */
void *need(void *p);

/* The sandbox's clock: seconds since the epoch, clock_offset included. */
long long sandbox_now(void);

/* An empty or non-numeric value is 0. */
long long knob_number(enum knob knob);
bool knob_is(enum knob knob, const char *value);

/* A copy for the caller to free, with a NUL after its *len bytes; len may be NULL. */
char *knob_text(enum knob knob, size_t *len);

/* Copy the answer knob's value and count it against the *_TIMES knob that follows it. */
void knob_take(enum knob knob, char answer[32]);

/* Set one knob to any bytes, unchecked. */
void knob_put(enum knob knob, const char *bytes, size_t len);

/* Set knobs from "name=value" lines: all of them, or none and -1 with the reason in why. */
int knobs_set(const char *text, char *why, size_t why_size);

/* Adds one; returns the new count. */
unsigned long long count(enum counter counter);

/* Remember the last value of something; NULL: "". */
void note(enum note which, const char *text);

/* Everything back to its default; counters to 0. Also frees what was set. */
void knobs_reset(void);

/* All knobs, counters and notes as key=value lines; control characters are written \xNN. */
char *knobs_print(void);

/* The table, for --help and for the manual page. */
void knobs_help(FILE *out);
void knobs_mdoc(FILE *out);

#endif
