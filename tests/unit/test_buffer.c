/* buffer: growth, limits, and that no byte of a secret outlives its buffer. */

#include "unit.h"

#include <errno.h>
#include <malloc.h>
#include <unistd.h>

#include "base/buffer.h"

#define SECRET 'S'

extern void __libc_free(void *memory);

static volatile int watching; /* volatile: the compiler knows what free() cannot see */
static volatile int leaked; /* secret bytes seen in memory that was given back */

/* Replaces libc's: inspects all memory that is given back, to its last byte. */
void free(void *memory)
{
    if (memory && watching)
        for (size_t i = 0; i < malloc_usable_size(memory); i++)
            leaked += ((const volatile char *)memory)[i] == SECRET;
    __libc_free(memory);
}

static void fill(struct buffer *buffer, size_t len)
{
    for (size_t i = 0; i < len; i++)
        buffer_append(buffer, "S", 1);
}

/* Unless the watch sees an unwiped byte, the other cases prove nothing. */
static void the_watch_sees_an_unwiped_byte(void **state)
{
    char *memory = malloc(100);

    (void)state;
    assert_non_null(memory);
    memset(memory, 0, 100);
    ((volatile char *)memory)[99] = SECRET;
    leaked = 0;
    watching = 1;
    free(memory);
    watching = 0;
    assert_int_equal(leaked, 1);
}

static void wiping_reaches_the_final_byte(void **state)
{
    (void)state;
    for (size_t len = 0; len < 300; len++) {
        struct buffer buffer = BUFFER_EMPTY;

        leaked = 0;
        watching = 1;
        fill(&buffer, len);
        buffer_wipe(&buffer);
        watching = 0;
        assert_int_equal(leaked, 0);
        assert_null(buffer.bytes);
        assert_int_equal(buffer.len + buffer.capacity, 0);
    }
}

static void growing_leaves_no_copy_behind(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;

    (void)state;
    leaked = 0;
    watching = 1;
    fill(&buffer, 5000);
    watching = 0;
    assert_int_equal(leaked, 0);
    assert_int_equal(buffer.len, 5000);
    buffer_wipe(&buffer);
}

static void truncating_wipes_the_rest(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;

    (void)state;
    fill(&buffer, 63);
    buffer_truncate(&buffer, 1);
    for (size_t i = 1; i < buffer.capacity; i++)
        assert_int_not_equal(buffer.bytes[i], SECRET);
    assert_string_equal(buffer.bytes, "S");
    buffer_truncate(&buffer, 5); /* nothing to cut */
    assert_int_equal(buffer.len, 1);
    buffer_set(&buffer, "");
    assert_int_not_equal(buffer.bytes[0], SECRET);
    buffer_wipe(&buffer);
}

static void text_is_nul_terminated(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;

    (void)state;
    assert_string_equal(buffer_text(&buffer), "");
    buffer_append(&buffer, "a\0b", 3);
    assert_int_equal(buffer.len, 3);
    assert_memory_equal(buffer.bytes, "a\0b", 4);
    buffer_set(&buffer, "text");
    buffer_puts(&buffer, "");
    buffer_printf(&buffer, "-%d-%s", 42, "x");
    assert_string_equal(buffer_text(&buffer), "text-42-x");
    assert_int_equal(buffer.len, 9);
    buffer_wipe(&buffer);
    buffer_wipe(&buffer);
    assert_string_equal(buffer_text(&buffer), "");
}

/* Reads len bytes through a pipe with a limit; the result of buffer_read. */
static int read_through(size_t len, size_t max, struct buffer *buffer)
{
    int ends[2];
    int result;

    assert_int_equal(pipe(ends), 0);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(write(ends[1], "x", 1), 1);
    close(ends[1]);
    errno = 0;
    result = buffer_read(buffer, ends[0], max);
    close(ends[0]);
    return result;
}

static void reading_stops_at_its_limit(void **state)
{
    static const size_t lens[] = {0, 1, 99, 100};

    (void)state;
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        struct buffer buffer = BUFFER_EMPTY;

        assert_int_equal(read_through(lens[i], 100, &buffer), 0);
        assert_int_equal(buffer.len, lens[i]);
        assert_int_equal(strlen(buffer_text(&buffer)), lens[i]);
        buffer_wipe(&buffer);
    }
    for (size_t len = 101; len < 9000; len += 4000) {
        struct buffer buffer = BUFFER_EMPTY;

        assert_int_equal(read_through(len, 100, &buffer), -1);
        assert_int_equal(errno, EFBIG);
        buffer_wipe(&buffer);
    }
}

static void writing_reports_failures(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;
    int ends[2];
    char got[8] = "";

    (void)state;
    buffer_puts(&buffer, "hello");
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(buffer_write(&buffer, ends[1]), 0);
    assert_int_equal(read(ends[0], got, sizeof got), 5);
    assert_string_equal(got, "hello");
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(buffer_write(&buffer, ends[1]), -1);
    assert_int_equal(errno, EBADF);
    buffer_wipe(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_watch_sees_an_unwiped_byte),
        cmocka_unit_test(wiping_reaches_the_final_byte),
        cmocka_unit_test(growing_leaves_no_copy_behind),
        cmocka_unit_test(truncating_wipes_the_rest),
        cmocka_unit_test(text_is_nul_terminated),
        cmocka_unit_test(reading_stops_at_its_limit),
        cmocka_unit_test(writing_reports_failures),
    };

    return RUN(tests);
}
