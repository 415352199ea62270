#include "control.h"
#include "answer.h"
#include "form.h"
#include "keys.h"
#include "queries.h"
#include "quota.h"
#include "store.h"
#include "token.h"

#include <stdlib.h>
#include <string.h>

static void show(struct answer *a)
{
    char *text = knobs_print();
    answer_text(a, 200, "text/plain; charset=utf-8", "%s", text);
    free(text);
}

static void set(const struct request *r, struct answer *a)
{
    char why[256];
    if (knobs_set(r->body, why, sizeof why)) {
        answer_text(a, 400, "text/plain", "%s\n", why);
        return;
    }
    if (knob_number(K_JWKS_ROTATE)) {
        knob_put(K_JWKS_ROTATE, "0", 1);
        keys_rotate();
    }
    show(a);
}

static void style_param(const struct request *r, const char *name, char *to, size_t size)
{
    char *value = form_param(r->query, name);
    if (value)
        snprintf(to, size, "%s", value);
    free(value);
}

static void make_token(const struct request *r, struct answer *a)
{
    static const char algs[] = " RS256 RS384 RS512 PS256 PS384 PS512 ES256 HS256 HS384 HS512 none ";
    struct token_style style = {"RS256", "JWT", "current"};
    char word[16];
    style_param(r, "alg", style.alg, sizeof style.alg);
    style_param(r, "typ", style.typ, sizeof style.typ);
    style_param(r, "kid", style.kid, sizeof style.kid);
    snprintf(word, sizeof word, " %s ", style.alg);
    if (!strstr(algs, word)) {
        answer_text(a, 400, "text/plain", "alg is one of%s\n", algs);
        return;
    }
    char *token = token_sign_bytes(r->body, r->body_len, &style);
    answer_text(a, 200, "text/plain", "%s\n", token);
    free(token);
}

static void land(const struct request *r, struct answer *a)
{
    count(C_LANDINGS);
    if (http_header(r, "Authorization"))
        count(C_LANDING_AUTHORIZATIONS);
    answer_text(a, 200, "application/json", "{\"message\":\"a redirect was followed\"}");
}

bool control_handle(struct request *r, struct answer *a)
{
    const char *what = r->segments > 1 ? r->segment[1] : "";
    bool post = !strcmp(r->method, "POST");
    if (!r->segments || strcmp(r->segment[0], "_sandbox") != 0)
        return false;
    if (!strcmp(what, "landing")) {
        land(r, a);
    } else if (!strcmp(what, "token") && post) {
        make_token(r, a);
    } else if (!strcmp(what, "payload") && post) {
        knob_put(K_TOKEN_PAYLOAD, r->body, r->body_len);
        show(a);
    } else if (*what) {
        answer_text(a, 404, "text/plain", "/_sandbox, /_sandbox/token, /payload, /landing\n");
    } else if (post) {
        set(r, a);
    } else {
        if (!strcmp(r->method, "DELETE")) {
            knobs_reset();
            store_reset();
            query_reset();
            quota_reset();
        }
        show(a);
    }
    return true;
}
