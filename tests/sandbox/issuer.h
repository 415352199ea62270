#ifndef SANDBOX_ISSUER_H
#define SANDBOX_ISSUER_H

/*
 * The issuer: what Auth0 answers on /oauth/token, /oauth/revoke, /authorize, /pem and below
 * /.well-known, bodies, headers and statuses as its documentation and public reports show them.
 */

#include "http.h"

/* Answer r if its path is the issuer's; else false. */
bool issuer_handle(struct request *r, struct answer *a);

#endif
