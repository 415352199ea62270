#ifndef SANDBOX_AUTHORIZE_H
#define SANDBOX_AUTHORIZE_H

/*
 * /authorize: the browser's half of a login. Judges the request, asks who is there, and sends the
 * browser back to the application with a code or with a refusal.
 */

#include "http.h"

void authorize_answer(const struct request *r, struct answer *a);

#endif
