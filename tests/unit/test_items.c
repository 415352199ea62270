/* Cutting items and cursors out of pages, friendly and hostile. */

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "pages/items.h"

/*
 * Cuts items from a copy that fills its memory exactly, NULs included, so that a memory checker
 * notices one byte too many.
 */
static const char *cut(struct items *items, struct buffer *copy, const char *text, size_t len,
                       long long max)
{
    *copy = (struct buffer){calloc(1, len + 8), len, len + 8};
    assert_non_null(copy->bytes);
    memcpy(copy->bytes, text, len);
    *items = (struct items){0};
    return items_cut(items, copy, max);
}

static void gives_at_most(const char *text, long long max, const char *lines, const char *cursor)
{
    struct items items;
    struct buffer copy;
    const char *wrong = cut(&items, &copy, text, strlen(text), max);
    long long count = 0;

    if (wrong)
        fail_msg("%s: %s", text, wrong);
    assert_int_equal(items.lines_len, strlen(lines));
    assert_memory_equal(items.lines, lines, strlen(lines));
    assert_string_equal(buffer_text(&items.cursor), cursor);
    for (; *lines; lines++)
        count += *lines == '\n';
    assert_int_equal(items.count, count);
    assert_int_equal(items.is_bare, *text == '[');
    buffer_wipe(&items.cursor);
    buffer_wipe(&copy);
}

static void gives(const char *text, const char *lines, const char *cursor)
{
    gives_at_most(text, LLONG_MAX, lines, cursor);
}

static void refused_bytes(const char *text, size_t len, const char *why)
{
    struct items items;
    struct buffer copy;
    const char *wrong = cut(&items, &copy, text, len, LLONG_MAX);

    if (!wrong)
        fail_msg("accepted: %s", text);
    assert_string_equal(wrong, why);
    buffer_wipe(&items.cursor);
    buffer_wipe(&copy);
}

static void refused(const char *text, const char *why)
{
    refused_bytes(text, strlen(text), why);
}

static const char not_json[] = "is not JSON; check the URL and api_base";
static const char no_list[] = "is not a list: it is neither an array nor an object with Items; leave out --all";

static void test_items_keep_their_bytes(void **state)
{
    (void)state;
    gives("{\"Items\":[{\"b\":19.99,\"a\":90071992547409931234,\"b\":1.50}]}",
          "{\"b\":19.99,\"a\":90071992547409931234,\"b\":1.50}\n", "");
    gives("{\"Items\":[\"\\u00e9\\/\\\"\\\\\",1e400,-0,null,true,[],{}]}",
          "\"\\u00e9\\/\\\"\\\\\"\n1e400\n-0\nnull\ntrue\n[]\n{}\n", "");
    gives("[1,\"\xc3\xa9\xf0\x9f\x8e\xb5\x7f\"]", "1\n\"\xc3\xa9\xf0\x9f\x8e\xb5\x7f\"\n", "");
    gives("[\"\\ud83d\"]", "\"\\ud83d\"\n", ""); /* half an emoji */
}

static void test_only_items_with_line_breaks_are_compacted(void **state)
{
    (void)state;
    gives(" { \"Items\" : [ {\"a\" : [1, 2]} , 3 ] } \n", "{\"a\" : [1, 2]}\n3\n", "");
    gives("[\r\n  {\r\n    \"a b\\\" c\" : [ 1,\t2 ]\r\n  },\n\n{ \"x\" : \"\\\\\" }\n]",
          "{\"a b\\\" c\":[1,2]}\n{ \"x\" : \"\\\\\" }\n", "");
}

static void test_a_page_may_have_no_items(void **state)
{
    (void)state;
    gives("[]", "", "");
    gives("[ ]", "", "");
    gives("{\"Items\":[],\"LastEvaluatedKey\":\"k\"}", "", "k");
}

static void test_no_more_items_than_the_maximum(void **state)
{
    (void)state;
    gives_at_most("[1,2,3]", 2, "1\n2\n", "");
    gives_at_most("[1,2,3]", 3, "1\n2\n3\n", "");
    gives_at_most("{\"Items\":[1,2],\"LastEvaluatedKey\":\"k\"}", 1, "1\n", "k");
}

static void test_only_the_page_s_own_keys_count(void **state)
{
    (void)state;
    gives("{\"x\":{\"Items\":[0],\"LastEvaluatedKey\":\"no\"},\"Items\":[{\"Items\":[1],"
          "\"LastEvaluatedKey\":\"no\"}],\"items\":2}",
          "{\"Items\":[1],\"LastEvaluatedKey\":\"no\"}\n", "");
    gives("{\"It\\u0065ms\":[1],\"\\u004castEvaluatedKey\":\"k\"}", "1\n", "k");
    refused("{\"Items\\u0000\":[1]}", no_list);
    refused("{\"Item\":[1],\"Itemss\":[1],\"It\\\\ems\":[1]}", no_list);
}

