/* ledger: the hour across the end of a month, and lines of any length. */

#include "unit.h"

#include <stdio.h>
#include <unistd.h>

#include "base/message.h"
#include "token/ledger.h"

#define FIRST 1790812800LL /* 2026-10-01 00:00:00 UTC */
#define ME "client_credentials,issuer.example,me"

static struct settings settings;
static char home[] = "/tmp/rhythm-unit.XXXXXX";

/* Adds a request of that time to its month's file, finished if there is an outcome. */
static void enter(struct ledger *ledger, long long at, const char *identity, const char *outcome)
{
    static int serial;
    FILE *file = fopen(ledger->path.bytes, "a");

    assert_non_null(file);
    serial++;
    fprintf(file, "begun.%lld.%d=%s\n", at, serial, identity);
    if (outcome)
        fprintf(file, "%s.%lld.%d=x\n", outcome, at, serial);
    assert_int_equal(fclose(file), 0);
}

static void enter_at(long long at, const char *identity, const char *outcome)
{
    struct ledger ledger;

    assert_int_equal(ledger_open(&ledger, &settings, at, 1), STATUS_OK);
    enter(&ledger, at, identity, outcome);
    ledger_close(&ledger);
}

static struct ledger_count count_at(long long now_s)
{
    struct ledger_count count;
    struct ledger ledger;

    assert_int_equal(ledger_open(&ledger, &settings, now_s, 0), STATUS_OK);
    assert_int_equal(ledger_count(&ledger, ME, &count), STATUS_OK);
    ledger_close(&ledger);
    return count;
}

static int begin_world(void **state)
{
    (void)state;
    strcpy(home, "/tmp/rhythm-unit.XXXXXX");
    settings = (struct settings){0};
    return mkdtemp(home) && setenv("XDG_STATE_HOME", home, 1) == 0 &&
                   setenv("XDG_CONFIG_HOME", home, 1) == 0 &&
                   setenv("RHYTHM_AUTH0_DOMAIN", "issuer.example", 1) == 0 &&
                   settings_load(&settings, NULL, NULL) == STATUS_OK
               ? 0
               : -1;
}

static int end_world(void **state)
{
    char command[64];

    (void)state;
    settings_wipe(&settings);
    snprintf(command, sizeof command, "rm -r %s", home);
    return system(command) == 0 ? 0 : -1;
}

static void the_hour_spans_the_end_of_a_month(void **state)
{
    struct ledger_count count;

    (void)state;
    for (int i = 0; i < 8; i++)
        enter_at(FIRST - 1000 + i, ME, "ok");
    enter_at(FIRST - 4000, ME, "ok");
    count = count_at(FIRST + 100);
    assert_true(count.month == 0 && count.hour == 8 && count.hour_frees_at == 0);
    enter_at(FIRST + 10, ME, "ok");
    enter_at(FIRST + 20, ME, NULL);
    count = count_at(FIRST + 100);
    assert_true(count.month == 2 && count.hour == 10);
    assert_true(count.hour_frees_at == FIRST - 1000 + 3600);
    assert_true(count.month_frees_at == FIRST + 31 * 86400);
    count = count_at(FIRST + 3000);
    assert_true(count.month == 2 && count.hour == 2);
}

static void the_old_months_requests_alone_can_fill_the_hour(void **state)
{
    struct ledger_count count;

    (void)state;
    for (int i = 0; i < 500; i++)
        enter_at(FIRST - 500 + i, ME, "ok");
    enter_at(FIRST + 1, ME, "denied");
    count = count_at(FIRST + 1);
    assert_true(count.month == 0 && count.hour == 500);
    assert_true(count.hour_frees_at == FIRST - 10 + 3600);
}

static void ok_unknown_and_unfinished_requests_count(void **state)
{
    struct ledger_count count;

    (void)state;
    enter_at(FIRST + 50, ME, "ok");
    enter_at(FIRST + 51, ME, "unknown");
    enter_at(FIRST + 52, ME, NULL);
    enter_at(FIRST + 53, ME, "denied");
    enter_at(FIRST + 54, ME, "unsent");
    enter_at(FIRST + 55, "client_credentials,issuer.example,other", "ok");
    enter_at(FIRST + 56, "password,issuer.example,me", "ok");
    count = count_at(FIRST + 60);
    assert_true(count.month == 4 && count.hour == 3);
    assert_true(count.projected == 4 * 31);
}

