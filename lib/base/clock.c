#include "base/clock.h"

#include <time.h>

#include "base/platform.h"

#define DAY_S 86400LL

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

void clock_day(long long seconds, char day[CLOCK_DAY_SIZE])
{
    time_t when = (time_t)seconds;
    struct tm date;

    *day = '\0';
    if (gmtime_r(&when, &date))
        strftime(day, CLOCK_DAY_SIZE, "%Y-%m-%d", &date);
}

long long clock_month_start(long long seconds, int offset)
{
    time_t when = (time_t)seconds;
    struct tm date;
    long long start;

    gmtime_r(&when, &date);
    start = seconds - seconds % DAY_S - (date.tm_mday - 1) * DAY_S;
    /* 32 days after the first of any month is a day of the next one */
    return offset ? clock_month_start(start + 32 * DAY_S, offset - 1) : start;
}
