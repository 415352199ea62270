#ifndef SANDBOX_REFUSAL_H
#define SANDBOX_REFUSAL_H

/*
 * Every error that a token request can meet, in Auth0's words: one table, by name.
 */

#include "answer.h"

/* An error in the form of RFC 6749, 5.2. */
void refusal(struct answer *a, unsigned status, const char *error, const char *description);

/* The table's row of this name; audience stands in some of them, and may be NULL. */
void refusal_named(struct answer *a, const char *name, const char *audience);

#endif
