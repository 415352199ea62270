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
 * Judges a base URL: an issuer's, or an api_base with {service} in it. NULL if it is HTTPS, or
 * HTTP to a literal loopback address, and holds no user info, query or fragment; else what it
 * should be, to complete "... should be ".
 */
const char *url_base_problem(const char *base);

/* Appends an issuer's URL, of a bare host or of a URL: lower case, without a final slash. */
void url_put_issuer(struct buffer *out, const char *domain);

/* Where a browser's redirect comes in (RFC 8252, section 7.3). */
struct url_redirect {
    const char *host; /* not ended: 127.x.y.z, localhost, or [::1] */
    int host_len;
    int port;         /* 0: any free one, for an issuer that allows it */
    const char *path; /* "/..." */
};

/*
 * Takes a redirect URI apart; the parts point into it. 0; or -1 unless it is plain HTTP, a loopback
 * host, a port and a path, and nothing else.
 */
int url_parse_redirect(const char *uri, struct url_redirect *redirect);

/* A request as it was typed. All strings belong to the caller. */
struct url_request {
    const char *service;        /* NULL if target is a whole URL */
    const char *target;         /* PATH, or URL */
    const char *const *fields;  /* NAME=VALUE fills {NAME}; NAME==VALUE is a query parameter */
    int field_count;
    int keep_unknown; /* leave placeholders without a value as they are, instead of refusing */
};

/*
 * Sorts operands into SERVICE PATH FIELD... or URL FIELD... . STATUS_OK, or STATUS_USAGE, reported.
 */
int url_request_parse(struct url_request *request, const char *const *operands, int count);

/*
 * 1 if target has a placeholder of this claim ({tenantId} or {tenant_id} for "tenant_id") that no
 * field fills, else 0.
 */
int url_wants_claim(const struct url_request *request, const char *claim);

/* The claims that fill placeholders by themselves, ended by NULL. */
extern const char *const url_claims[];

/*
 * Appends the request's URL. values[i] is the value of url_claims[i], or NULL.
 * STATUS_OK; or, reported, STATUS_USAGE (service, field, placeholder) or STATUS_BAD_INPUT (foreign
 * URL, ".." in the path, claim missing, empty value).
 */
int url_build(const struct url_request *request, const char *api_base, const char *const *values,
              struct buffer *url);

#endif
