#ifndef RHYTHM_NET_ISSUER_H
#define RHYTHM_NET_ISSUER_H

#include "base/attributes.h"
#include "base/buffer.h"

/*
 * issuer: Auth0's token endpoint (RFC 6749, section 3.2): its requests, and what its answers mean.
 *
 * Its answers are not trusted: sizes are limited, only a JSON object counts, and its words appear in
 * messages with control characters escaped and never with a secret in them. Each call sends one
 * request: nothing is repeated here, because a token whose answer was lost may have been counted.
 *
 * A new grant is a row in issuer.c's table of grants, which names what it sends, and a function in
 * rhythm-token that puts those attributes: beside put_grant in token/acquire.c, or, if a person takes
 * part, in the table of ways in token/login.c. Its name is one of those in values.c.
 */

/*
 * Asks for a token. The request has issuer= (its URL), client_id=, client_secret=, grant=, and what
 * that grant sends (see the table of grants); near_limit=yes: by the ledger, the month's quota may be
 * spent. The answer gets, in every case,
 *
 *     outcome=   ok, denied, unknown or unsent: what it means for the month's budget
 *     word=      a status and an error code, for the ledger
 *     cause=     rhythm-check's word for a failure; quota.*= the quota that the issuer reported
 *
 *     ca_directory= ca_file=   see http_put_certificates
 *
 * and with a token token=, refresh_token=, expires_in= (seconds, if the issuer said so), and what
 * claims_put_decoded puts. STATUS_OK with a token; else, reported with a remedy: STATUS_REFUSED,
 * STATUS_TRY_LATER (429), STATUS_UNAVAILABLE (network, TLS, 5xx) or STATUS_PROTOCOL (a redirect,
 * too big, not JSON, no token).
 */
int issuer_mint(const struct attributes *request, struct buffer *answer);

/*
 * Revokes the request's refresh_token= (RFC 7009). STATUS_OK, or STATUS_UNAVAILABLE, reported.
 */
int issuer_revoke(const struct attributes *request, struct buffer *answer);

/* 1 if iss is that issuer, with or without a final slash. */
int issuer_is(const char *issuer, const char *iss);

#endif
