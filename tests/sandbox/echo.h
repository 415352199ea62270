#ifndef SANDBOX_ECHO_H
#define SANDBOX_ECHO_H

/*
 * /echo/... accepts anything and returns what it received; of Authorization only the scheme and a
 * SHA-256, never the value.
 */

#include "answer.h"

void echo_answer(const struct request *r, struct answer *a);

#endif
