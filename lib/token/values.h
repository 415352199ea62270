#ifndef RHYTHM_TOKEN_VALUES_H
#define RHYTHM_TOKEN_VALUES_H

#include "base/buffer.h"
#include "token/settings.h"

/* values: whether the value of a setting is valid. */

/* NULL if it is; else what it should be, to complete "... should be ". */
const char *values_problem(enum setting which, const char *value);

/*
 * Appends a redis_url as it may be shown to anybody: what comes before the host, and the query, as
 * ***, because they may contain passwords. 1 if there was either.
 */
int values_put_without_password(const char *url, struct buffer *out);

#endif