/* The ninth of ten is near the limit; a user's own tokens do not count. */
static void the_month_is_near_its_limit_at_nine_tenths(void **state)
{
    static const char *const who[] = {ME, ME, "password,issuer.example,me", ME};
    static const int is_near[] = {0, 0, 0, 1};

    (void)state;
    buffer_set(&settings.value[SETTING_MONTHLY_LIMIT], "10");
    for (int i = 0; i < 6; i++)
        enter_at(FIRST + 7200 + i, ME, "ok");
    for (size_t i = 0; i < sizeof who / sizeof *who; i++) {
        struct ledger ledger;
        struct buffer id = BUFFER_EMPTY;

        assert_int_equal(ledger_open(&ledger, &settings, FIRST + 86400, 1), STATUS_OK);
        assert_int_equal(ledger_begin(&ledger, who[i], &id), STATUS_OK);
        assert_int_equal(ledger.is_near_limit, is_near[i]);
        ledger_close(&ledger);
        buffer_wipe(&id);
    }
}

static void the_shortest_lines_fit(void **state)
{
    struct ledger ledger;
    FILE *file;

    (void)state;
    assert_int_equal(ledger_open(&ledger, &settings, FIRST, 1), STATUS_OK);
    file = fopen(ledger.path.bytes, "a");
    assert_non_null(file);
    for (int i = 0; i < 10000; i++)
        fputs("begun.=\n", file);
    assert_int_equal(fclose(file), 0);
    ledger_close(&ledger);
    assert_true(count_at(FIRST).month == 0);
}

/* In the first hour of a month last month's file is read too: an error names the file that it is in. */
static void an_error_names_its_own_months_file(void **state)
{
    struct ledger_count count;
    struct ledger ledger;
    FILE *file;

    (void)state;
    assert_int_equal(ledger_open(&ledger, &settings, FIRST - 1, 1), STATUS_OK);
    file = fopen(ledger.path.bytes, "w");
    assert_non_null(file);
    fputs("version=9\n", file);
    assert_int_equal(fclose(file), 0);
    ledger_close(&ledger);
    assert_int_equal(ledger_open(&ledger, &settings, FIRST, 1), STATUS_OK);
    assert_int_equal(ledger_count(&ledger, ME, &count), STATUS_CANNOT_CREATE);
    assert_non_null(strstr(message_last_error(), "issuer.example.2026-09: it has"));
    ledger_close(&ledger);
}

static void the_projection_counts_the_present_second(void **state)
{
    long long ends = FIRST + 30 * 86400LL;

    (void)state;
    assert_true(ledger_projected(2, FIRST, ends, FIRST) == 60); /* a whole day at least */
    assert_true(ledger_projected(2, FIRST, ends, FIRST + 86400) == 59);
    assert_true(ledger_projected(2, FIRST, ends, FIRST + 2 * 86400 - 1) == 30);
    assert_true(ledger_projected(2, FIRST, ends, FIRST + 2 * 86400) == 29);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_hour_spans_the_end_of_a_month, begin_world, end_world),
        cmocka_unit_test_setup_teardown(the_old_months_requests_alone_can_fill_the_hour,
                                        begin_world, end_world),
        cmocka_unit_test_setup_teardown(ok_unknown_and_unfinished_requests_count, begin_world,
                                        end_world),
        cmocka_unit_test_setup_teardown(the_month_is_near_its_limit_at_nine_tenths, begin_world,
                                        end_world),
        cmocka_unit_test_setup_teardown(the_shortest_lines_fit, begin_world, end_world),
        cmocka_unit_test_setup_teardown(an_error_names_its_own_months_file, begin_world, end_world),
        cmocka_unit_test(the_projection_counts_the_present_second),
    };

    return RUN(tests);
}
