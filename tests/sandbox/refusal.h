#ifndef SANDBOX_REFUSAL_H
#define SANDBOX_REFUSAL_H

/*
 * Every error of a token request, in Auth0's words: one table, by name.
 */

#include "answer.h"

/* An error in the form of RFC 6749, 5.2. */
void refusal(struct answer *a, unsigned status, const char *error, const char *description);

/* The table's row of this name; some rows contain the audience, which may be NULL. */
void refusal_named(struct answer *a, const char *name, const char *audience);

#endif
