/*
 * seal: an entry of a shared cache opens only with the secret and the identity that it was sealed
 * with, within its lifetime by the store's clock, and tells anybody else nothing.
 */

#include "unit.h"

#include "base/attributes.h"
#include "base/kv.h"
#include "jwt/seal.h"

#define IDENTITY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SECRET "a client secret of some length"
#define TOKEN "eyJhbGciOiJub25lIn0.eyJleHAiOjE3OTU3MTkxMjl9.c2lnbmF0dXJl"
#define STORED_AT 1795632729LL
#define LIFE 86400LL

/* Asks a verb with these lines; the caller wipes the answer. */
static void ask(int (*run)(const struct attributes *request, struct buffer *answer),
                struct buffer *lines, struct attributes *answer)
{
    struct attributes request = {0};
    struct buffer text = BUFFER_EMPTY;

    assert_int_equal(attributes_parse(&request, lines), 0);
    assert_int_equal(run(&request, &text), 0);
    assert_int_equal(attributes_parse(answer, &text), 0);
    attributes_wipe(&request);
}

static void seal(const char *secret, const char *identity, struct buffer *entry)
{
    struct buffer lines = BUFFER_EMPTY;
    struct attributes answer = {0};

    kv_put(&lines, "client_secret", secret);
    kv_put(&lines, "identity", identity);
    kv_put(&lines, "token", TOKEN);
    kv_put_number(&lines, "stored_at", STORED_AT);
    kv_put_number(&lines, "life", LIFE);
    ask(seal_close, &lines, &answer);
    assert_true(attribute_take(&answer, "entry", entry));
    attributes_wipe(&answer);
}

static void open_sealed(const char *secret, const char *identity, const char *entry, long long now,
                        struct attributes *answer)
{
    struct buffer lines = BUFFER_EMPTY;

    kv_put(&lines, "client_secret", secret);
    kv_put(&lines, "identity", identity);
    kv_put(&lines, "entry", entry);
    kv_put_number(&lines, "now", now);
    ask(seal_open, &lines, answer);
}

/* Opens it, which has to be refused with a message that contains these words, and nothing else. */
static void refused(const char *secret, const char *identity, const char *entry, long long now,
                    const char *words)
{
    struct attributes answer = {0};

    open_sealed(secret, identity, entry, now, &answer);
    assert_non_null(strstr(attribute(&answer, "refused"), words));
    assert_null(attributes_pair(&answer, 1));
    attributes_wipe(&answer);
}

static void an_entry_opens_during_its_lifetime(void **state)
{
    static const long long good[] = {STORED_AT - 60, STORED_AT, STORED_AT + LIFE - 1};
    struct buffer entry = BUFFER_EMPTY;

    (void)state;
    seal(SECRET, IDENTITY, &entry);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct attributes answer = {0};

        open_sealed(SECRET, IDENTITY, entry.bytes, good[i], &answer);
        assert_string_equal(attribute(&answer, "token"), TOKEN);
        assert_int_equal(attribute_number(&answer, "stored_at", 0), STORED_AT);
        assert_int_equal(attribute_number(&answer, "life", 0), LIFE);
        assert_string_equal(attribute(&answer, "refused"), "");
        attributes_wipe(&answer);
    }
    refused(SECRET, IDENTITY, entry.bytes, STORED_AT + LIFE, "has expired");
    refused(SECRET, IDENTITY, entry.bytes, STORED_AT - 61, "in the future");
    buffer_wipe(&entry);
}

static void an_entry_opens_only_with_its_secret_and_identity(void **state)
{
    struct buffer entry = BUFFER_EMPTY, again = BUFFER_EMPTY;

    (void)state;
    seal(SECRET, IDENTITY, &entry);
    seal(SECRET, IDENTITY, &again);
    assert_string_not_equal(entry.bytes, again.bytes); /* each has its own nonce */
    assert_null(strstr(entry.bytes, SECRET));
    refused("another secret", IDENTITY, entry.bytes, STORED_AT, "another client secret");
    refused(SECRET, OTHER, entry.bytes, STORED_AT, "another identity");
    buffer_wipe(&entry);
    buffer_wipe(&again);
}

/* Every character is changed to another valid one. */
static void a_changed_entry_does_not_open(void **state)
{
    struct buffer entry = BUFFER_EMPTY;

    (void)state;
    seal(SECRET, IDENTITY, &entry);
    for (size_t i = 0; i < entry.len; i++) {
        char was = entry.bytes[i];

        entry.bytes[i] = was == '0' ? '1' : '0';
        refused(SECRET, IDENTITY, entry.bytes, STORED_AT, "");
        entry.bytes[i] = was;
    }
    for (size_t len = entry.len; len-- > 0;) {
        buffer_truncate(&entry, len);
        refused(SECRET, IDENTITY, entry.bytes, STORED_AT, "");
    }
    buffer_wipe(&entry);
}

static void digests_are_those_of_sha256(void **state)
{
    struct buffer lines = BUFFER_EMPTY;
    struct attributes answer = {0};

    (void)state;
    kv_put(&lines, "identity", "abc"); /* FIPS 180-4's own example */
    kv_put(&lines, "issuer", "");
    ask(seal_digest, &lines, &answer);
    assert_string_equal(attribute(&answer, "identity"),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(attribute(&answer, "customer"),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    attributes_wipe(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_opens_during_its_lifetime),
        cmocka_unit_test(an_entry_opens_only_with_its_secret_and_identity),
        cmocka_unit_test(a_changed_entry_does_not_open),
        cmocka_unit_test(digests_are_those_of_sha256),
    };

    return RUN(tests);
}
