#ifndef RHYTHM_TOKEN_KEYSET_H
#define RHYTHM_TOKEN_KEYSET_H

#include "base/buffer.h"
#include "token/settings.h"

/*
 * keyset: the key set of the configured issuer as it was last fetched, kept in the cache's directory.
 * What its keys are is rhythm-net's business.
 */

/* Leaves it in json, and when it was fetched (epoch seconds) in *fetched_at; nothing and 0 without. */
void keyset_load(const struct settings *settings, struct buffer *json, long long *fetched_at);

/* Keeps it. That is a convenience, so a failure is silent: it is fetched again then. */
void keyset_store(const struct settings *settings, const struct buffer *json, long long fetched_at);

#endif
