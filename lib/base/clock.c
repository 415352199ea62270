#include "base/clock.h"

#include <time.h>

long long clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

long long clock_s(void)
{
    return clock_ns() / 1000000000;
}
