/* The first second of a month, against the C library's own calendar. */
#include "base/clock.h"
#include "unit.h"

#include <time.h>

static void months_begin_where_timegm_says(void **state)
{
    (void)state;
    for (long long seconds = 0; seconds < 10000000000LL; seconds += 86400LL * 3 + 7919)
        for (int offset = 0; offset <= 14; offset += 7) {
            time_t when = (time_t)seconds;
            struct tm month;
            struct tm first;

            gmtime_r(&when, &month);
            first = (struct tm){.tm_year = month.tm_year, .tm_mon = month.tm_mon + offset, .tm_mday = 1};
            assert_int_equal(clock_month_start(seconds, offset), timegm(&first));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(months_begin_where_timegm_says)};

    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
