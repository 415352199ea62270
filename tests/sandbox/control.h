#ifndef SANDBOX_CONTROL_H
#define SANDBOX_CONTROL_H

/*
 * The sandbox's own endpoints, /_sandbox and below: read the state, set knobs, make any token,
 * and see whether somebody followed a redirect. No faults apply here.
 */

#include "http.h"

/* Answer r if its path is below /_sandbox; else false. */
bool control_handle(struct request *r, struct answer *a);

#endif
