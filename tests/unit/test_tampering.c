/*
 * A token with a single bit changed is never valid, for each of the nine algorithms. The vectors are
 * those of tests/vectors/.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "jwt/jwk.h"
#include "jwt/jws.h"

static void read_vector(const char *name, const char *ending, struct buffer *text)
{
    struct buffer path = BUFFER_EMPTY;
    int fd;

    buffer_printf(&path, "tests/vectors/%s.%s", name, ending);
    fd = open(path.bytes, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(buffer_read(text, fd, 65536), 0);
    close(fd);
    while (text->len && text->bytes[text->len - 1] == '\n')
        buffer_truncate(text, text->len - 1);
    buffer_wipe(&path);
}

static int is_valid(const char *token, const json_t *set)
{
    struct jws jws;
    const char *wrong = jws_decode(token, &jws);

    if (!wrong)
        wrong = jws_choose_algorithm(&jws);
    if (!wrong)
        wrong = jws_verify(&jws, set);
    jws_wipe(&jws);
    return !wrong;
}

/* Changes every step-th bit, so that slow algorithms take no longer than fast ones. */
static void tamper(const char *name, size_t step)
{
    struct buffer token = BUFFER_EMPTY;
    struct buffer keys = BUFFER_EMPTY;
    json_t *set;
    size_t tried = 0;

    read_vector(name, "jws", &token);
    read_vector(name, "jwks", &keys);
    set = jwk_set(&keys);
    assert_true(is_valid(token.bytes, set));
    for (size_t bit = 0; bit < 8 * token.len; bit += step) {
        char mask = (char)(1u << (bit % 8));

        token.bytes[bit / 8] = (char)(token.bytes[bit / 8] ^ mask);
        if (is_valid(token.bytes, set))
            fail_msg("%s is valid with bit %zu of byte %zu changed", name, bit % 8, bit / 8);
        token.bytes[bit / 8] = (char)(token.bytes[bit / 8] ^ mask);
        tried++;
    }
    assert_true(is_valid(token.bytes, set));
    assert_true(tried > 100);
    buffer_wipe(&token);
    json_decref(set);
    buffer_wipe(&keys);
}

static void no_changed_bit_is_valid_with_es256(void **state)
{
    (void)state;
    tamper("own-es256", 1);
}

static void no_changed_bit_is_valid_with_the_others(void **state)
{
    static const char *const names[] = {"own-rs256", "own-rs384", "own-rs512", "own-ps256",
                                        "own-ps384", "own-ps512", "own-es384", "own-es512"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        tamper(names[i], 5); /* 5 and 8 have no common factor: each bit of a byte gets its turn */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_changed_bit_is_valid_with_es256),
        cmocka_unit_test(no_changed_bit_is_valid_with_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
