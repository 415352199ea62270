#ifndef SANDBOX_GATEWAY_H
#define SANDBOX_GATEWAY_H

/*
 * API Gateway and its authorizer: who is refused, in their words. Knows tokens, but no service.
 */

#include "answer.h"

/* Fill in the answer of this name, as in the api.answer knob; false if there is none. */
bool gateway_answer(const struct request *r, struct answer *a, const char *name);

/*
 * The authorizer's answer for another tenant than the token's and for a path that does not exist
 * (Rhythm's page on concepts calls both "denied").
 */
void gateway_deny(const struct request *r, struct answer *a);

/* Refuse the token; the reason is sent only if the api.www_authenticate knob is 1. */
void gateway_refuse_401(const struct request *r, struct answer *a, const char *reason);

/* The claims of the request's token, for json_decref(); or NULL and a 401. */
json_t *gateway_authorize(const struct request *r, struct answer *a);

#endif
