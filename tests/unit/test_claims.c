/* claims: from a payload to lines, and that no plain claim passes for Rhythm's own. */

#include "unit.h"

#include <jansson.h>

#include "base/attributes.h"
#include "jwt/base64url.h"
#include "jwt/claims.h"

#define NS "http://rhythmsoftware.com/"

static void check(const char *payload, const char *wanted)
{
    struct buffer claims = BUFFER_EMPTY;
    json_t *object = json_loads(payload, JSON_ALLOW_NUL, NULL);

    assert_non_null(object);
    assert_int_equal(claims_put_lines(&claims, object), 0);
    assert_string_equal(buffer_text(&claims), wanted);
    json_decref(object);
    buffer_wipe(&claims);
}

/* What rhythm-jwt answers for a token with that payload; the caller wipes it. */
static void decode(const char *payload, struct attributes *answer)
{
    struct buffer token = BUFFER_EMPTY, text = BUFFER_EMPTY;

    buffer_puts(&token, "eyJhbGciOiJub25lIn0.");
    base64url_encode((const unsigned char *)payload, strlen(payload), &token);
    buffer_puts(&token, ".c2ln");
    claims_put_decoded(&text, token.bytes);
    assert_int_equal(attributes_parse(answer, &text), 0);
    buffer_wipe(&token);
}

static void check_times(const char *payload, long long exp, long long iat)
{
    struct attributes answer = {0};

    decode(payload, &answer);
    assert_string_equal(attribute(&answer, "wrong"), "");
    assert_true(attribute_number(&answer, "token_exp", -1) == exp);
    assert_true(attribute_number(&answer, "iat", -1) == iat);
    attributes_wipe(&answer);
}

static void each_kind_of_value_has_its_form(void **state)
{
    (void)state;
    check("{}", "");
    check("{\"t\":true,\"f\":false,\"n\":null,\"s\":\"\"}", "f=false\nn=null\ns=\nt=true\n");
    check("{\"ea\":[],\"eo\":{}}", "ea=[]\neo={}\n");
    check("{\"a\":[2,1,[3,[]]],\"b\":[{\"c\":1},{\"c\":2}]}",
          "a=2\na=1\na=3\na=[]\nb.c=1\nb.c=2\n");
    check("{\"x\":19.99,\"y\":0.1,\"z\":-1.5e300,\"i\":9007199254740993}",
          "i=9007199254740993\nx=19.99\ny=0.1\nz=-1.5e300\n");
    check("{\"s\":\"a\\u0000b\\n\"}", "s=a\\x00b\\n\n");
}

static void claims_are_sorted_bytewise(void **state)
{
    (void)state;
    check("{\"b\":1,\"a.b\":2,\"a\":3,\"B\":4,\"a-\":5,\"ab\":6}",
          "B=4\na=3\na-=5\na.b=2\nab=6\nb=1\n");
}

static void no_plain_claim_passes_for_rhythms(void **state)
{
    (void)state;
    check("{\"" NS "tenant_id\":\"t\",\"tenant_id\":\"x\"}", "plain.tenant_id=x\ntenant_id=t\n");
    check("{\"contact_id\":\"x\",\"customer_id\":\"y\"}",
          "plain.contact_id=x\nplain.customer_id=y\n");
    check("{\"" NS "other\":1,\"other\":2,\"third\":3}", "other=1\nplain.other=2\nthird=3\n");
    check("{\"" NS "exp\":1,\"exp\":2,\"" NS "\":3}",
          "exp=2\nhttp://rhythmsoftware.com/=3\nhttp://rhythmsoftware.com/exp=1\n");
    check("{\"https://rhythmsoftware.com/tenant_id\":1,\"HTTP://rhythmsoftware.com/tenant_id\":2}",
          "HTTP://rhythmsoftware.com/tenant_id=2\nhttps://rhythmsoftware.com/tenant_id=1\n");
}

static void exp_and_iat_become_numbers(void **state)
{
    (void)state;
    check_times("{ \"exp\": 1700000000.9, \"iat\": 5 }", 1700000000, 5);
    check_times("{\"exp\":\"5\",\"iat\":1e300}", 0, 0);
    check_times("{}", 0, 0);
}

static void the_payload_becomes_one_line(void **state)
{
    struct attributes answer = {0};

    (void)state;
    decode("{ \"a\": 19.99,\n \"b\": [ 1 ] }", &answer);
    assert_string_equal(attribute(&answer, "payload"), "{\"a\":19.99,\"b\":[1]}");
    assert_string_equal(attribute(&answer, "claims"), "a=19.99\nb=1\n");
    attributes_wipe(&answer);
}

static void a_payload_that_is_not_an_object_is_refused(void **state)
{
    static const char *const wrong[] = {"", "[]", "1", "null", "\"s\"", "{", "{\"a\":1}x",
                                        "{\"a\":\"\xff\"}", "{\"a\":9223372036854775808}",
                                        "{\"a\":\"\\u0000\"}"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct attributes answer = {0};

        decode(wrong[i], &answer);
        assert_non_null(strstr(attribute(&answer, "wrong"), "its payload is not a JSON object"));
        assert_string_equal(attribute(&answer, "remedy"), "run rhythm-check - and paste it");
        assert_null(attributes_pair(&answer, 2)); /* nothing of the payload */
        attributes_wipe(&answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_value_has_its_form),
        cmocka_unit_test(claims_are_sorted_bytewise),
        cmocka_unit_test(no_plain_claim_passes_for_rhythms),
        cmocka_unit_test(exp_and_iat_become_numbers),
        cmocka_unit_test(the_payload_becomes_one_line),
        cmocka_unit_test(a_payload_that_is_not_an_object_is_refused),
    };

    return RUN(tests);
}
