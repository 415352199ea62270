#ifndef RHYTHM_JWT_INSPECT_H
#define RHYTHM_JWT_INSPECT_H

#include "base/attributes.h"
#include "base/buffer.h"

/*
 * inspect: what a token, or something given as one, is: facts for rhythm-check to judge.
 *
 * Facts only: nothing is called good or bad, nothing is compared with a setting, and of the token
 * only claims that are not secret are printed. One key=value per line, in this order; a key that does
 * not apply is left out.
 *
 *   now=             this machine's clock, seconds since the epoch
 *   form=            jwt; jwe; opaque: no dots; malformed; empty; claims: a
 *                    token's content; json: other JSON; binary
 *   why=             malformed: what is wrong, to complete "it ..."
 *   alg= kid= typ=   of a JWT's header; alg also of a JWE's
 *   signature=empty  there is none
 *   kind=            machine, user
 *   id_token=yes     an ID token (OpenID Connect Core, section 2)
 *   iss= aud=        aud: one line per audience
 *   exp= iat= nbf=   in seconds, even if the claim is a string or in milliseconds
 *   exp.kind= ...    number, string, milliseconds, missing, other
 *   tenant_id= customer_id= contact_id=
 *   tenant_id.state= ...   present, empty, missing, plain: without its namespace, other: not a string
 */

/* Puts report= into the answer: the facts about the request's token=, any bytes. STATUS_OK. */
int inspect_token(const struct attributes *request, struct buffer *answer);

#endif
