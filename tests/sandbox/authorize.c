#include "authorize.h"
#include "answer.h"
#include "form.h"
#include "grants.h"

#include <stdlib.h>
#include <string.h>

static bool is_loopback(const char *url)
{
    static const char *const starts[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
    for (size_t i = 0; i < 3; i++)
        if (!strncmp(url, starts[i], strlen(starts[i])))
            return strchr(":/", url[strlen(starts[i])]) && url[strlen(starts[i])];
    return false;
}

/* Auth0 compares whole strings, port included, with the registered ones: the any-port rule of RFC
 * 8252, 7.3 does not apply (support.auth0.com, callback URL mismatch). */
static bool is_registered(const char *url)
{
    char *list = knob_text(K_CLIENT_CALLBACKS, NULL), *rest = list, *one;
    bool found = !strcmp(list, "any") && is_loopback(url);
    while (!found && (one = strtok_r(rest, ", ", &rest)))
        found = !strcmp(one, url);
    free(list);
    return found;
}

static void add_param(char **url, const char *name, const char *value)
{
    char *encoded = form_encode(value), *longer;
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
    char *url = need(strdup(to)), *state = form_param(r->query, "state"), *issuer = http_issuer(r);
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
    char *value = form_param(r->query, name);
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
    email = form_param(r->body, "username");
    password = form_param(r->body, "password");
    user = user_find(email, password ? password : "");
    free(email);
    free(password);
    return user;
}

/* What is wrong with the request, or NULL. */
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
    if (strcmp(type, "code") != 0)
        return "Unsupported response type.";
    if (!*g->challenge || strcmp(method, "S256") != 0)
        return "Parameter 'code_challenge' with method S256 is required.";
    return *audience && !knob_is(K_AUDIENCE, audience) ? "Service not found." : NULL;
}

static void refuse_page(struct answer *a, unsigned status, const char *fault)
{
    answer_text(a, status, "text/html; charset=utf-8", "<!DOCTYPE html><title>Oops</title><p>%s\n",
                fault);
}

/* Shown to the person: a redirect would send it to a URL that is not allowed. The URL is not
 * repeated, because it may contain anything. */
static const char mismatch[] =
    "Callback URL mismatch. The provided redirect_uri is not in the list "
    "of allowed callback URLs.";

void authorize_answer(const struct request *r, struct answer *a)
{
    struct grant g = {.refresh = false};
    char *decision = form_param(r->body, "decision");
    const char *fault = authorize_fault(r, &g);
    bool denied = knob_is(K_AUTHORIZE_ANSWER, "denied") || (decision && !strcmp(decision, "deny"));
    free(decision);
    count(C_AUTHORIZE_REQUESTS);
    if (fault) {
        refuse_page(a, 400, fault);
    } else if (!is_registered(g.redirect_uri)) {
        refuse_page(a, 403, mismatch);
    } else if (denied) {
        send_back(r, a, g.redirect_uri, NULL);
    } else if ((g.user = who_logs_in(r))) {
        grants_add(&g);
        send_back(r, a, g.redirect_uri, g.value);
    } else {
        show_form(r, a, strcmp(r->method, "POST") ? "" : "Wrong email or password.");
    }
}
