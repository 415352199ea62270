#include "session.h"
#include "answer.h"
#include "form.h"
#include "grants.h"
#include "quota.h"
#include "refusal.h"
#include "token.h"

#include <stdlib.h>
#include <string.h>

#define NS "http://rhythmsoftware.com/"

/* One token request, gathered before anything is signed. */
struct session {
    const struct user *user; /* NULL: a machine */
    const char *client_id, *audience, *scope, *nonce, *gty;
    unsigned family;
};

static void set_text(json_t *object, const char *key, const char *value)
{
    if (value && *value)
        json_object_set_new(object, key, json_string(value));
}

/* As in a real machine token: iss with its final slash, sub of "ID@clients", azp. */
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

/* Apply the token.claims knob to the claims. */
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

/*
 * Claims in Rhythm's namespace: tenant and customer always, the contact of a person who has logged
 * in to Rhythm before (Rhythm's page on concepts), never a machine's. aud is an array if openid is
 * requested; a request without an audience gets an opaque token (Auth0's documentation).
 */
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
                        form_has_word(s->scope, "openid")
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
    if (s->user && form_has_word(s->scope, "offline_access"))
        add_refresh_token(body, s);
    if (s->user && form_has_word(s->scope, "openid")) {
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
        refusal_named(a, "wrong-password", NULL);
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
        refusal(a, 403, "invalid_grant", "Invalid authorization code");
    } else if (!f[REDIRECT] || strcmp(g.redirect_uri, f[REDIRECT]) != 0) {
        refusal(a, 403, "invalid_grant", "The redirect URI is wrong.");
    } else if (*g.challenge && strcmp(g.challenge, sum) != 0) {
        refusal(a, 403, "invalid_grant", "Failed to verify code verifier");
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
        refusal_named(a, "invalid-refresh", NULL);
        return;
    }
    *s = (struct session){.user = g.user,
                          .client_id = s->client_id,
                          .scope = g.scope,
                          .audience = *g.audience ? g.audience : NULL,
                          .family = g.family};
    grant_tokens(r, a, s);
}

void session_grant(const struct request *r, struct answer *a, char **f)
{
    const struct client *client = client_find(f[CLIENT]);
    char text[160];
    struct session s = {.client_id = f[CLIENT],
                        .audience = f[AUD] && *f[AUD] ? f[AUD] : NULL,
                        .scope = f[SCOPE] ? f[SCOPE] : ""};
    if (!f[GRANT] || !*f[GRANT]) {
        refusal(a, 400, "invalid_request", "Missing required parameter: grant_type");
    } else if (!client ||
               (!client->public_client && !(f[SECRET] && knob_is(K_CLIENT_SECRET, f[SECRET])))) {
        refusal_named(a, "wrong-secret", NULL);
    } else if (!client_may(client, f[GRANT])) {
        snprintf(text, sizeof text, "Grant type '%.80s' not allowed for the client.", f[GRANT]);
        refusal(a, 403, "unauthorized_client", text);
    } else if (s.audience && !knob_is(K_AUDIENCE, s.audience)) {
        refusal_named(a, "wrong-audience", s.audience);
    } else if (!strcmp(f[GRANT], "client_credentials")) {
        s.gty = "client-credentials";
        if (quota_take())
            grant_tokens(r, a, &s);
        else
            refusal_named(a, "client-quota", NULL);
    } else if (!strcmp(f[GRANT], "authorization_code")) {
        by_code(r, a, f, &s);
    } else if (!strcmp(f[GRANT], "refresh_token")) {
        by_refresh(r, a, f, &s);
    } else {
        by_password(r, a, f, &s);
    }
}
