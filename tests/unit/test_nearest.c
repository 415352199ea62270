/* nearest: the word that a typo most probably meant. */

#include "unit.h"

#include "base/nearest.h"

static const char *const words[] = {"claims", "header", "print", "client_id", "client_secret",
                                    "tenantId", "timeout", NULL};

static void is_meant(const char *typed, const char *wanted)
{
    struct nearest nearest = nearest_to(typed, strlen(typed));

    for (const char *const *word = words; *word; word++)
        nearest_offer(&nearest, *word);
    if (wanted)
        assert_string_equal(nearest.best, wanted);
    else
        assert_null(nearest.best);
}

static void a_typo_finds_its_word(void **state)
{
    (void)state;
    is_meant("clamis", "claims");
    is_meant("claim", "claims");
    is_meant("claimss", "claims");
    is_meant("cl4ims", "claims");
    is_meant("clientid", "client_id");
    is_meant("CLIENT_ID", "client_id");
    is_meant("tenantid", "tenantId");
    is_meant("clientsecret", "client_secret");
}

static void another_word_finds_nothing(void **state)
{
    (void)state;
    is_meant("", NULL);
    is_meant("x", NULL);
    is_meant("rolodex", NULL);
    is_meant("secret", NULL);
    is_meant("a-word-that-is-much-longer-than-any-of-those-that-are-known", NULL);
}

static void the_remedy_names_the_word(void **state)
{
    struct nearest nearest = nearest_to("timeuot=3", 7);

    (void)state;
    assert_string_equal(nearest_remedy(&nearest, "", "", "see it"), "see it");
    nearest_offer(&nearest, "timeout");
    assert_string_equal(nearest_remedy(&nearest, "--", "=", ""), "did you mean --timeout=?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_typo_finds_its_word),
        cmocka_unit_test(another_word_finds_nothing),
        cmocka_unit_test(the_remedy_names_the_word),
    };

    return RUN(tests);
}
