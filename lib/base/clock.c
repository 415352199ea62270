#include "base/clock.h"

#include <time.h>

#include "base/platform.h"

long long clock_ns(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

long long clock_s(void)
{
    return clock_ns() / 1000000000;
}

long long clock_steady_ms(void)
{
    return platform_steady_ns() / 1000000;
}

/* Days from the epoch to the first of a month of the Gregorian calendar; month counts from 0. */
static long long days_to(long long year, long long month)
{
    long long from_march = (month + 10) % 12;
    long long y = year + (month >= 2) - 1; /* the year that begins in March, so that a leap day ends it */

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * from_march + 2) / 5 - 719468;
}

long long clock_month_start(long long seconds, int offset)
{
    time_t when = (time_t)seconds;
    struct tm now;
    long long months;

    gmtime_r(&when, &now);
    months = (now.tm_year + 1900LL) * 12 + now.tm_mon + offset;
    return days_to(months / 12, months % 12) * 86400;
}
