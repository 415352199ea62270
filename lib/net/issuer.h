#ifndef RHYTHM_NET_ISSUER_H
#define RHYTHM_NET_ISSUER_H

#include "net/http.h"
#include "token/cache.h"
#include "token/ledger.h"
#include "token/settings.h"

/*
 * issuer: Auth0's token endpoint (RFC 6749, section 3.2), what it is asked and what it means.
 *
 * What it answers is not trusted: sizes are limited, only a JSON object counts, and its words
 * reach messages with control characters escaped and never with the secret in them.
 */

/* A token request: what is asked, then what came of it. */
struct issuer_request {
    const struct settings *settings;
    struct buffer *form;         /* percent-encoded; gets the client's fields added */
    const struct buffer *secret; /* the client's: must not appear in a message */
    int near_limit;              /* 1: the month's limit may be spent, by the ledger */
    enum outcome outcome;        /* for the ledger */
    const char *cause;           /* rhythm-check's word for a failure */
    struct buffer word;          /* for the ledger: a status, an error code */
    struct entry granted;        /* token, refresh_token and quota */
    long long expires_in;        /* seconds; 0 if the issuer did not say */
    struct buffer issuer;        /* its URL */
    struct http_answer answer;
};

/*
 * Posts the form to the issuer's token endpoint. STATUS_OK with a token; else, reported with a
 * remedy: STATUS_REFUSED, STATUS_TRY_LATER (429), STATUS_UNAVAILABLE (network, TLS, 5xx) or
 * STATUS_PROTOCOL (a redirect, too big, not JSON, no token). issuer_request_wipe either way.
 */
int issuer_request_token(struct issuer_request *request);

void issuer_request_wipe(struct issuer_request *request);

/* Revokes a refresh token (RFC 7009). STATUS_OK, or STATUS_UNAVAILABLE, reported. */
int issuer_revoke(const struct settings *settings, const char *refresh_token,
                  const struct buffer *secret);

/* 1 if iss is that issuer; with and without the final slash it is the same. */
int issuer_is(const char *issuer, const char *iss);

/* Appends &name=value, percent-encoded, or without "&" if form is empty. Nothing for "". */
void issuer_put_field(struct buffer *form, const char *name, const char *value);

#endif
