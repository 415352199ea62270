#ifndef RHYTHM_TOKEN_VALUES_H
#define RHYTHM_TOKEN_VALUES_H

#include "base/buffer.h"

/* values: which settings there are, and whether a value of one is valid. */

enum setting {
    SETTING_AUTH0_DOMAIN,
    SETTING_CLIENT_ID,
    SETTING_CLIENT_SECRET,
    SETTING_CLIENT_SECRET_FILE,
    SETTING_CLIENT_SECRET_COMMAND,
    SETTING_AUDIENCE,
    SETTING_TENANT_ID,
    SETTING_API_BASE,
    SETTING_GRANT,
    SETTING_USERNAME,
    SETTING_PASSWORD,
    SETTING_PASSWORD_FILE,
    SETTING_PASSWORD_COMMAND,
    SETTING_SCOPE,
    SETTING_REDIRECT_URI,
    SETTING_REDIRECT_PORT, /* only in a profile or variable: it becomes SETTING_REDIRECT_URI */
    SETTING_TOKEN_FILE,
    SETTING_CACHE,
    SETTING_REDIS_URL,
    SETTING_REDIS_PASSWORD_FILE,
    SETTING_REDIS_PASSWORD_COMMAND,
    SETTING_REDIS_CA_BUNDLE,
    SETTING_CACHE_URL, /* of another helper's store */
    SETTING_MONTHLY_LIMIT,
    SETTING_HOURLY_LIMIT,
    SETTING_READ_ONLY,
    SETTING_TIMEOUT,
    SETTING_CA_BUNDLE,
    SETTING_COUNT
};

/* NULL if it is; else what it should be, to complete "... should be ". */
const char *values_problem(enum setting which, const char *value);

/*
 * Appends a redis_url as it may be shown to anybody: what comes before the host, and the query, as
 * ***, because they may contain passwords. 1 if there was either.
 */
int values_put_without_password(const char *url, struct buffer *out);

#endif
