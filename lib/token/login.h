#ifndef RHYTHM_TOKEN_LOGIN_H
#define RHYTHM_TOKEN_LOGIN_H

#include "token/acquire.h"

/*
 * login: a user's token, by the browser (rhythm-net's verb authorize) or the password grant, and its
 * end. The tokens stay in the session's directory.
 *
 * The authorization request's URL is enough to log somebody in as somebody else, so it is in no
 * argument list: the browser gets a page of ours, which only the user can read.
 */

/*
 * Logs in and stores the tokens. STATUS_OK; or, reported, STATUS_CONFIG (a machine's profile, no
 * username, no secret), STATUS_REFUSED (the user or the issuer said no), STATUS_TRY_LATER (nobody
 * logged in), STATUS_UNAVAILABLE (the address of redirect_uri is taken; --offline),
 * STATUS_BAD_INPUT (what was pasted), or as minting_ask.
 */
int login_start(struct holder *holder);

/*
 * Deletes the identity's tokens, and then revokes the refresh token (RFC 7009), unless offline. If
 * the issuer could not be told, the status says so.
 */
int login_end(struct holder *holder);

#endif
