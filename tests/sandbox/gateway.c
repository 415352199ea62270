#include "gateway.h"
#include "token.h"

#include <stdlib.h>
#include <string.h>

#define NS "http://rhythmsoftware.com/"

enum retry { NO_RETRY, RETRY_SECONDS, RETRY_DATE };

/*
 * The statuses are those of Rhythm's reference (200 400 401 403 404 409 429 500; no schema for a
 * body) and of a gateway that is overloaded. Bodies and x-amzn-errortype are API Gateway's defaults
 * (AWS's documentation, and what its users report); a tenant can change them. 429 means the
 * request rate in Rhythm's tutorial ("try later"), and a limit of the tenant in the older reference,
 * when waiting may not help: so there is one with Retry-After and one without.
 */
static const struct canned {
    const char *name;
    unsigned status;
    const char *body, *errortype;
    enum retry retry;
} canned[] = {
    {"400", 400, "{\"message\":\"Invalid request body\"}", "BadRequestException", NO_RETRY},
    {"401", 401, "{\"message\":\"Unauthorized\"}", "UnauthorizedException", NO_RETRY},
    {"403-policy", 403, "{\"Message\":\"User is not authorized to access this resource\"}",
     "AccessDeniedException", NO_RETRY},
    {"403-deny", 403,
     "{\"message\":\"User is not authorized to access this resource with an explicit deny\"}",
     "AccessDeniedException", NO_RETRY},
    {"403-route", 403, "{\"message\":\"Missing Authentication Token\"}",
     "MissingAuthenticationTokenException", NO_RETRY},
    {"403-missing-equal", 403, NULL, "IncompleteSignatureException", NO_RETRY},
    {"403-credential", 403, NULL, "IncompleteSignatureException", NO_RETRY},
    {"403-forbidden", 403, "{\"message\":\"Forbidden\"}", "ForbiddenException", NO_RETRY},
    {"404", 404, "{\"message\":\"Not Found\"}", NULL, NO_RETRY},
    {"409", 409, "{\"message\":\"Conflict\"}", NULL, NO_RETRY},
    {"429", 429, "{\"message\":\"Too Many Requests\"}", "TooManyRequestsException", NO_RETRY},
    {"429-limit", 429, "{\"message\":\"Limit Exceeded\"}", "LimitExceededException", NO_RETRY},
    {"429-retry-after", 429, "{\"message\":\"Too Many Requests\"}", "TooManyRequestsException",
     RETRY_SECONDS},
    {"500", 500, "{\"message\":\"Internal server error\"}", "InternalServerErrorException",
     NO_RETRY},
    {"500-authorizer", 500, "{\"message\":null}", "AuthorizerConfigurationException", NO_RETRY},
    {"503", 503, "{\"message\":\"Service Unavailable\"}", "ServiceUnavailableException", NO_RETRY},
    {"503-retry-after", 503, "{\"message\":\"Service Unavailable\"}", "ServiceUnavailableException",
     RETRY_SECONDS},
    {"503-retry-after-date", 503, "{\"message\":\"Service Unavailable\"}",
     "ServiceUnavailableException", RETRY_DATE},
    {"504", 504, "{\"message\":\"Endpoint request timed out\"}", NULL, NO_RETRY},
};

/* No such route, in the words of AWS signatures. The gateway quotes the header, token included. */
static void bad_signature(const struct request *r, struct answer *a, bool missing_equal)
{
    const char *header = http_header(r, "Authorization");
    const char *value = header && strchr(header, ' ') ? strchr(header, ' ') + 1 : header;
    json_t *text =
        missing_equal
            ? json_sprintf("'%s' not a valid key=value pair (missing equal-sign) in "
                           "Authorization header: '%s'.",
                           value ? value : "", header ? header : "")
            : json_sprintf("Authorization header requires 'Credential' parameter. Authorization "
                           "header requires 'Signature' parameter. Authorization=%s",
                           header ? header : "");
    answer_json(a, 403, json_pack("{so*}", "message", text));
}

bool gateway_answer(const struct request *r, struct answer *a, const char *name)
{
    for (size_t i = 0; i < sizeof canned / sizeof *canned; i++) {
        const struct canned *c = &canned[i];
        if (strcmp(c->name, name) != 0)
            continue;
        if (c->body)
            answer_text(a, c->status, "application/json", "%s", c->body);
        else
            bad_signature(r, a, !strcmp(name, "403-missing-equal"));
        if (c->errortype)
            answer_header(a, "x-amzn-errortype", "%s", c->errortype);
        if (c->retry)
            answer_retry_after(a, c->retry == RETRY_DATE);
        return true;
    }
    return false;
}

void gateway_deny(const struct request *r, struct answer *a)
{
    char *how = knob_text(K_API_DENIED, NULL);
    gateway_answer(r, a, how);
    free(how);
}

void gateway_refuse_401(const struct request *r, struct answer *a, const char *reason)
{
    note(N_LAST_REFUSAL, reason);
    gateway_answer(r, a, "401");
    if (!knob_number(K_API_WWW_AUTHENTICATE))
        return;
    if (!strcmp(reason, "no bearer token"))
        answer_header(a, "www-authenticate", "Bearer");
    else
        answer_header(a, "www-authenticate",
                      "Bearer scope=\"\" error=\"invalid_token\" error_description=\"%s\"", reason);
}

/* The claims of the request's token, or NULL and a 401. */
json_t *gateway_authorize(const struct request *r, struct answer *a)
{
    const char *header = http_header(r, "Authorization");
    json_t *claims = NULL;
    char *issuer = http_issuer(r);
    const char *reason = header && !strncmp(header, "Bearer ", 7)
                             ? token_check(header + 7, issuer, &claims)
                             : "no bearer token";
    free(issuer);
    if (!reason && !json_is_string(json_object_get(claims, NS "tenant_id")))
        reason = "the token has no tenant";
    if (reason) {
        json_decref(claims);
        claims = NULL;
        gateway_refuse_401(r, a, reason);
    }
    return claims;
}
