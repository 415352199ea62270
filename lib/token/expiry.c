#include "token/expiry.h"

#include "base/message.h"

#define RENEW_S 900
#define MIN_VALID_S 300
#define FUTURE_S 60 /* clocks of one machine differ by less */

/* Received later than now: a clock was set back, and what is counted from received_at is wrong. */
static int is_from_future(const struct entry *entry, long long now_s)
{
    return entry->received_at > now_s + FUTURE_S;
}

long long expiry_at(const struct entry *entry, long long now_s)
{
    return is_from_future(entry, now_s) ? entry->token_exp : entry->expires_at;
}

static long long smaller(long long a, long long b)
{
    return a < b ? a : b;
}

enum expiry expiry_of(const struct entry *entry, long long now_s, long long min_valid_s)
{
    long long life = entry->expires_at - entry->received_at;
    long long left = expiry_at(entry, now_s) - now_s;
    long long renew = smaller(RENEW_S, life / 10);

    min_valid_s = min_valid_s < 0 ? smaller(MIN_VALID_S, life / 10)
                                  : smaller(min_valid_s, life / 2);
    if (left <= 0)
        return EXPIRY_OVER;
    if (left < min_valid_s)
        return EXPIRY_SHORT;
    return left < renew ? EXPIRY_RENEWING : EXPIRY_VALID;
}

void expiry_warn(const struct entry *entry, long long now_s, long long min_valid_s)
{
    long long life = entry->expires_at - entry->received_at;

    if (is_from_future(entry, now_s))
        message_warn("the cached token was received %lld s in the future; check this machine's "
                     "clock", entry->received_at - now_s);
    if (min_valid_s >= 0 && min_valid_s > life / 2)
        message_warn("--min-valid=%lld is more than half of the token's life of %lld s; using "
                     "%lld", min_valid_s, life, life / 2);
}
