#include "issuer.h"
#include "answer.h"
#include "authorize.h"
#include "form.h"
#include "grants.h"
#include "keys.h"
#include "quota.h"
#include "refusal.h"
#include "session.h"
#include "token.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const field_names[FIELDS] = {
    "grant_type",    "client_id",    "client_secret", "audience", "scope",   "code",
    "code_verifier", "redirect_uri", "refresh_token", "username", "password"};

static void read_fields(const struct request *r, char *f[FIELDS])
{
    const char *type = http_header(r, "Content-Type");
    bool is_json = type && !strncasecmp(type, "application/json", 16);
    json_t *json = is_json ? json_loadb(r->body, r->body_len, 0, NULL) : NULL;
    for (int i = 0; i < FIELDS; i++) {
        const char *text = json_string_value(json_object_get(json, field_names[i]));
        f[i] = is_json ? text ? need(strdup(text)) : NULL : form_param(r->body, field_names[i]);
    }
    json_decref(json);
}

static void note_fields(const struct request *r, char *f[FIELDS])
{
    char sum[65] = "";
    if (f[SECRET])
        sha256_hex(f[SECRET], strlen(f[SECRET]), sum);
    note(N_LAST_TYPE, http_header(r, "Content-Type"));
    note(N_LAST_SECRET, sum);
    note(N_LAST_GRANT, f[GRANT]);
    note(N_LAST_CLIENT, f[CLIENT]);
    note(N_LAST_AUDIENCE, f[AUD]);
    note(N_LAST_SCOPE, f[SCOPE]);
}

static void add_limit_headers(struct answer *a)
{
    char *quota = knob_text(K_TOKEN_QUOTA, NULL), *org = knob_text(K_TOKEN_ORG_QUOTA, NULL);
    if (*quota)
        answer_header(a, "Auth0-Client-Quota-Limit", "%s", quota);
    else
        quota_tell(a);
    if (*org)
        answer_header(a, "Auth0-Organization-Quota-Limit", "%s", org);
    answer_header(a, "X-RateLimit-Limit", "100");
    answer_header(a, "X-RateLimit-Remaining", "%d", a->status == 429 ? 0 : 99);
    answer_header(a, "X-RateLimit-Reset", "%lld", sandbox_now() + knob_number(K_RETRY_AFTER));
    answer_header(a, "Cache-Control", "no-store");
    free(quota);
    free(org);
}

/* A grant with another access_token before the right one; jansson cannot write a name twice. */
static void grant_repeating_name(const struct request *r, struct answer *a, char **f)
{
    session_grant(r, a, f);
    char *once = a->body;
    if (a->status != 200)
        return;
    a->body = NULL;
    answer_text(a, 200, a->type, "{\"access_token\":\"the-first-of-two\",%s", once + 1);
    free(once);
}

static void token(const struct request *r, struct answer *a)
{
    char answer[32], *f[FIELDS];
    count(C_TOKEN_REQUESTS);
    read_fields(r, f);
    note_fields(r, f);
    knob_take(K_TOKEN_ANSWER, answer);
    nap_ms(knob_number(K_TOKEN_DELAY_MS));
    if (!answer_fault(r, a, answer)) {
        if (!strcmp(answer, "no-token"))
            answer_text(a, 200, "application/json",
                        "{\"expires_in\":86400,\"token_type\":\"Bearer\"}");
        else if (!strcmp(answer, "repeated-name"))
            grant_repeating_name(r, a, f);
        else if (*answer && a->manner == WHOLE)
            refusal_named(a, answer, f[AUD]);
        else
            session_grant(r, a, f);
        if (a->status == 200 || a->status == 429)
            add_limit_headers(a);
    }
    for (int i = 0; i < FIELDS; i++)
        free(f[i]);
}

static void key_set(const struct request *r, struct answer *a)
{
    char answer[32];
    count(C_JWKS_REQUESTS);
    knob_take(K_JWKS_ANSWER, answer);
    if (answer_fault(r, a, answer))
        return;
    unsigned status = (unsigned)strtoul(answer, NULL, 10);
    if (status)
        answer_text(a, status, "text/plain", "%s\n", status == 404 ? "Not found." : "Error");
    else
        answer_json(a, 200, keys_set(answer));
    answer_header(a, "Cache-Control", "public, max-age=15, stale-while-revalidate=15");
}

static void configuration(const struct request *r, struct answer *a)
{
    char *issuer = http_issuer(r);
    json_t *j = json_pack("{ss}", "issuer", issuer);
    static const char *const urls[][2] = {{"authorization_endpoint", "authorize"},
                                          {"token_endpoint", "oauth/token"},
                                          {"revocation_endpoint", "oauth/revoke"},
                                          {"jwks_uri", ".well-known/jwks.json"}};
    for (int i = 0; i < 4; i++)
        json_object_set_new(j, urls[i][0], json_sprintf("%s%s", issuer, urls[i][1]));
    json_object_set_new(j, "response_types_supported", json_pack("[s]", "code"));
    json_object_set_new(j, "code_challenge_methods_supported", json_pack("[s]", "S256"));
    json_object_set_new(j, "id_token_signing_alg_values_supported", json_pack("[s]", "RS256"));
    json_object_set_new(j, "authorization_response_iss_parameter_supported", json_true());
    answer_json(a, 200, j);
    free(issuer);
}

static void revoke(const struct request *r, struct answer *a)
{
    char *f[FIELDS];
    read_fields(r, f);
    char *value = form_param(r->body, "token");
    json_t *json = json_loadb(r->body, r->body_len, 0, NULL);
    const char *in_json = json_string_value(json_object_get(json, "token"));
    count(C_REVOCATIONS);
    if (!client_find(f[CLIENT])) {
        refusal(a, 401, "invalid_client", "Unauthorized");
    } else {
        grants_revoke(in_json ? in_json : value);
        answer_text(a, 200, NULL, "%s", "");
    }
    json_decref(json);
    free(value);
    for (int i = 0; i < FIELDS; i++)
        free(f[i]);
}

static void certificate(const struct request *r, struct answer *a)
{
    (void)r;
    char *pem = keys_certificate();
    answer_text(a, 200, "application/x-pem-file", "%s", pem);
    free(pem);
}

bool issuer_handle(struct request *r, struct answer *a)
{
    static const struct {
        const char *path, *methods;
        void (*answer)(const struct request *, struct answer *);
    } routes[] = {
        {"/oauth/token", "POST", token},
        {"/oauth/revoke", "POST", revoke},
        {"/authorize", "GET POST", authorize_answer},
        {"/pem", "GET", certificate},
        {"/.well-known/jwks.json", "GET", key_set},
        {"/.well-known/openid-configuration", "GET", configuration},
    };
    size_t len = strcspn(r->target, "?");
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (strlen(routes[i].path) != len || strncmp(routes[i].path, r->target, len) != 0)
            continue;
        if (form_has_word(routes[i].methods, r->method))
            routes[i].answer(r, a);
        else
            answer_text(a, 404, "text/plain", "Not Found");
        return true;
    }
    return false;
}