static void test_a_cursor_is_a_string_an_object_or_null(void **state)
{
    (void)state;
    gives("{\"LastEvaluatedKey\":\"a\\u00e9\\/\\n|#\",\"Items\":[1]}", "1\n", "a\xc3\xa9/\n|#");
    gives("{\"Items\":[1],\"LastEvaluatedKey\":{\"id\": \"\\u00e9\",\"n\":1.50}}", "1\n",
          "{\"id\": \"\\u00e9\",\"n\":1.50}");
    gives("{\"Items\":[1],\"LastEvaluatedKey\":{\n  \"id\" : \"a b\"\n}}", "1\n",
          "{\"id\":\"a b\"}");
    gives("{\"Items\":[1],\"LastEvaluatedKey\":null}", "1\n", "");
    gives("{\"Items\":[1],\"LastEvaluatedKey\":\"\"}", "1\n", "");
    gives("{\"Items\":[1],\"LastEvaluatedKey\":{ }}", "1\n", "");
    refused("{\"Items\":[1],\"LastEvaluatedKey\":7}",
            "has a LastEvaluatedKey that is neither a string nor an object; tell Rhythm's support");
    refused("{\"Items\":[1],\"LastEvaluatedKey\":[\"a\"]}",
            "has a LastEvaluatedKey that is neither a string nor an object; tell Rhythm's support");
    refused("{\"Items\":[1],\"LastEvaluatedKey\":\"a\\u0000b\"}",
            "has a LastEvaluatedKey that contains a NUL or half a character; tell Rhythm's support");
    refused("{\"Items\":[1],\"LastEvaluatedKey\":\"\\ud83d\"}",
            "has a LastEvaluatedKey that contains a NUL or half a character; tell Rhythm's support");
}

static void test_repeated_keys_are_refused(void **state)
{
    (void)state;
    refused("{\"Items\":[1],\"Items\":[2]}", "has Items twice; tell Rhythm's support");
    refused("{\"Items\":[1],\"Item\\u0073\":null}", "has Items twice; tell Rhythm's support");
    refused("{\"Items\":[1],\"Items\":[2],\"LastEvaluatedKey\":\"k\"}", "has Items twice; tell Rhythm's support");
    refused("{\"LastEvaluatedKey\":\"a\",\"Items\":[1],\"LastEvaluatedKey\":\"b\"}",
            "has LastEvaluatedKey twice; tell Rhythm's support");
}

static void test_what_is_not_a_list_is_refused(void **state)
{
    (void)state;
    refused("{}", no_list);
    refused("{\"message\":\"hello\"}", no_list);
    refused("\"Items\"", no_list);
    refused("17", no_list);
    refused("null", no_list);
    refused("{\"Items\":{\"0\":1}}", "has Items that are not an array; tell Rhythm's support");
    refused("{\"Items\":null}", "has Items that are not an array; tell Rhythm's support");
}

