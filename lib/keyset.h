#ifndef RHYTHM_KEYSET_H
#define RHYTHM_KEYSET_H

#include "buffer.h"
#include "settings.h"

/*
 * keyset: the issuer's public keys (RFC 7517), fetched with a limit and kept on the disk.
 *
 * The keys are the configured issuer's, never those of whoever a token names. They are kept for
 * ten minutes. A key id that the kept set does not hold fetches it once more, but not within a
 * minute of the last time, so that tokens with made-up key ids cost the issuer nothing.
 */

/*
 * Puts the key set's JSON text into json. source is a file or an https:// URL (--jwks), or NULL
 * for the configured issuer's. wanted_kid may be NULL. With offline only what is on the disk
 * counts. STATUS_OK; or, reported, STATUS_UNAVAILABLE (no key set to be had), STATUS_BAD_INPUT (a
 * file that is none) or STATUS_CONFIG (no issuer, an unsafe URL).
 */
int keyset_get(const struct settings *settings, const char *source, const char *wanted_kid,
               int offline, struct buffer *json);

#endif
