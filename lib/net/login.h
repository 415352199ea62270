#ifndef RHYTHM_NET_LOGIN_H
#define RHYTHM_NET_LOGIN_H

#include "base/buffer.h"
#include "token/options.h"
#include "token/settings.h"

/*
 * login: a user's token, by the authorization code with PKCE (RFC 7636) in the browser, caught on
 * a loopback port (RFC 8252, section 7.3), or by the password grant.
 *
 * The listener answers on 127.0.0.1 alone, for five minutes, one small request at a time, and
 * believes only a redirect with our state, and our issuer where it is named (RFC 9207).
 */

/*
 * Logs in and stores the tokens in the session's directory. STATUS_OK; or, reported,
 * STATUS_REFUSED (the user or the issuer said no), STATUS_TRY_LATER (nobody came),
 * STATUS_UNAVAILABLE (the port is taken), STATUS_BAD_INPUT (what was pasted), or as mint_with_form.
 */
int login_start(const struct options *options, const struct settings *settings,
                const struct buffer *secret, const struct buffer *password);

/*
 * Forgets the identity's tokens, and then revokes the refresh token (RFC 7009), unless offline. If
 * the issuer could not be told, the status says so.
 */
int login_end(const struct options *options, const struct settings *settings,
              const struct buffer *secret);

#endif
