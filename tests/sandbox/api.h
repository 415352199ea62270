#ifndef SANDBOX_API_H
#define SANDBOX_API_H

/*
 * The Rhythm services and the API Gateway in front of them.
 *
 * /SERVICE/RESOURCE/... and /SERVICE-v1/RESOURCE/... accept tokens of our own issuer only, and refuse
 * with the gateway's bodies and headers. /echo/... accepts anything and returns what it received; of
 * Authorization only the scheme and a SHA-256, never the value.
 */

#include "answer.h"

/* Answers every request that nothing else answered. */
void api_handle(struct request *r, struct answer *a);

#endif
