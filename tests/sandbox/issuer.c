#include "issuer.h"
#include "grants.h"
#include "keys.h"
#include "token.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NS "http://rhythmsoftware.com/"

enum field {
    GRANT,
    CLIENT,
    SECRET,
    AUD,
    SCOPE,
    CODE,
    VERIFIER,
    REDIRECT,
    REFRESH,
    USER,
    PASSWORD,
    FIELDS
};
static const char *const field_names[FIELDS] = {
    "grant_type",    "client_id",    "client_secret", "audience", "scope",   "code",
    "code_verifier", "redirect_uri", "refresh_token", "username", "password"};

enum retry { NO_RETRY, RETRY_SECONDS, RETRY_DATE };

/* Each error a token request can meet. %s is the audience. */
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
    /* Nobody has seen what a spent month looks like: any 4xx that is no other row will do. */
    {"month-spent", 403, "quota_spent", "Monthly token limit reached", NO_RETRY},
    {"invalid-refresh", 403, "invalid_grant", "Unknown or invalid refresh token.", NO_RETRY},
    {"500", 500, "server_error", "Internal error", NO_RETRY},
    {"503", 503, "temporarily_unavailable", "Service Unavailable", NO_RETRY},
    {"503-retry-after", 503, "temporarily_unavailable", "Service Unavailable", RETRY_SECONDS},
};

/* What one token request is about, gathered before anything is signed. */
struct session {
    const struct user *user; /* NULL: a machine */
    const char *client_id, *audience, *scope, *nonce, *gty;
    unsigned family;
};

static bool has_word(const char *words, const char *word)
{
    for (size_t len = strlen(word); words && *words; words += strspn(words, " ")) {
        size_t n = strcspn(words, " ");
        if (n == len && !strncmp(words, word, n))
            return true;
        words += n;
    }
    return false;
}

static void refuse(struct answer *a, unsigned status, const char *error, const char *description)
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
    if (row->status == 429 && !strcmp(row->name, "client-quota") && knob_is(K_TOKEN_QUOTA, ""))
        answer_header(a, "Auth0-Client-Quota-Limit", "b=per_hour;q=10;r=0;t=1800");
}

static void refuse_as(struct answer *a, const char *name, const char *audience)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].name, name))
            refuse_row(a, &rows[i], audience);
}

static void set_text(json_t *object, const char *key, const char *value)
{
    if (value && *value)
        json_object_set_new(object, key, json_string(value));
}

static json_t *base_claims(const struct session *s, const char *issuer)
{
    char sub[128];
    long long now = sandbox_now();
    snprintf(sub, sizeof sub, "%s@clients", s->client_id);
    json_t *claims = json_pack("{sssssssI}", "iss", issuer, "sub", s->user ? s->user->sub : sub,
                               "azp", s->client_id, "iat", now + knob_number(K_TOKEN_IAT_OFFSET));
    json_object_set_new(
        claims, "exp",
        json_integer(now + knob_number(K_TOKEN_LIFETIME) + knob_number(K_TOKEN_EXP_OFFSET)));
    if (!knob_is(K_TOKEN_NBF_OFFSET, ""))
        json_object_set_new(claims, "nbf", json_integer(now + knob_number(K_TOKEN_NBF_OFFSET)));
    return claims;
}

/* Lay the token.claims knob over the claims. */
static void apply_claims_knob(json_t *claims)
{
    char *text = knob_text(K_TOKEN_CLAIMS, NULL);
    json_t *over = json_loads(text, 0, NULL), *value;
    const char *key;
    json_object_foreach(over, key, value)
    {
        if (json_is_null(value))
            json_object_del(claims, key);
        else
            json_object_set(claims, key, value);
    }
    json_decref(over);
    free(text);
}

static char *access_token(const struct session *s, const char *issuer)
{
    char userinfo[320];
    size_t raw_len;
    char *form = knob_text(K_TOKEN_OPAQUE, NULL), *raw = knob_text(K_TOKEN_PAYLOAD, &raw_len);
    char *token = NULL;
    struct token_style style;
    token_style_knobs(&style);
    json_t *claims = base_claims(s, issuer);
    json_object_set_new(claims, NS "tenant_id", json_string("acme.org"));
    json_object_set_new(claims, NS "customer_id", json_string("customer-acme"));
    if (s->user && s->user->contact_id) {
        set_text(claims, NS "contact_id", s->user->contact_id);
        set_text(claims, NS "contact_name", s->user->name);
    }
    set_text(claims, "gty", s->gty);
    set_text(claims, "scope", s->scope);
    snprintf(userinfo, sizeof userinfo, "%suserinfo", issuer);
    json_object_set_new(claims, "aud",
                        has_word(s->scope, "openid")
                            ? json_pack("[ss]", s->audience ? s->audience : "", userinfo)
                            : json_string(s->audience ? s->audience : ""));
    apply_claims_knob(claims);
    if (*form || !s->audience)
        token = token_opaque(*form ? form : "jwe", issuer);
    else if (raw_len)
        token = token_sign_bytes(raw, raw_len, &style);
    else
        token = token_sign_claims(claims, &style);
    json_decref(claims);
    free(form);
    free(raw);
    return token;
}

