/* expiry: the windows to the second, clocks that are wrong, and how long a failed renewal waits. */

#include "unit.h"

#include "token/backoff.h"
#include "token/expiry.h"

#define NOW 2000000000LL
#define SECOND 1000000000LL

/* A token of that lifetime with that many seconds left. */
static struct entry token(long long life_s, long long left_s)
{
    struct entry entry = {0};

    entry.expires_at = NOW + left_s;
    entry.received_at = entry.expires_at - life_s;
    entry.token_exp = entry.expires_at;
    return entry;
}

static void a_token_of_a_day_is_renewed_below_900_s_and_waited_for_below_300_s(void **state)
{
    static const struct {
        long long left_s;
        long long min_valid_s;
        enum expiry life;
    } cases[] = {
        {86400, -1, EXPIRY_VALID},   {900, -1, EXPIRY_VALID},    {899, -1, EXPIRY_RENEWING},
        {300, -1, EXPIRY_RENEWING},  {299, -1, EXPIRY_SHORT},    {1, -1, EXPIRY_SHORT},
        {0, -1, EXPIRY_OVER},     {-1, -1, EXPIRY_OVER},   {1, 0, EXPIRY_RENEWING},
        {0, 0, EXPIRY_OVER},      {5000, 5000, EXPIRY_VALID}, {4999, 5000, EXPIRY_SHORT},
        {43200, 86400, EXPIRY_VALID}, {43199, 86400, EXPIRY_SHORT}, /* at most half the lifetime */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct entry entry = token(86400, cases[i].left_s);

        assert_int_equal(expiry_of(&entry, NOW, cases[i].min_valid_s), cases[i].life);
    }
}

static void the_defaults_shrink_to_a_tenth(void **state)
{
    struct entry entry = token(600, 60);

    (void)state;
    assert_int_equal(expiry_of(&entry, NOW, -1), EXPIRY_VALID);
    entry = token(600, 59);
    assert_int_equal(expiry_of(&entry, NOW, -1), EXPIRY_SHORT);
    entry = token(5000, 499);
    assert_int_equal(expiry_of(&entry, NOW, -1), EXPIRY_RENEWING);
    entry = token(5000, 299);
    assert_int_equal(expiry_of(&entry, NOW, -1), EXPIRY_SHORT);
    entry = token(1, 1);
    assert_int_equal(expiry_of(&entry, NOW, -1), EXPIRY_VALID);
}

static void an_entry_from_the_future_goes_by_the_tokens_exp(void **state)
{
    struct entry entry = token(86400, 86400 + 60);

    (void)state;
    entry.token_exp = NOW + 5;
    assert_true(expiry_at(&entry, NOW) == entry.expires_at); /* 60 s are not the future */
    entry.received_at++;
    assert_true(expiry_at(&entry, NOW) == NOW + 5);
    assert_int_equal(expiry_of(&entry, NOW, -1), EXPIRY_SHORT);
    entry.token_exp = 0; /* it has none */
    assert_int_equal(expiry_of(&entry, NOW, -1), EXPIRY_OVER);
}

static void a_failed_renewal_waits_60_s_and_doubles(void **state)
{
    static const struct {
        long long count;
        long long wait_s;
    } cases[] = {{1, 60},    {2, 120},  {3, 240},  {4, 480},
                 {5, 960},   {6, 1920}, {7, 3840}, {8, 3840},
                 {INT64_MAX, 3840}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct failure failure = {.failed_ns = NOW * SECOND, .count = cases[i].count};
        long long until = (NOW + cases[i].wait_s) * SECOND;

        assert_int_equal(backoff_holds(&failure, NOW * SECOND), 1);
        assert_int_equal(backoff_holds(&failure, until - 1), 1);
        assert_int_equal(backoff_holds(&failure, until), 0);
        assert_int_equal(backoff_holds(&failure, NOW * SECOND - 1), 0); /* from the future */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_of_a_day_is_renewed_below_900_s_and_waited_for_below_300_s),
        cmocka_unit_test(the_defaults_shrink_to_a_tenth),
        cmocka_unit_test(an_entry_from_the_future_goes_by_the_tokens_exp),
        cmocka_unit_test(a_failed_renewal_waits_60_s_and_doubles),
    };

    return RUN(tests);
}
