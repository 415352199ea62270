#ifndef SANDBOX_QUOTA_H
#define SANDBOX_QUOTA_H

/*
 * The quota of an application: so many machine tokens an hour and a day (Auth0's documentation).
 * Buckets begin anew at the UTC hour and day. A quota that is not enforced is told in the headers
 * and refuses nothing. It is another thing than a tenant's monthly allotment, whose refusal nobody
 * has published.
 */

#include "answer.h"

/* One more token, if there is one left. */
bool quota_take(void);

/* Auth0-Client-Quota-Limit: b=per_hour;q=10;r=7;t=3540,b=per_day;... where there is a quota. */
void quota_tell(struct answer *a);

void quota_reset(void);

#endif
