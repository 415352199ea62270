#ifndef RHYTHM_MINT_H
#define RHYTHM_MINT_H

#include "cache.h"
#include "settings.h"

/*
 * mint: from one token request to an entry on the disk, for machines and for users.
 *
 * The order is what keeps the budget: room for the entry is reserved, the ledger is written, and
 * only then is the issuer asked, once.
 */

/*
 * Asks for a token with the client credentials grant (RFC 6749, section 4.4) and stores it. The
 * lease must be held. STATUS_OK with the new entry; else reported and recorded as the identity's
 * last failure, with the old entry where it was.
 */
int mint_machine_token(struct cache *cache, const struct settings *settings,
                       const struct buffer *secret, struct entry *entry);

/*
 * The same for a user: renews with the refresh token of the entry (RFC 6749, section 6). A new one
 * replaces it in the same write. STATUS_REFUSED, reported, if nobody is logged in.
 */
int mint_refresh(struct cache *cache, const struct settings *settings, const struct buffer *secret,
                 struct entry *entry);

/* The same with any form, which gets the client's fields added: for a login. */
int mint_with_form(struct cache *cache, const struct settings *settings, struct buffer *form,
                   const struct buffer *secret, struct entry *entry);

/*
 * Takes a token apart into entry: payload and claims, or neither if it is opaque. Its bytes are
 * already in entry->token. NULL, or what is wrong with it, to complete "the token ...".
 */
const char *mint_decode(struct entry *entry);

#endif