static char *id_token(const struct session *s, const char *issuer)
{
    const struct token_style style = {"RS256", "JWT", "current"};
    json_t *claims = base_claims(s, issuer);
    json_object_del(claims, "azp");
    set_text(claims, "aud", s->client_id);
    set_text(claims, "name", s->user->name);
    set_text(claims, "email", s->user->email);
    set_text(claims, "nonce", s->nonce);
    char *token = token_sign_claims(claims, &style);
    json_decref(claims);
    return token;
}

static void add_refresh_token(json_t *body, const struct session *s)
{
    struct grant g = {.refresh = true, .user = s->user, .family = s->family};
    snprintf(g.client_id, sizeof g.client_id, "%s", s->client_id);
    snprintf(g.scope, sizeof g.scope, "%s", s->scope);
    snprintf(g.audience, sizeof g.audience, "%s", s->audience ? s->audience : "");
    grants_add(&g);
    set_text(body, "refresh_token", g.value);
}

static void grant_tokens(const struct request *r, struct answer *a, const struct session *s)
{
    char *issuer = http_issuer(r), *token = access_token(s, issuer);
    char *expires = knob_text(K_TOKEN_EXPIRES_IN, NULL), *type = knob_text(K_TOKEN_TYPE, NULL);
    json_t *body = json_pack("{ss}", "access_token", token);
    if (s->user && has_word(s->scope, "offline_access"))
        add_refresh_token(body, s);
    if (s->user && has_word(s->scope, "openid")) {
        free(token);
        token = id_token(s, issuer);
        set_text(body, "id_token", token);
    }
    set_text(body, "scope", s->scope);
    if (strcmp(expires, "none") != 0)
        json_object_set_new(body, "expires_in", json_loads(expires, JSON_DECODE_ANY, NULL));
    if (strcmp(type, "none") != 0)
        json_object_set_new(body, "token_type", json_string(type));
    answer_json(a, 200, body);
    count(C_MINTS);
    if (s->user)
        count(C_USER_MINTS);
    free(issuer);
    free(token);
    free(expires);
    free(type);
}

static void by_password(const struct request *r, struct answer *a, char **f, struct session *s)
{
    s->user = user_find(f[USER], f[PASSWORD] ? f[PASSWORD] : "");
    s->gty = "password";
    if (!s->user)
        refuse_as(a, "wrong-password", NULL);
    else
        grant_tokens(r, a, s);
}

static void by_code(const struct request *r, struct answer *a, char **f, struct session *s)
{
    struct grant g;
    char sum[44] = "";
    if (f[VERIFIER])
        sha256_b64url(f[VERIFIER], sum);
    if (!grants_use(false, f[CODE], &g) || strcmp(g.client_id, s->client_id) != 0) {
        refuse(a, 403, "invalid_grant", "Invalid authorization code");
    } else if (!f[REDIRECT] || strcmp(g.redirect_uri, f[REDIRECT]) != 0) {
        refuse(a, 403, "invalid_grant", "The redirect URI is wrong.");
    } else if (*g.challenge && strcmp(g.challenge, sum) != 0) {
        refuse(a, 403, "invalid_grant", "Failed to verify code verifier");
    } else {
        *s = (struct session){.user = g.user,
                              .client_id = s->client_id,
                              .scope = g.scope,
                              .audience = *g.audience ? g.audience : NULL,
                              .nonce = g.nonce,
                              .family = g.family};
        grant_tokens(r, a, s);
    }
}

static void by_refresh(const struct request *r, struct answer *a, char **f, struct session *s)
{
    struct grant g;
    if (!grants_use(true, f[REFRESH], &g) || strcmp(g.client_id, s->client_id) != 0) {
        refuse_as(a, "invalid-refresh", NULL);
        return;
    }
    *s = (struct session){.user = g.user,
                          .client_id = s->client_id,
                          .scope = g.scope,
                          .audience = *g.audience ? g.audience : NULL,
                          .family = g.family};
    grant_tokens(r, a, s);
}

