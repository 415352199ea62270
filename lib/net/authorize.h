#ifndef RHYTHM_NET_AUTHORIZE_H
#define RHYTHM_NET_AUTHORIZE_H

#include "base/attributes.h"
#include "base/buffer.h"

/*
 * authorize: a login in the browser up to the code: PKCE (RFC 7636), caught on a loopback address
 * (RFC 8252, section 7.3). The verb mint exchanges the code, under the lease; no lease is held
 * while a person logs in.
 *
 * It listens on the redirect URI's address alone, for five minutes, one small request at a time,
 * and accepts only a redirect with our state, and with our issuer if it names one (RFC 9207).
 */

/*
 * The request has issuer= client_id= audience= scope= redirect_uri=. First it sends authorize_url=,
 * for the browser. Then it waits for the redirect; with paste=yes rhythm-token sends it as redirect=,
 * and nothing listens. The answer gets code= code_verifier= redirect_uri= (with the port that was
 * used) and peer=: ours, other (another user's program sent the redirect), unknown, or pasted.
 *
 * STATUS_OK; or, reported, STATUS_REFUSED (the user or the issuer said no), STATUS_TRY_LATER (nobody
 * came), STATUS_UNAVAILABLE (the address is taken), STATUS_BAD_INPUT (what was pasted) or
 * STATUS_PROTOCOL.
 */
int authorize_login(const struct attributes *request, struct buffer *answer);

#endif
