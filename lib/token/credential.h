#ifndef RHYTHM_TOKEN_CREDENTIAL_H
#define RHYTHM_TOKEN_CREDENTIAL_H

#include "base/buffer.h"
#include "token/settings.h"

/*
 * credential: gets the client's secret (and a user's password) when a token is due, not before.
 *
 * It comes from the setting itself, from a file that others cannot read, or from a command: its
 * first line, with /dev/null as input, a time limit, and none of our descriptors. The lease must
 * not be held here, for a command may ask a person.
 */

/*
 * Appends the client secret to secret; nothing if none is set and a person logs in (public clients
 * have none). Files that are not safe, the password's too, are refused before any command runs.
 * STATUS_OK, or STATUS_CONFIG, reported.
 */
int credential_client_secret(const struct settings *settings, struct buffer *secret);

/*
 * The same for the user's password. With neither setting it is asked for on the terminal, without
 * echo; without a terminal that is STATUS_CONFIG.
 */
int credential_password(const struct settings *settings, struct buffer *password);

/* The same for the store's password of a shared cache; nothing if neither setting is set. */
int credential_store_password(const struct settings *settings, struct buffer *password);

#endif
