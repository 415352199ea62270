#ifndef RHYTHM_BASE_URI_H
#define RHYTHM_BASE_URI_H

#include "base/buffer.h"

/*
 * uri: percent-encoding and forms (RFC 3986; application/x-www-form-urlencoded). Where a token may
 * go is decided elsewhere: see token/url.h.
 */

/* RFC 3986, section 2.3: what never needs an escape. */
#define URI_UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

/* Appends bytes with all but the unreserved characters as %XX. */
void uri_encode(struct buffer *out, const char *bytes, size_t len);

/* Appends what uri_encode was given; a "+" is a space, as in a form. */
void uri_decode(struct buffer *out, const char *text, size_t len);

/* Appends &name=value, encoded, or without "&" if form is empty. Nothing for an empty value. */
void uri_put_field(struct buffer *form, const char *name, const char *value);

/* 1 if the URL is plain HTTP, which is allowed to loopback only: no proxy may see it. */
int uri_is_plain_http(const char *url);

#endif
