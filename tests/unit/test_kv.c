/* kv: what is written is read back byte for byte, and nothing else is read. */

#include "unit.h"

#include "base/attributes.h"
#include "base/kv.h"
#include "base/text.h"

#define STRING(text) text, sizeof(text) - 1

static void each_value_has_one_form(void **state)
{
    static const struct {
        const char *value;
        size_t len;
        const char *line;
    } cases[] = {
        {STRING(""), "k=\n"},
        {STRING("plain = text"), "k=plain = text\n"},
        {STRING("a\nb\rc\td\\"), "k=a\\nb\\rc\\td\\\\\n"},
        {STRING("\0\x01\x1b\x1f\x7f"), "k=\\x00\\x01\\x1b\\x1f\\x7f\n"},
        {STRING("\xc2\x80\xc2\x9f"), "k=\\xc2\\x80\\xc2\\x9f\n"}, /* the first and last of C1 */
        {STRING("\xc2\xa0\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5"),
         "k=\xc2\xa0\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5\n"},
        {STRING("\xff\xc0\x80\xe0\x80\x80"), "k=\\xff\\xc0\\x80\\xe0\\x80\\x80\n"}, /* overlong */
        {STRING("\xed\xa0\x80"), "k=\\xed\\xa0\\x80\n"},                           /* a surrogate */
        {STRING("\xf4\x90\x80\x80\xf5"), "k=\\xf4\\x90\\x80\\x80\\xf5\n"}, /* beyond U+10FFFF */
        {STRING("\xe2\x82"), "k=\\xe2\\x82\n"},                            /* cut */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = BUFFER_EMPTY;
        struct kv_reader reader;
        struct kv_pair pair;

        kv_put_bytes(&out, "k", cases[i].value, cases[i].len);
        assert_string_equal(out.bytes, cases[i].line);
        reader = kv_reader(out.bytes, out.len);
        assert_int_equal(kv_next(&reader, &pair), 1);
        assert_string_equal(pair.key, "k");
        assert_int_equal(pair.value_len, cases[i].len);
        assert_memory_equal(pair.value, cases[i].value, cases[i].len);
        assert_int_equal(pair.value[pair.value_len], 0);
        assert_int_equal(kv_next(&reader, &pair), 0);
        buffer_wipe(&out);
    }
}

/* Every pair of bytes, and so every escape, survives the round trip. */
static void all_bytes_come_back(void **state)
{
    char value[256 * 256 * 2];
    struct buffer out = BUFFER_EMPTY;
    struct kv_reader reader;
    struct kv_pair pair;

    (void)state;
    for (size_t i = 0; i < sizeof value / 2; i++) {
        value[2 * i] = (char)(i >> 8);
        value[2 * i + 1] = (char)i;
    }
    kv_put_bytes(&out, "all", value, sizeof value);
    assert_int_equal(strlen(out.bytes), out.len);
    assert_ptr_equal(strchr(out.bytes, '\n'), out.bytes + out.len - 1);
    assert_int_equal(text_has_controls(out.bytes, out.len - 1), 0);
    reader = kv_reader(out.bytes, out.len);
    assert_int_equal(kv_next(&reader, &pair), 1);
    assert_int_equal(pair.value_len, sizeof value);
    assert_memory_equal(pair.value, value, sizeof value);
    buffer_wipe(&out);
}

static void keys_hold_no_equals_sign_and_no_newline(void **state)
{
    struct buffer out = BUFFER_EMPTY;

    (void)state;
    for (int c = 1; c < 256; c++) {
        char byte = (char)c;

        kv_escape_key(&out, &byte, 1);
    }
    assert_null(strchr(out.bytes, '='));
    assert_null(strchr(out.bytes, '\n'));
    buffer_truncate(&out, 0);
    kv_escape_key(&out, STRING("a b=%/:@-._\xc3\xa9"));
    assert_string_equal(out.bytes, "a%20b%3D%25/:@-._%C3%A9");
    buffer_wipe(&out);
}

static void a_line_without_a_pair_is_reported_and_skipped(void **state)
{
    static const char *const lines[] = {
        "", "no pair", "=x", "a b=x", "a\tb=x", "k=a\\q", "k=a\\", "k=\\x", "k=\\x1", "k=\\x1g",
        "k=\x1b", "k=\x7f", "k=\xc2\x9b", "k=\xff", "k=\t", "\xc3\xa9=x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct buffer text = BUFFER_EMPTY;
        struct kv_reader reader;
        struct kv_pair pair;

        buffer_printf(&text, "%s\nnext=1\n", lines[i]);
        reader = kv_reader(text.bytes, text.len);
        assert_int_equal(kv_next(&reader, &pair), -1);
        assert_int_equal(reader.line, 1);
        assert_int_equal(kv_next(&reader, &pair), 1);
        assert_int_equal(reader.line, 2);
        assert_string_equal(pair.value, "1");
        assert_int_equal(kv_next(&reader, &pair), 0);
        buffer_wipe(&text);
    }
}

