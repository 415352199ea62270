/* secrecy: what is blotted out, and what is not. */

#include "unit.h"

#include "base/secrecy.h"

#define JWT "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
#define OPAQUE "aZ3Kx9qP0bT7vLmN2wRtYuIoP5sDfGhJkL8cVbNm1QwE"
#define SECRET "s3cret<&>\"'/+%\\ 0123456789"

static void becomes(const char *text, const char *wanted)
{
    struct buffer blotted = BUFFER_EMPTY;

    buffer_puts(&blotted, text);
    secrecy_blot_foreign(&blotted);
    assert_string_equal(buffer_text(&blotted), wanted);
    buffer_wipe(&blotted);
}

static void tokens_are_blotted_anywhere(void **state)
{
    (void)state;
    becomes(JWT, "***");
    becomes("there is no '" JWT "'; see", "there is no '***'; see");
    becomes("Bearer" JWT ".", "Bearer***.");
    becomes("https://x/?a=1&access_token=" JWT "&b=2", "https://x/?a=1&access_token=***&b=2");
    becomes("eyJlbmMiOiJBMTI4In0..aXY.Y2lwaGVy.dGFn", "***");
    becomes(OPAQUE, "***");
    becomes("token_file=" OPAQUE " should", "token_file=*** should");
    becomes("Authorization: Bearer abcdefghijk12345", "Authorization: Bearer ***");
    becomes("basic dXNlcjpwYXNzd29yZA==", "basic ***");
    becomes("", "");
}

static void text_that_only_resembles_a_token_is_kept(void **state)
{
    static const char *const texts[] = {
        "it should hold a JWT, \"Bearer ...\" or an Authorization header line",
        "eyJ...",
        "a key like eyJh.b is none",
        "/run/user/1000/rhythm/client_credentials,acme-org.us.auth0.com,Zk3aB9cD8eF7gH6iJ5kL4mN3oP2q",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "https://x.example/contacts?exclusiveStartKey=" OPAQUE,
        "https://x.example/authorize?code_challenge=" OPAQUE "&state=" OPAQUE,
        "a token that is not of type Bearer; check auth0_domain",
        "no-word-is-a-token-however-long-it-may-be-and-with-hyphens",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        becomes(texts[i], texts[i]);
        assert_int_equal(secrecy_is_token(texts[i]), 0);
    }
}

static void a_single_word_can_be_a_token(void **state)
{
    (void)state;
    assert_int_equal(secrecy_is_token("aZ3Kx9qP0bT7vLmN2wRtYuIoP5sDfGhJ"), 1);
    assert_int_equal(secrecy_is_token("rolodex"), 0);
    assert_int_equal(secrecy_is_token("token.jwt"), 0);
    assert_int_equal(secrecy_is_token("/run/secrets/Token2026OfTheCustomer"), 0);
    assert_int_equal(secrecy_is_token(""), 0);
}

static void a_secret_is_blotted_in_every_encoding(void **state)
{
    (void)state;
    secrecy_keep(SECRET);
    becomes("said " SECRET "!", "said ***!");
    becomes("s3cret%3C%26%3E%22%27%2F%2B%25%5C%200123456789", "***");
    becomes("s3cret%253C%2526%253E%2522%2527%252F%252B%2525%255C%25200123456789", "***");
    becomes("(s3cret&lt;&amp;&gt;&quot;&#39;/+%\\ 0123456789)", "***");
    becomes("s3cret&#60;&#x26;&#062;&#X22;&apos;&#x2f;+%\\ 0123456789", "***");
    becomes("\"s3cret<&>\\\"'\\/+%\\\\ 0123456789\"", "***");
    becomes("s3cret\\u003c\\u0026\\u003e\\u0022\\u0027\\u002F\\u002b%\\\\ 0123456789", "***");
    becomes("wrong: s3cret%3C%26%3E%22%27%2F!", "***"); /* the secret's beginning is unknown */
    becomes("s3cret%26lt%3B%26amp%3B%26gt%3B&quot;'/+", "***");
    becomes("s3cret%3C%26%3E%22%27%2F%2B%25%5C+0123456789", "***");
    becomes("Zm9vOnMzY3JldDwmPiInLyslXCAwMTIzNDU2Nzg5", "***");
    becomes("x-Zm9vOnMzY3JldDwmPiInLyslXCAwMTIzNDU2Nzg5", "***");
    becomes("eyJhIjoiczNjcmV0PCY-Iicvwrs\" and words", "***\" and words");
    secrecy_forget();
    becomes("said " SECRET "!", "said " SECRET "!");
}

static void what_only_looks_like_an_escape_is_kept(void **state)
{
    (void)state;
    secrecy_keep("pa&#1w&#-&");
    becomes("p%61&#1w&#-&", "***");
    secrecy_forget();
}

static void each_of_several_secrets_is_blotted(void **state)
{
    (void)state;
    secrecy_keep("hunter2");
    secrecy_keep("correct horse");
    becomes("not hunter2, not correct horse", "not ***, not ***");
    secrecy_forget();
}

static void a_part_of_twelve_characters_is_blotted(void **state)
{
    (void)state;
    secrecy_keep("abcdefghijklmnopqrst");
    becomes("bcdefghijklmnopqrs", "***");
    becomes("xxabcdefghijklyy", "xx***yy");
    becomes("abcdefghijk-lmnopqrst", "abcdefghijk-lmnopqrst");
    becomes("abcdefghijkl mnopqrst", "*** mnopqrst");
    secrecy_forget();
}

static void a_short_secret_is_blotted_whole_in_foreign_text(void **state)
{
    struct buffer ours = BUFFER_EMPTY;

    (void)state;
    secrecy_keep("");
    secrecy_keep("hunter2");
    becomes("hunter2 hunter", "*** hunter");
    becomes("hunt%65r2", "***");
    becomes("aHVudGVyMg==", "***==");
    buffer_puts(&ours, "username or password is hunter2");
    secrecy_blot(&ours);
    assert_string_equal(ours.bytes, "username or password is hunter2");
    buffer_wipe(&ours);
    secrecy_forget();
}

/* secrecy keeps copies of its own, and a hostile text takes no longer than any other. */
static void a_long_text_takes_no_longer(void **state)
{
    struct buffer text = BUFFER_EMPTY;

    (void)state;
    for (int i = 0; i < 300000; i++)
        buffer_puts(&text, i % 2 ? "eyJ" : "eyJaaaaaaaa.a.");
    secrecy_blot(&text);
    assert_true(text.len > 0);
    buffer_wipe(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_blotted_anywhere),
        cmocka_unit_test(text_that_only_resembles_a_token_is_kept),
        cmocka_unit_test(a_single_word_can_be_a_token),
        cmocka_unit_test(a_secret_is_blotted_in_every_encoding),
        cmocka_unit_test(what_only_looks_like_an_escape_is_kept),
        cmocka_unit_test(each_of_several_secrets_is_blotted),
        cmocka_unit_test(a_part_of_twelve_characters_is_blotted),
        cmocka_unit_test(a_short_secret_is_blotted_whole_in_foreign_text),
        cmocka_unit_test(a_long_text_takes_no_longer),
    };

    return RUN(tests);
}