static void grant_by_type(const struct request *r, struct answer *a, char **f)
{
    const struct client *client = client_find(f[CLIENT]);
    char text[160];
    struct session s = {.client_id = f[CLIENT],
                        .audience = f[AUD] && *f[AUD] ? f[AUD] : NULL,
                        .scope = f[SCOPE] ? f[SCOPE] : ""};
    if (!f[GRANT] || !*f[GRANT]) {
        refuse(a, 400, "invalid_request", "Missing required parameter: grant_type");
    } else if (!client ||
               (!client->public_client && !(f[SECRET] && knob_is(K_CLIENT_SECRET, f[SECRET])))) {
        refuse_as(a, "wrong-secret", NULL);
    } else if (!client_may(client, f[GRANT])) {
        snprintf(text, sizeof text, "Grant type '%.80s' not allowed for the client.", f[GRANT]);
        refuse(a, 403, "unauthorized_client", text);
    } else if (s.audience && !knob_is(K_AUDIENCE, s.audience)) {
        refuse_as(a, "wrong-audience", s.audience);
    } else if (!strcmp(f[GRANT], "client_credentials")) {
        s.gty = "client-credentials";
        grant_tokens(r, a, &s);
    } else if (!strcmp(f[GRANT], "authorization_code")) {
        by_code(r, a, f, &s);
    } else if (!strcmp(f[GRANT], "refresh_token")) {
        by_refresh(r, a, f, &s);
    } else {
        by_password(r, a, f, &s);
    }
}

