#ifndef RHYTHM_TOKEN_MINTING_H
#define RHYTHM_TOKEN_MINTING_H

#include "base/attributes.h"
#include "base/buffer.h"
#include "token/cache.h"
#include "token/ledger.h"
#include "token/settings.h"

/*
 * minting: one token request, from the reserved space to an entry in the cache.
 *
 * The order protects the budget: space for the entry is reserved, the ledger is written, and only
 * then does rhythm-net ask the issuer, once. The lease must be held.
 */

/*
 * Appends what every token request needs: issuer, client and its secret, and the grant (a name of
 * RFC 6749); the caller adds what that grant sends.
 */
void minting_request(const struct settings *settings, const struct buffer *secret,
                     const char *grant, struct buffer *request);

/*
 * Asks for a token. STATUS_OK with it in entry, stored if keep is set; else reported, recorded in the
 * ledger (unsent if rhythm-net could not be started, unknown if it died) and recorded as the
 * identity's last failure. request is empty afterwards. *outcome is what it means for the month.
 */
int minting_ask(struct cache *cache, const struct settings *settings, struct buffer *request,
                int keep, struct entry *entry, enum outcome *outcome);

/*
 * Stores a token that was received. A failure is reported and no more: the token has been counted and
 * is in entry, so it serves this once.
 */
void minting_keep(struct cache *cache, const struct entry *entry);

/* Takes over what an answer of rhythm-net says of a token: payload, claims and exp. */
void minting_take_decoded(const struct attributes *answer, struct entry *entry);

#endif
