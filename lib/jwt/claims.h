#ifndef RHYTHM_JWT_CLAIMS_H
#define RHYTHM_JWT_CLAIMS_H

#include <jansson.h>

#include "base/buffer.h"

/*
 * claims: from a token's payload to the sorted key=value lines that people and scripts read.
 *
 * Names lose the namespace http://rhythmsoftware.com/. A plain claim with the name of a
 * namespaced one is printed as plain.NAME, and a namespaced one with the name of a registered claim
 * keeps its namespace, so neither ever shadows the real one. An array is one line per element, an
 * object is flattened with dots, an empty one is [] or {}.
 */

/* What Rhythm puts before the names of its own claims. */
#define CLAIMS_NAMESPACE "http://rhythmsoftware.com/"

/* Appends the lines of a payload, a JSON object. 0; or -1 if they would exceed 8 MiB. */
int claims_put_lines(struct buffer *claims, json_t *payload);

/*
 * Decodes a token and puts into an answer what a cache entry keeps of it: payload=, claims= (the
 * lines as one value), token_exp= and iat= (epoch seconds, if it has them); or wrong=, to complete
 * "the token ...", and remedy=, what to do about a token that a person gave.
 */
void claims_put_decoded(struct buffer *answer, const char *token);

#endif
