#ifndef RHYTHM_TOKEN_URL_H
#define RHYTHM_TOKEN_URL_H

#include "base/buffer.h"

/*
 * url: from what a user types to the URL that is requested, and whether a token may go there.
 *
 * A token goes below api_base and nowhere else. Everything is judged on the final, percent-encoded
 * text (RFC 3986), so a host that only looks alike, user info, a backslash, or a path that climbs
 * with ".." is refused here, before anything is sent.
 */

/*
 * Judges a base URL: an issuer's, or an api_base with {service} in it. NULL if it is HTTPS, or HTTP
 * to a literal loopback address, and has no user info, query or fragment; else what it should be,
 * to complete "... should be ".
 */
const char *url_base_problem(const char *base);

/* Appends an issuer's URL, of a bare host or of a URL: lower case, without a final slash. */
void url_put_issuer(struct buffer *out, const char *domain);

#define URL_REDIRECT "http://127.0.0.1:8484/callback"

/*
 * NULL if the URI is plain HTTP, a loopback host, a port and a path, and no more (RFC 8252, 7.3);
 * else what it should be, as above.
 */
const char *url_redirect_problem(const char *uri);

enum { URL_CLAIMS = 3 };

/* The claims that fill placeholders by themselves: {tenantId} and {tenant_id}, and so on. */
extern const char *const url_claims[URL_CLAIMS];

/* A request as it was typed. All strings belong to the caller. */
struct url_request {
    const char *service;        /* NULL if target is a whole URL */
    const char *target;         /* PATH, or URL */
    const char *const *fields;  /* NAME=VALUE fills {NAME}; NAME==VALUE is a query parameter */
    int field_count;
    int keep_unknown; /* leave placeholders without a value as they are, instead of refusing */
    const char *claims[URL_CLAIMS]; /* the values of url_claims, or NULL */
    unsigned claims_used;           /* from url_build: bit i if url_claims[i] was asked for */
};

/*
 * Sorts operands into SERVICE PATH FIELD... or URL FIELD... . STATUS_OK, or STATUS_USAGE, reported.
 */
int url_request_parse(struct url_request *request, const char *const *operands, int count);

/*
 * Appends the request's URL. STATUS_OK; or, reported, STATUS_USAGE (service, field, placeholder) or
 * STATUS_BAD_INPUT (foreign URL, ".." in the path, claim missing, empty value).
 */
int url_build(struct url_request *request, const char *api_base, struct buffer *url);

#endif
