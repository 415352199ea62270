#ifndef RHYTHM_NET_CLAIMS_H
#define RHYTHM_NET_CLAIMS_H

#include <jansson.h>

#include "base/buffer.h"

/*
 * claims: from a token's payload to the sorted key=value lines that people and scripts read.
 *
 * Names lose the namespace http://rhythmsoftware.com/. A plain claim whose name belongs to a
 * namespaced one is printed as plain.NAME, and a namespaced one whose name is a registered claim's
 * keeps its namespace, so neither ever shadows the real one. Arrays are a line an element, objects
 * are flattened with dots, an empty one is [] or {}.
 */

/* What Rhythm puts before the names of its own claims. */
#define CLAIMS_NAMESPACE "http://rhythmsoftware.com/"

/* Appends the lines of a payload, a JSON object. 0; or -1 if they would be over 8 MiB. */
int claims_put_lines(struct buffer *claims, json_t *payload);

/*
 * Takes a token apart and puts into an answer what a cache entry keeps of it: payload=, claims= (the
 * lines as one value), token_exp= and iat= (epoch seconds, if it has them); or wrong=, to complete
 * "the token ...".
 */
void claims_put_decoded(struct buffer *answer, const char *token);

#endif
