#ifndef RHYTHM_NET_CLAIMS_H
#define RHYTHM_NET_CLAIMS_H

#include "base/buffer.h"

/*
 * claims: from a token's payload to the sorted key=value lines that people and scripts read.
 *
 * Names lose the namespace http://rhythmsoftware.com/. A plain claim whose name belongs to a
 * namespaced one is printed as plain.NAME, and a namespaced one whose name is a registered claim's
 * keeps its namespace, so neither ever shadows the real one. Arrays are a line an element, objects
 * are flattened with dots, an empty one is [] or {}.
 */

/*
 * Appends the lines to claims, and the payload as one line of JSON to json; *exp is the claim of
 * that name, 0 without one. payload is a JSON object's text. 0, or -1 if it is not, or if the lines
 * would be over 8 MiB.
 */
int claims_of(const char *payload, struct buffer *claims, struct buffer *json, long long *exp);

/*
 * Takes a token apart and puts into an answer what a cache entry keeps of it: payload=, claims= (the
 * lines as one value), token_exp= and iat= (epoch seconds, if it has them); or wrong=, to complete
 * "the token ...".
 */
void claims_put_decoded(struct buffer *answer, const char *token);

/* The number at a top-level name of a JSON object's text, 0 if there is none. */
long long claims_number(const char *payload, const char *name);

#endif