static void an_unterminated_last_line_is_not_a_pair(void **state)
{
    char text[] = "a=1\nb=2";
    struct kv_reader reader = kv_reader(text, strlen(text));
    struct kv_pair pair;

    (void)state;
    assert_int_equal(kv_next(&reader, &pair), 1);
    assert_int_equal(kv_next(&reader, &pair), -1);
    assert_int_equal(kv_next(&reader, &pair), 0);
}

static void a_raw_nul_spoils_only_its_line(void **state)
{
    char text[] = "a\0b=1\nc=x\0y\nd=1\n";
    struct kv_reader reader = kv_reader(text, sizeof text - 1);
    struct kv_pair pair;

    (void)state;
    assert_int_equal(kv_next(&reader, &pair), -1);
    assert_int_equal(kv_next(&reader, &pair), -1);
    assert_int_equal(kv_next(&reader, &pair), 1);
    assert_string_equal(pair.key, "d");
}

static void only_whole_numbers_are_numbers(void **state)
{
    static const char *const wrong[] = {"", "-", "+1", " 1", "1 ", "1.5", "0x1", "1e3", "--1", "a",
                                        "9223372036854775808", "-9223372036854775809"};
    long long number = 0;

    (void)state;
    assert_int_equal(kv_number("9223372036854775807", &number), 0);
    assert_true(number == INT64_MAX);
    assert_int_equal(kv_number("-9223372036854775808", &number), 0);
    assert_true(number == INT64_MIN);
    assert_int_equal(kv_number("0", &number), 0);
    assert_true(number == 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(kv_number(wrong[i], &number), -1);
}

static void a_message_keeps_its_backslashes(void **state)
{
    struct buffer out = BUFFER_EMPTY;

    (void)state;
    text_escape_controls(&out, STRING("a\\b\n\x1b[0m"));
    assert_string_equal(out.bytes, "a\\b\\n\\x1b[0m");
    buffer_wipe(&out);
}

static void a_part_is_escaped_to_its_end_only(void **state)
{
    struct buffer out = BUFFER_EMPTY;

    (void)state;
    text_escape(&out, "\nab~~~~~~~~", 3);
    assert_string_equal(out.bytes, "\\nab");
    buffer_wipe(&out);
}

/* Eight bytes are checked at a time: none may hide behind its neighbors. */
static void a_byte_is_judged_alike_wherever_it_is_among_eight(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++)
        for (size_t at = 0; at < 19; at++) {
            char value[19];
            int is_plain = byte >= 0x20 && byte < 0x7f;
            struct buffer out = BUFFER_EMPTY;

            memset(value, at % 2 ? '~' : ' ', sizeof value);
            value[at] = (char)byte;
            assert_int_equal(text_has_controls(value, sizeof value), !is_plain);
            text_escape(&out, value, sizeof value);
            assert_int_equal(out.len == sizeof value, is_plain && byte != '\\');
            buffer_wipe(&out);
        }
}

/* The key of a pair that was read is escaped already; it must not be escaped twice. */
static void pairs_are_written_as_they_were_read(void **state)
{
    static const char lines[] = "quota.a%20b=1\\n\nother=2\nquota.c=\xc3\xa9\n";
    struct attributes message = {0};
    struct buffer text = BUFFER_EMPTY;
    struct buffer out = BUFFER_EMPTY;

    (void)state;
    buffer_puts(&text, lines);
    assert_int_equal(attributes_parse(&message, &text), 0);
    attributes_put(&message, "quota.", &out);
    assert_string_equal(out.bytes, "quota.a%20b=1\\n\nquota.c=\xc3\xa9\n");
    attributes_wipe(&message);
    buffer_wipe(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_has_one_form),
        cmocka_unit_test(all_bytes_come_back),
        cmocka_unit_test(keys_hold_no_equals_sign_and_no_newline),
        cmocka_unit_test(a_line_without_a_pair_is_reported_and_skipped),
        cmocka_unit_test(an_unterminated_last_line_is_not_a_pair),
        cmocka_unit_test(a_raw_nul_spoils_only_its_line),
        cmocka_unit_test(pairs_are_written_as_they_were_read),
        cmocka_unit_test(only_whole_numbers_are_numbers),
        cmocka_unit_test(a_message_keeps_its_backslashes),
        cmocka_unit_test(a_part_is_escaped_to_its_end_only),
        cmocka_unit_test(a_byte_is_judged_alike_wherever_it_is_among_eight),
    };

    return RUN(tests);
}