static void test_what_is_not_json_is_refused(void **state)
{
    static const char *const texts[] = {
        "", " ", "<!DOCTYPE html>", "[1,]", "[,1]", "[1 2]", "[1}", "{\"Items\":[1]", "[01]",
        "[1.]", "[.5]", "[-]", "[1e]", "[+1]", "[NaN]", "[tru]", "[truex]", "['a']",
        "[\"\t\"]", "[\"\n\"]", "[\"\\x41\"]", "[\"\\u12g4\"]", "[\"\\\"]", "[\"a]",
        "{\"Items\":[1],}", "{Items:[1]}", "{\"Items\" [1]}", "{\"Items\":[1]}x", "[1][2]",
        "[1]]", "{\"Items\":[1]}{\"Items\":[2]}", "\xef\xbb\xbf[1]", "[1/**/]", "\"a", "[\"\\",
        "[\"\\u", "[\"\\u123", "[\"\xc3",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        refused(texts[i], not_json);
    refused_bytes("[1]\0", 4, not_json);
    refused_bytes("[\"a\0b\"]", 7, not_json);
    refused_bytes("{\"Items\":[1],\0\"a\":1}", 20, not_json);
}

static void test_every_truncated_page_is_refused(void **state)
{
    static const char page[] = "{\"Count\":2,\"Items\":[{\"a\":\"\\u00e9\xc3\xa9\",\"n\":-1.5e+7},"
                               "true],\"LastEvaluatedKey\":{\"id\":\"\\\\\"}}";

    (void)state;
    for (size_t len = 0; len < sizeof page - 1; len++)
        refused_bytes(page, len, not_json);
}

static void test_a_string_of_8_mib_is_kept(void **state)
{
    const size_t len = 8u << 20;
    char *text = malloc(len + 1);
    struct items items;
    struct buffer copy;

    (void)state;
    assert_non_null(text);
    memset(text, 'a', len);
    text[len] = '\0';
    memcpy(text, "[\"", 2);
    memcpy(text + len - 2, "\"]", 2);
    assert_null(cut(&items, &copy, text, len, LLONG_MAX));
    assert_int_equal(items.lines_len, len - 1);
    assert_int_equal(items.lines[items.lines_len - 1], '\n');
    buffer_wipe(&copy);
    free(text);
}

/* --- side by side with jansson ------------------------------------------------------------- */

/*
 * Reads one text with both. We accept and reject what jansson does, except for numbers that it
 * cannot represent and lone surrogates.
 */
static void judged_alike(const char *text, size_t len)
{
    struct items items;
    struct buffer copy;
    json_error_t error;
    json_t *json = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    const char *wrong = cut(&items, &copy, text, len, LLONG_MAX);
    int taken = !wrong || strcmp(wrong, not_json) != 0;

    if (json && !taken)
        fail_msg("only jansson takes %.*s", (int)len, text);
    if (!json && taken && json_error_code(&error) != json_error_numeric_overflow &&
        !strstr(error.text, "invalid Unicode"))
        fail_msg("jansson does not take %.*s: %s", (int)len, text, error.text);
    json_decref(json);
    buffer_wipe(&items.cursor);
    buffer_wipe(&copy);
}

static void test_every_short_text_is_judged_as_by_jansson(void **state)
{
    static const char alphabet[] = "[]{},:\"\\0-1.e n";
    const size_t letters = sizeof alphabet - 1;
    char text[5];

    (void)state;
    for (size_t len = 0, count = 1; len <= sizeof text; len++, count *= letters)
        for (size_t number = 0; number < count; number++) {
            for (size_t i = 0, rest = number; i < len; i++, rest /= letters)
                text[i] = alphabet[rest % letters];
            judged_alike(text, len);
        }
}

static void test_every_encoding_is_judged_as_by_jansson(void **state)
{
    static const unsigned char edges[] = {'a', 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0};
    const size_t count = sizeof edges;
    char text[8] = "[\"";

    (void)state;
    memcpy(text + 6, "\"]", 2);
    for (int first = 0; first < 256; first++)
        for (size_t n = 0; n < count * count * count; n++) {
            text[2] = (char)first;
            text[3] = (char)edges[n % count];
            text[4] = (char)edges[n / count % count];
            text[5] = (char)edges[n / count / count];
            judged_alike(text, sizeof text);
        }
}

static void nested_alike(int depth, const char *open, const char *inner, const char *close)
{
    struct buffer text = BUFFER_EMPTY;

    for (int i = 0; i < depth; i++)
        buffer_puts(&text, open);
    buffer_puts(&text, inner);
    for (int i = 0; i < depth; i++)
        buffer_puts(&text, close);
    judged_alike(text.bytes, text.len);
    buffer_wipe(&text);
}

static void test_deep_nesting_is_judged_as_by_jansson(void **state)
{
    (void)state;
    for (int depth = 2040; depth < 2056; depth++) {
        nested_alike(depth, "[", "", "]");
        nested_alike(depth, "[", "1", "]");
        nested_alike(depth, "{\"a\":", "{}", "}");
        nested_alike(depth, "{\"Items\":[", "", "]}");
    }
    nested_alike(1000000, "[", "", "");
    nested_alike(1000000, "{\"a\":", "", "");
}

static void test_damaged_pages_are_judged_as_by_jansson(void **state)
{
    static const char *const pages[] = {
        "{\"Count\":2,\"Items\":[{\"id\":\"c-1\",\"n\":-12.50e-3},[true,false,null]],"
        "\"LastEvaluatedKey\":\"acme|c-1#\\/+=& \\u00e9\"}",
        "[ { \"a\" : \"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5\" , \"b\" : [ ] } , \"\\ud83c\\udfb5\" ]",
        "{\"Items\":[{\n\t\"x\": 0,\r\n\t\"y\": \"\\\\\\\"\\b\\f\\n\\r\\t\"\n}],\"z\":{}}",
    };
    static const char bytes[] = "[]{},:\"\\/0123456789+-.eEtrufalsnx \n\t\r\x01\x7f\x80\xbf\xc3\xf0";
    uint64_t random = 88172645463325252u; /* xorshift: the same damage every time */
    char text[256];

    (void)state;
    for (int round = 0; round < 300000; round++) {
        const char *page = pages[round % 3];
        size_t len = strlen(page);

        memcpy(text, page, len);
        for (int damage = round % 4; damage >= 0; damage--) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            text[random % len] = bytes[random / 1024 % (sizeof bytes - 1)];
        }
        judged_alike(text, len);
    }
}

