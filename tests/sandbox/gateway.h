#ifndef SANDBOX_GATEWAY_H
#define SANDBOX_GATEWAY_H

/*
 * API Gateway, and the authorizer that it asks: refusals in their words, and who may pass. Knows
 * tokens, and no service.
 */

#include "answer.h"

/* The answer of this name, as the api.answer knob lists them; false if there is none. */
bool gateway_answer(const struct request *r, struct answer *a, const char *name);

/*
 * The authorizer's one answer for a tenant that is not the token's and for a path that no endpoint
 * has (Rhythm's page on concepts: "denied" is said of both).
 */
void gateway_deny(const struct request *r, struct answer *a);

/* Refuse the token; only a sandbox that is told to says why. */
void gateway_refuse_401(const struct request *r, struct answer *a, const char *reason);

/* The claims of the request's token, for json_decref(); or NULL and a 401. */
json_t *gateway_authorize(const struct request *r, struct answer *a);

#endif
