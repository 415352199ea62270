#ifndef RHYTHM_NET_MINT_H
#define RHYTHM_NET_MINT_H

#include "token/cache.h"
#include "token/settings.h"

/*
 * mint: from one token request to an entry on the disk, for machines and for users.
 *
 * The order is what keeps the budget: room for the entry is reserved, the ledger is written, and
 * only then is the issuer asked, once.
 */

/*
 * Asks for a token and stores it: a machine's with the client credentials grant (RFC 6749, section
 * 4.4), a user's with the entry's refresh token (section 6), which a new one replaces in the same
 * write. The lease must be held. STATUS_OK with the new entry; else reported (STATUS_REFUSED if
 * nobody is logged in) and, if the issuer was to be asked, recorded as the identity's last failure,
 * with the old entry where it was.
 */
int mint_token(struct cache *cache, const struct settings *settings, const struct buffer *secret,
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
