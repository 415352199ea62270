#include "base/clock.h"

#include <time.h>

#ifndef CLOCK_BOOTTIME
#define CLOCK_BOOTTIME CLOCK_MONOTONIC
#endif

static long long now_ns(clockid_t which)
{
    struct timespec now = {0};

    clock_gettime(which, &now);
    return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

long long clock_ns(void)
{
    return now_ns(CLOCK_REALTIME);
}

long long clock_s(void)
{
    return clock_ns() / 1000000000;
}

long long clock_steady_ms(void)
{
    return now_ns(CLOCK_BOOTTIME) / 1000000;
}
