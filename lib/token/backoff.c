#include "token/backoff.h"

#include "base/clock.h"
#include "base/message.h"

#define BACKOFF_S 60
#define BACKOFF_DOUBLINGS 6 /* at most about an hour */

int backoff_holds(const struct failure *failure, long long now_ns)
{
    long long doublings = failure->count <= BACKOFF_DOUBLINGS ? failure->count - 1
                                                             : BACKOFF_DOUBLINGS;
    long long wait_ns = (BACKOFF_S * 1000000000LL) << doublings;

    /* a record from the future holds nobody up: the clock was set back */
    return failure->failed_ns <= now_ns && now_ns - failure->failed_ns < wait_ns;
}

void backoff_record(struct cache *cache, int status, const char *cause)
{
    WIPED_BY(failure_wipe) struct failure failure = {0};

    (void)cache_load_failure(cache, &failure);
    failure.failed_ns = clock_ns();
    failure.count++;
    failure.status = status;
    buffer_set(&failure.cause, cause);
    buffer_set(&failure.message, message_last_error());
    cache_store_failure(cache, &failure);
}
