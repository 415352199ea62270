#ifndef RHYTHM_NET_INSPECT_H
#define RHYTHM_NET_INSPECT_H

#include "base/attributes.h"
#include "base/buffer.h"

/*
 * inspect: what a token, or something in the place of one, is, as facts for rhythm-check to judge.
 *
 * Facts only: nothing is called good or bad, nothing is compared with a setting, and nothing of the
 * token itself is printed but claims that are no secret. One key=value a line, in this order; a
 * key that does not apply is left out.
 *
 *   now=             this machine's clock, seconds since the epoch
 *   form=            jwt; jwe; opaque: no dots; malformed; empty; claims: a
 *                    token's content; json: something else of that form; binary
 *   why=             malformed: what is wrong, to complete "it ..."
 *   alg= kid= typ=   of a JWT's header; alg also of a JWE's
 *   signature=empty  there is none
 *   kind=            machine, user
 *   id_token=yes     an ID token (OpenID Connect Core, section 2)
 *   iss= aud=        aud: a line each
 *   exp= iat= nbf=   in seconds, also where the claim is a string or in milliseconds
 *   exp.kind= ...    number, string, milliseconds, missing, other
 *   tenant_id= customer_id= contact_id=
 *   tenant_id.state= ...   present, empty, missing, plain: it has no namespace, other: no string
 */

/* Puts report= into the answer: the facts about the request's token=, any bytes. STATUS_OK. */
int inspect_token(const struct attributes *request, struct buffer *answer);

#endif
