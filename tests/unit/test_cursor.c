/* Cursors in URLs, in loops and on a shell's command line. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pages/cursor.h"

static void set_gives(const char *before, const char *cursor, const char *after)
{
    struct buffer url = BUFFER_EMPTY;
    struct buffer key = BUFFER_EMPTY;

    buffer_set(&url, before);
    buffer_set(&key, cursor);
    cursor_set(&url, &key);
    assert_string_equal(url.bytes, after);
    buffer_wipe(&url);
    buffer_wipe(&key);
}

static void test_a_cursor_goes_into_the_query(void **state)
{
    (void)state;
    set_gives("https://h/a", "k", "https://h/a?exclusiveStartKey=k");
    set_gives("https://h/a?", "k", "https://h/a?exclusiveStartKey=k");
    set_gives("https://h/a?x=1&y=%2F", "k", "https://h/a?x=1&y=%2F&exclusiveStartKey=k");
    set_gives("https://h/a", "a|b#/+=& \xc3\xa9%",
              "https://h/a?exclusiveStartKey=a%7Cb%23%2F%2B%3D%26%20%C3%A9%25");
    set_gives("https://h/a", "{\"id\": 1}",
              "https://h/a?exclusiveStartKey=%7B%22id%22%3A%201%7D");
}

static void test_it_replaces_an_earlier_cursor(void **state)
{
    (void)state;
    set_gives("https://h/a?exclusiveStartKey=old", "k", "https://h/a?exclusiveStartKey=k");
    set_gives("https://h/a?x=1&exclusiveStartKey=old&y=2&exclusiveStartKey=&exclusiveStartKey", "k",
              "https://h/a?x=1&y=2&exclusiveStartKey=k");
    set_gives("https://h/a?exclusiveStartKeys=1&x=exclusiveStartKey=2", "k",
              "https://h/a?exclusiveStartKeys=1&x=exclusiveStartKey=2&exclusiveStartKey=k");
}

/* Follows a path of cursors that ends in a loop; returns after how many steps that is noticed. */
static unsigned steps_until_seen(unsigned before, unsigned loop)
{
    static struct cursors met;
    struct buffer key = BUFFER_EMPTY;
    unsigned steps = 0;
    int seen = 0;

    met = (struct cursors){0};
    while (!seen && steps < 1000000) {
        unsigned at = steps < before ? steps : before + (steps - before) % loop;
        char text[16];

        snprintf(text, sizeof text, "c-%u", at);
        buffer_set(&key, text);
        seen = cursor_seen(&met, &key);
        steps++;
    }
    buffer_wipe(&key);
    return steps;
}

/* Not cmocka's assert_in_range: cmocka 2 has it under two other names, and warns of the old. */
static void assert_steps(unsigned steps, unsigned least, unsigned most)
{
    assert_true(steps >= least);
    assert_true(steps <= most);
}

static void test_a_loop_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(steps_until_seen(0, 1), 2);
    assert_int_equal(steps_until_seen(5, 1), 7);
    assert_int_equal(steps_until_seen(5000, 1024), 5000 + 1024 + 1); /* at the first repeat */
    assert_steps(steps_until_seen(0, 3000), 3001, 4 * 3000);
    assert_steps(steps_until_seen(7000, 50000), 57001, 4 * 57000);
    assert_int_equal(steps_until_seen(1000000, 1), 1000000); /* no loop, no alarm */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cursor_goes_into_the_query),
        cmocka_unit_test(test_it_replaces_an_earlier_cursor),
        cmocka_unit_test(test_a_loop_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