static void read_fields(const struct request *r, char *f[FIELDS])
{
    const char *type = http_header(r, "Content-Type");
    bool is_json = type && !strncasecmp(type, "application/json", 16);
    json_t *json = is_json ? json_loadb(r->body, r->body_len, 0, NULL) : NULL;
    for (int i = 0; i < FIELDS; i++) {
        const char *text = json_string_value(json_object_get(json, field_names[i]));
        f[i] = is_json ? text ? need(strdup(text)) : NULL : http_param(r->body, field_names[i]);
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
    if (*org)
        answer_header(a, "Auth0-Organization-Quota-Limit", "%s", org);
    answer_header(a, "X-RateLimit-Limit", "100");
    answer_header(a, "X-RateLimit-Remaining", "%d", a->status == 429 ? 0 : 99);
    answer_header(a, "X-RateLimit-Reset", "%lld", sandbox_now() + knob_number(K_RETRY_AFTER));
    answer_header(a, "Cache-Control", "no-store");
    free(quota);
    free(org);
}

static void token(const struct request *r, struct answer *a)
{
    char answer[32], *f[FIELDS];
    count(C_TOKEN_REQUESTS);
    read_fields(r, f);
    note_fields(r, f);
    knob_take(K_TOKEN_ANSWER, answer);
    nap_ms(knob_number(K_TOKEN_DELAY_MS));
    if (!fault_apply(r, a, answer)) {
        if (!strcmp(answer, "no-token"))
            answer_text(a, 200, "application/json",
                        "{\"expires_in\":86400,\"token_type\":\"Bearer\"}");
        else if (*answer && a->manner == WHOLE)
            refuse_as(a, answer, f[AUD]);
        else
            grant_by_type(r, a, f);
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
    if (fault_apply(r, a, answer))
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

static bool is_loopback(const char *url)
{
    static const char *const starts[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
    for (size_t i = 0; url && i < 3; i++)
        if (!strncmp(url, starts[i], strlen(starts[i])))
            return strchr(":/", url[strlen(starts[i])]) && url[strlen(starts[i])];
    return false;
}

static void add_param(char **url, const char *name, const char *value)
{
    char *encoded = http_encode(value), *longer;
    size_t len = strlen(*url) + strlen(name) + strlen(encoded) + 3;
    longer = need(malloc(len));
    snprintf(longer, len, "%s%c%s=%s", *url, strchr(*url, '?') ? '&' : '?', name, encoded);
    free(encoded);
    free(*url);
    *url = longer;
}

/* Back to the application; code NULL: access denied. */
static void send_back(const struct request *r, struct answer *a, const char *to, const char *code)
{
    char *url = need(strdup(to)), *state = http_param(r->query, "state"), *issuer = http_issuer(r);
    if (code) {
        add_param(&url, "code", code);
    } else {
        add_param(&url, "error", "access_denied");
        add_param(&url, "error_description", "User did not authorize the request");
    }
    if (state && !knob_is(K_AUTHORIZE_ANSWER, "no-state"))
        add_param(&url, "state",
                  knob_is(K_AUTHORIZE_ANSWER, "wrong-state") ? "of-another-login" : state);
    if (!knob_is(K_AUTHORIZE_ANSWER, "no-iss"))
        add_param(&url, "iss",
                  knob_is(K_AUTHORIZE_ANSWER, "wrong-iss") ? "https://other.example/" : issuer);
    answer_text(a, 302, "text/plain", "Found. Redirecting to %s\n", url);
    answer_header(a, "Location", "%s", url);
    free(url);
    free(state);
    free(issuer);
}

static void copy_param(const struct request *r, const char *name, char *to, size_t size)
{
    char *value = http_param(r->query, name);
    snprintf(to, size, "%s", value ? value : "");
    free(value);
}

static void show_form(const struct request *r, struct answer *a, const char *message)
{
    char *action = need(malloc(6 * strlen(r->target) + 1)), *out = action;
    for (const char *c = r->target; *c; c++)
        if (strchr("&<>\"'", *c))
            out += sprintf(out, "&#%d;", *c);
        else
            *out++ = *c;
    *out = '\0';
    answer_text(a, *message ? 400 : 200, "text/html; charset=utf-8",
                "<!DOCTYPE html><title>Log in</title><p>%s</p>\n<form method=\"post\" "
                "action=\"%s\">\n<input name=\"username\" type=\"email\">\n"
                "<input name=\"password\" type=\"password\">\n<button>Log in</button>\n"
                "<button name=\"decision\" value=\"deny\">Deny</button>\n</form>\n",
                message, action);
    free(action);
}

static const struct user *who_logs_in(const struct request *r)
{
    char *email = knob_text(K_AUTHORIZE_USER, NULL), *password = NULL;
    const struct user *user = user_find(email, NULL);
    free(email);
    if (user || strcmp(r->method, "POST") != 0)
        return user;
    email = http_param(r->body, "username");
    password = http_param(r->body, "password");
    user = user_find(email, password ? password : "");
    free(email);
    free(password);
    return user;
}

/* The request's own faults; NULL if there is none. */
static const char *authorize_fault(const struct request *r, struct grant *g)
{
    char type[32], method[16], audience[256];
    copy_param(r, "client_id", g->client_id, sizeof g->client_id);
    copy_param(r, "redirect_uri", g->redirect_uri, sizeof g->redirect_uri);
    copy_param(r, "scope", g->scope, sizeof g->scope);
    copy_param(r, "audience", g->audience, sizeof g->audience);
    copy_param(r, "code_challenge", g->challenge, sizeof g->challenge);
    copy_param(r, "nonce", g->nonce, sizeof g->nonce);
    copy_param(r, "response_type", type, sizeof type);
    copy_param(r, "code_challenge_method", method, sizeof method);
    copy_param(r, "audience", audience, sizeof audience);
    const struct client *client = client_find(g->client_id);
    if (!client || !client_may(client, "authorization_code"))
        return "Unknown client.";
    if (!is_loopback(g->redirect_uri))
        return "Callback URL mismatch.";
    if (strcmp(type, "code") != 0)
        return "Unsupported response type.";
    if (!*g->challenge || strcmp(method, "S256") != 0)
        return "Parameter 'code_challenge' with method S256 is required.";
    return *audience && !knob_is(K_AUDIENCE, audience) ? "Service not found." : NULL;
}

static void authorize(const struct request *r, struct answer *a)
{
    struct grant g = {.refresh = false};
    char *decision = http_param(r->body, "decision");
    const char *fault = authorize_fault(r, &g);
    bool denied = knob_is(K_AUTHORIZE_ANSWER, "denied") || (decision && !strcmp(decision, "deny"));
    free(decision);
    count(C_AUTHORIZE_REQUESTS);
    if (fault) {
        answer_text(a, 400, "text/html; charset=utf-8", "<!DOCTYPE html><title>Oops</title><p>%s\n",
                    fault);
    } else if (denied) {
        send_back(r, a, g.redirect_uri, NULL);
    } else if ((g.user = who_logs_in(r))) {
        grants_add(&g);
        send_back(r, a, g.redirect_uri, g.value);
    } else {
        show_form(r, a, strcmp(r->method, "POST") ? "" : "Wrong email or password.");
    }
}

static void revoke(const struct request *r, struct answer *a)
{
    char *f[FIELDS];
    read_fields(r, f);
    char *value = http_param(r->body, "token");
    json_t *json = json_loadb(r->body, r->body_len, 0, NULL);
    const char *in_json = json_string_value(json_object_get(json, "token"));
    count(C_REVOCATIONS);
    if (!client_find(f[CLIENT])) {
        refuse(a, 401, "invalid_client", "Unauthorized");
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
        {"/authorize", "GET POST", authorize},
        {"/pem", "GET", certificate},
        {"/.well-known/jwks.json", "GET", key_set},
        {"/.well-known/openid-configuration", "GET", configuration},
    };
    size_t len = strcspn(r->target, "?");
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (strlen(routes[i].path) != len || strncmp(routes[i].path, r->target, len) != 0)
            continue;
        if (has_word(routes[i].methods, r->method))
            routes[i].answer(r, a);
        else
            answer_text(a, 404, "text/plain", "Not Found");
        return true;
    }
    return false;
}
