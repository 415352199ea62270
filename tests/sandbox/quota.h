#ifndef SANDBOX_QUOTA_H
#define SANDBOX_QUOTA_H

/*
 * The quota of an application: machine tokens per hour and per day (Auth0's documentation). Buckets
 * restart at the UTC hour and day. A quota that is not enforced appears in the headers and refuses
 * nothing. It is not the tenant's monthly allotment, whose refusal nobody has published.
 */

#include "answer.h"

/* Take one token; false if none is left. */
bool quota_take(void);

/* Auth0-Client-Quota-Limit: b=per_hour;q=10;r=7;t=3540,b=per_day;... if there is a quota. */
void quota_tell(struct answer *a);

void quota_reset(void);

#endif
