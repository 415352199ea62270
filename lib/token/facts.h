#ifndef RHYTHM_TOKEN_FACTS_H
#define RHYTHM_TOKEN_FACTS_H

#include "token/acquire.h"

/*
 * facts: all that rhythm-check needs to know about settings, token and call, with one program
 * start. Nothing is judged here, and of the token only claims that are not secret are printed.
 *
 *     rhythm-token facts [--signature-only] [SERVICE PATH ... | URL ...]     this profile's token
 *     rhythm-token facts --token FILE [SERVICE PATH ... | URL ...]           whatever is in FILE
 *
 * One line each, in this order; what does not apply is left out:
 *
 *   config.NAME=          what rhythm-token config prints
 *   wrong=                why the profile has no token
 *   ledger.NAME=          what rhythm-token status prints, if it is the profile's own token
 *   fresh=yes             the issuer gave it just now
 *   now= form= ...        what the token is, see jwt/inspect.h
 *   url=                  where the call goes. Without operands it is the one by which a check tries
 *                         the profile's own token. None with --offline, without settings, nor for
 *                         what is no access token that can be read
 *   verify=               with --signature-only: pass, fail, or skip if that could not be found out;
 *                         verify.note= says why it is not pass
 */

/*
 * Prints them. settings_status is that of settings_load: a token from --token needs none. The
 * status is that of the first failure, reported; what was known until then is printed all the same.
 */
int facts_run(struct holder *holder, int settings_status);

#endif
