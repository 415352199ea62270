#ifndef RHYTHM_TOKEN_HELPER_H
#define RHYTHM_TOKEN_HELPER_H

#include "base/attributes.h"
#include "base/buffer.h"
#include "token/settings.h"

/*
 * helper: asks the cache helper that cache=NAME names, rhythm-cache-NAME, one operation of
 * rhythm-cache(7) at a time. It is found beside rhythm-net, then on PATH (in its absolute
 * directories). It sees a request and answers; it is told no client secret and no token.
 */

/* 1 if there is a helper to ask: cache is not "file", and the token is a machine's. */
int helper_is_set(const struct settings *settings);

/*
 * Asks. request holds what the operation needs, identity included, and password the store's, or
 * nothing; version, url and time limit are put here. request is empty afterwards and is 60 KB at most.
 *
 * STATUS_OK with an answer of our version about our identity; or, reported, STATUS_CONFIG if the
 * helper says that its settings are wrong, else STATUS_UNAVAILABLE: it is missing, failed, was
 * late, or its answer is not one.
 */
int helper_ask(const struct settings *settings, const struct buffer *password,
               const char *operation, struct buffer *request, struct attributes *answer);

#endif
