#ifndef RHYTHM_NET_AUTHORIZE_H
#define RHYTHM_NET_AUTHORIZE_H

#include "base/attributes.h"
#include "base/buffer.h"

/*
 * authorize: a login in the browser up to the code: PKCE (RFC 7636), caught on a loopback address
 * (RFC 8252, section 7.3). The code is exchanged by the verb mint, under the lease; here nobody
 * waits for anybody with the lease in hand.
 *
 * It listens on the redirect URI's address alone, for five minutes, one small request at a time,
 * and believes only a redirect with our state, and our issuer where it is named (RFC 9207).
 */

/*
 * The request has issuer= client_id= audience= scope= redirect_uri=. First it says authorize_url=, for
 * the browser. Then it waits for the redirect; with paste=yes rhythm-token sends it as redirect=,
 * and nobody listens. The answer gets code= code_verifier=
 * redirect_uri= (with the port that was used) and peer=: ours, other (another user's
 * program brought the redirect), unknown, or pasted.
 *
 * STATUS_OK; or, reported, STATUS_REFUSED (the user or the issuer said no), STATUS_TRY_LATER (nobody
 * came), STATUS_UNAVAILABLE (the address is taken), STATUS_BAD_INPUT (what was pasted) or
 * STATUS_PROTOCOL.
 */
int authorize_login(const struct attributes *request, struct buffer *answer);

#endif
