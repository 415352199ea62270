#include "echo.h"
#include "gateway.h"
#include "token.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct echo {
    json_t *headers, *lines;
};

static enum MHD_Result echo_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct echo *echo = cls;
    char lower[128], sum[73] = "sha256:";
    (void)kind;
    snprintf(lower, sizeof lower, "%s", name);
    for (char *c = lower; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    if (!strcmp(lower, "authorization")) {
        sha256_hex(value, strlen(value), sum + 7);
        value = sum;
    }
    json_t *text = json_string(value), *line = json_sprintf("%s: %s", name, value);
    json_t *before = json_object_get(echo->headers, lower);
    if (before && text)
        json_object_set_new(
            echo->headers, lower,
            json_sprintf("%s, %s", json_string_value(before), json_string_value(text)));
    else
        json_object_set(echo->headers, lower, text);
    json_array_append_new(echo->lines, line ? line : json_null());
    json_decref(text);
    return MHD_YES;
}

void echo_answer(const struct request *r, struct answer *a)
{
    const char *authorization = http_header(r, "Authorization");
    struct echo e = {json_object(), json_array()};
    char sum[65];
    MHD_get_connection_values(r->connection, MHD_HEADER_KIND, echo_header, &e);
    json_t *body = json_stringn(r->body, r->body_len);
    json_t *scheme =
        authorization ? json_stringn(authorization, strcspn(authorization, " \t")) : json_null();
    /* A header with only a token has no scheme: do not return the token as one. */
    if (authorization && !strpbrk(authorization, " \t"))
        json_string_set(scheme, "");
    sha256_hex(r->body, r->body_len, sum);
    json_t *json =
        json_pack("{sssssssosososbso*sIss}", "method", r->method, "target", r->target, "query",
                  r->query, "headers", e.headers, "header_lines", e.lines, "authorization_scheme",
                  scheme, "authorization", authorization != NULL, "body", body, "body_bytes",
                  (json_int_t)r->body_len, "body_sha256", sum);
    if (json)
        answer_json(a, 200, json);
    else
        gateway_answer(r, a, "400"); /* a target that is not UTF-8 */
}
