#include "token/values.h"

#include <string.h>

#include "base/kv.h"
#include "base/text.h"
#include "base/uri.h"
#include "token/url.h"

static const char *number_problem(const char *value, long long least, long long most,
                                  const char *expected)
{
    long long number;

    return kv_number(value, &number) != 0 || number < least || number > most ? expected : NULL;
}

/* "" ends the words. */
static const char *word_problem(const char *value, const char *const *words, const char *expected)
{
    while (**words && strcmp(value, *words) != 0)
        words++;
    return **words ? NULL : expected;
}

/* Auth0's issuer is a host; whatever follows it was copied from one of its pages. */
static const char *domain_problem(const char *domain)
{
    SCRATCH issuer = BUFFER_EMPTY;
    const char *wrong;

    url_put_issuer(&issuer, domain);
    wrong = url_base_problem(issuer.bytes);
    if ((strncmp(issuer.bytes, "https://", 8) != 0 && !uri_is_plain_http(issuer.bytes)) ||
        (!wrong && (strchr(strstr(issuer.bytes, "://") + 3, '/') || !domain[strcspn(domain, ".:")])))
        wrong = "a bare host, such as acme-org.us.auth0.com, without https:// or a path";
    return wrong;
}

const char *values_problem(enum setting which, const char *value)
{
    static const char *const grants[] = {"client_credentials", "password", "authorization_code",
                                         ""};
    static const char *const answers[] = {"yes", "no", ""};

    switch (which) {
    case SETTING_AUTH0_DOMAIN:
        return domain_problem(value);
    case SETTING_API_BASE:
        return url_base_problem(value);
    case SETTING_GRANT:
        return word_problem(value, grants, "client_credentials, password or authorization_code");
    case SETTING_READ_ONLY:
        return word_problem(value, answers, "yes or no");
    case SETTING_REDIRECT_URI:
        return url_redirect_problem(value);
    case SETTING_REDIRECT_PORT:
        return number_problem(value, 0, 65535, "a port, 1 to 65535, or 0 for any");
    case SETTING_CACHE:
        return value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-")]
                   ? "file, or the name of a cache helper (a-z 0-9 -)"
                   : NULL;
    case SETTING_MONTHLY_LIMIT:
    case SETTING_HOURLY_LIMIT:
        return number_problem(value, 0, 1000000000, "a whole number, 0 (no limit) to 1000000000");
    case SETTING_TIMEOUT:
        return number_problem(value, 1, 86400, "a whole number of seconds, 1 to 86400");
    case SETTING_CLIENT_SECRET_FILE:
    case SETTING_PASSWORD_FILE:
    case SETTING_TOKEN_FILE:
    case SETTING_REDIS_PASSWORD_FILE:
    case SETTING_REDIS_CA_BUNDLE:
    case SETTING_CA_BUNDLE: /* it becomes part of other programs' lines */
        return text_has_controls(value, strlen(value)) ? "a path without control characters" : NULL;
    default:
        return NULL;
    }
}

int values_put_without_password(const char *url, struct buffer *out)
{
    const char *start = strstr(url, "://");
    const char *end = strrchr(url, '@'); /* the last: a password's own @ may not be encoded */

    start = start ? start + 3 : url;
    end = end && end > start ? end : start;
    if (end == start && !strchr(start, '?')) {
        buffer_puts(out, url);
        return 0;
    }
    buffer_append(out, url, (size_t)(start - url));
    if (end > start)
        buffer_puts(out, "***");
    buffer_append(out, end, strcspn(end, "?"));
    if (strchr(end, '?'))
        buffer_puts(out, "?***");
    return 1;
}
