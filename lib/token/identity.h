#ifndef RHYTHM_TOKEN_IDENTITY_H
#define RHYTHM_TOKEN_IDENTITY_H

#include "base/buffer.h"
#include "token/settings.h"

/*
 * identity: who a token is for, and so which cache entry holds it.
 *
 * Grant, issuer (lower case, no scheme, no final slash), client_id, audience, sorted scope,
 * username, and for a login the profile: everything that shapes the token, and never the secret.
 * Each part is percent-encoded and the parts are joined by commas, so an identity is a plain word.
 */

/* Appends the identity that these settings have. */
void identity_of(const struct settings *settings, struct buffer *out);

/* Appends the issuer as in an identity, a plain word too. */
void identity_issuer(const struct settings *settings, struct buffer *out);

/* 1 if the identity's tokens count against the month: those of the client credentials grant. */
int identity_is_machine(const char *identity);

#endif
