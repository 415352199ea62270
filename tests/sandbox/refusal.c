#include "refusal.h"
#include "token.h"

#include <stdlib.h>
#include <string.h>

enum retry { NO_RETRY, RETRY_SECONDS, RETRY_DATE };

/*
 * Every error of a token request: statuses and errors from Auth0's documentation, descriptions from
 * its documentation and from public reports. Those of a wrong secret, a missing grant and a
 * refresh token are not confirmed, and the wording has drifted before. %s is the audience.
 */
static const struct row {
    const char *name;
    unsigned status;
    const char *error, *description;
    enum retry retry;
} rows[] = {
    {"wrong-secret", 401, "access_denied", "Unauthorized", NO_RETRY},
    {"invalid-client", 401, "invalid_client", "Client authentication failed", NO_RETRY},
    {"wrong-audience", 403, "access_denied", "Service not enabled within domain: %s", NO_RETRY},
    {"no-client-grant", 403, "access_denied",
     "Client is not authorized to access \"%s\". You need to create a \"client-grant\" associated "
     "to "
     "this API. See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants",
     NO_RETRY},
    {"grant-not-allowed", 403, "unauthorized_client",
     "Grant type 'client_credentials' not allowed for the client.", NO_RETRY},
    {"wrong-password", 403, "invalid_grant", "Wrong email or password.", NO_RETRY},
    {"invalid-user-password", 403, "invalid_user_password", "Wrong email or password.", NO_RETRY},
    {"mfa-required", 401, "mfa_required", "Multifactor authentication required", NO_RETRY},
    {"password-leaked", 401, "password_leaked",
     "This login has been blocked because your password was leaked in another website.", NO_RETRY},
    {"too-many-attempts", 429, "too_many_attempts",
     "Your account has been blocked after multiple consecutive login attempts.", NO_RETRY},
    {"client-quota", 429, "too_many_requests", "Client quota exceeded", NO_RETRY},
    {"rate-limit", 429, "too_many_requests", "Rate limit exceeded.", RETRY_SECONDS},
    {"rate-limit-bare", 429, "too_many_requests", "Rate limit exceeded.", NO_RETRY},
    {"retry-after", 429, "too_many_requests", "Rate limit exceeded.", RETRY_SECONDS},
    {"retry-after-date", 429, "too_many_requests", "Rate limit exceeded.", RETRY_DATE},
    {"action-invalid-scope", 400, "invalid_scope", "The scope was refused by an Action.", NO_RETRY},
    {"action-invalid-request", 400, "invalid_request", "Refused by an Action.", NO_RETRY},
    {"action-server-error", 500, "server_error", "An Action failed.", NO_RETRY},
    /* Nobody has published the response when the month is spent: any other 4xx will do. */
    {"month-spent", 403, "quota_spent", "Monthly token limit reached", NO_RETRY},
    {"invalid-refresh", 403, "invalid_grant", "Unknown or invalid refresh token.", NO_RETRY},
    {"500", 500, "server_error", "Internal error", NO_RETRY},
    {"503", 503, "temporarily_unavailable", "Service Unavailable", NO_RETRY},
    {"503-retry-after", 503, "temporarily_unavailable", "Service Unavailable", RETRY_SECONDS},
};

void refusal(struct answer *a, unsigned status, const char *error, const char *description)
{
    answer_json(a, status, json_pack("{ssss}", "error", error, "error_description", description));
}

static void refuse_row(struct answer *a, const struct row *row, const char *audience)
{
    char text[700], *token = token_random(24);
    const char *hole = strstr(row->description, "%s");
    int before = (int)(hole ? hole - row->description : (long)strlen(row->description));
    snprintf(text, sizeof text, "%.*s%.300s%s", before, row->description,
             hole && audience ? audience : "", hole ? hole + 2 : "");
    json_t *body = json_pack("{ssss}", "error", row->error, "error_description", text);
    if (!strcmp(row->error, "mfa_required"))
        json_object_set_new(body, "mfa_token", json_string(token));
    free(token);
    answer_json(a, row->status, body);
    if (row->retry)
        answer_retry_after(a, row->retry == RETRY_DATE);
    if (!strcmp(row->name, "client-quota") && knob_is(K_TOKEN_QUOTA, "") &&
        !knob_number(K_QUOTA_HOUR) && !knob_number(K_QUOTA_DAY))
        answer_header(a, "Auth0-Client-Quota-Limit", "b=per_hour;q=10;r=0;t=1800");
}

void refusal_named(struct answer *a, const char *name, const char *audience)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].name, name))
            refuse_row(a, &rows[i], audience);
}
