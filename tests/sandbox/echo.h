#ifndef SANDBOX_ECHO_H
#define SANDBOX_ECHO_H

/*
 * /echo/... takes anything and tells what it received; of Authorization it tells the scheme and a
 * SHA-256, never the value.
 */

#include "answer.h"

void echo_answer(const struct request *r, struct answer *a);

#endif
