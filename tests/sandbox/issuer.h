#ifndef SANDBOX_ISSUER_H
#define SANDBOX_ISSUER_H

/*
 * The issuer: Auth0's responses on /oauth/token, /oauth/revoke, /authorize, /pem and below
 * /.well-known; bodies, headers and statuses are those of its documentation and of public reports.
 */

#include "http.h"

/* Answer r if its path is the issuer's; else false. */
bool issuer_handle(struct request *r, struct answer *a);

#endif