static void guesses(const char *text, const char *cursor)
{
    struct buffer page = BUFFER_EMPTY;
    struct buffer guess = BUFFER_EMPTY;

    buffer_puts(&page, text);
    items_guess(&page, &guess);
    assert_string_equal(buffer_text(&guess), cursor);
    assert_string_equal(page.bytes, text);
    buffer_wipe(&page);
    buffer_wipe(&guess);
}

static void test_the_cursor_is_guessed_from_the_end(void **state)
{
    (void)state;
    guesses("{\"Items\":[1,2],\"LastEvaluatedKey\":\"a\"}", "a");
    guesses("{\"Items\":[1],\"LastEvaluatedKey\" : \"\\u0061\\\"\" } \n", "a\"");
    guesses("{\"Items\":[1],\"LastEvaluatedKey\":{\n\"id\" : 1}}", "{\"id\":1}");
    guesses("{\"LastEvaluatedKey\":\"a\",\"Items\":[{\"LastEvaluatedKey\":\"b\"}],\"LastEvaluatedKey\":\"c\"}", "c");
    /* This need not be a page: it is refused later. */
    guesses("<html>\"LastEvaluatedKey\":\"a\"}", "a");
}

static void test_no_cursor_is_guessed(void **state)
{
    (void)state;
    guesses("", "");
    guesses("{\"Items\":[1]}", "");
    guesses("{\"Items\":[1],\"LastEvaluatedKey\":null}", "");
    guesses("{\"Items\":[1],\"LastEvaluatedKey\":\"\"}", "");
    guesses("{\"Items\":[1],\"LastEvaluatedKey\":{}}", "");
    guesses("{\"LastEvaluatedKey\":\"a\",\"Items\":[1]}", "");
    guesses("{\"Items\":[{\"LastEvaluatedKey\":\"a\"}]}", "");
    guesses("[{\"LastEvaluatedKey\":\"a\"}]", "");
    guesses("{\"Items\":[1],\"LastEvaluatedKey\":\"a", "");
    guesses("{\"Items\":[1],\"LastEvaluatedKey\":", "");
    guesses("{\"Items\":[1],\"LastEvaluatedKey\"", "");
    guesses("{\"Items\":[1],\"LastEvaluatedKey\":\"\\u0000\"}", "");
}

static void test_one_value_is_one_line(void **state)
{
    static const char *const good[][2] = {{"{\"a\" : 1}", "{\"a\" : 1}\n"}, {" 5", "5\n"},
                                          {"[1,\r\n 2]\n", "[1,2]\n"},       {"\"\"", "\"\"\n"}};
    static const char *const bad[] = {"", " ", "{", "1 2", "{}x", "<html>"};
    struct items items = {0};
    struct buffer text = BUFFER_EMPTY;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        buffer_set(&text, good[i][0]);
        assert_null(items_cut_value(&items, &text));
        assert_int_equal(items.lines_len, strlen(good[i][1]));
        assert_memory_equal(items.lines, good[i][1], items.lines_len);
        assert_int_equal(items.count, 1);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        buffer_set(&text, bad[i]);
        assert_string_equal(items_cut_value(&items, &text), not_json);
    }
    buffer_wipe(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_keep_their_bytes),
        cmocka_unit_test(test_only_items_with_line_breaks_are_compacted),
        cmocka_unit_test(test_a_page_may_have_no_items),
        cmocka_unit_test(test_the_cursor_is_guessed_from_the_end),
        cmocka_unit_test(test_no_cursor_is_guessed),
        cmocka_unit_test(test_one_value_is_one_line),
        cmocka_unit_test(test_no_more_items_than_the_maximum),
        cmocka_unit_test(test_only_the_page_s_own_keys_count),
        cmocka_unit_test(test_a_cursor_is_a_string_an_object_or_null),
        cmocka_unit_test(test_repeated_keys_are_refused),
        cmocka_unit_test(test_what_is_not_a_list_is_refused),
        cmocka_unit_test(test_what_is_not_json_is_refused),
        cmocka_unit_test(test_every_truncated_page_is_refused),
        cmocka_unit_test(test_a_string_of_8_mib_is_kept),
        cmocka_unit_test(test_every_short_text_is_judged_as_by_jansson),
        cmocka_unit_test(test_every_encoding_is_judged_as_by_jansson),
        cmocka_unit_test(test_deep_nesting_is_judged_as_by_jansson),
        cmocka_unit_test(test_damaged_pages_are_judged_as_by_jansson),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
