#ifndef SANDBOX_SESSION_H
#define SANDBOX_SESSION_H

/*
 * From the fields of a token request to its tokens: who asks, whether the grant is allowed, and what
 * the tokens contain. Knows the clients, users and grants (grants.h); no header, no HTTP.
 */

#include "http.h"

enum field {
    GRANT,
    CLIENT,
    SECRET,
    AUD,
    SCOPE,
    CODE,
    VERIFIER,
    REDIRECT,
    REFRESH,
    USER,
    PASSWORD,
    FIELDS
};

/* Answer a token request by its fields; absent ones are NULL. */
void session_grant(const struct request *r, struct answer *a, char **fields);

#endif
