/* url: where a token may go, and that what was typed arrives as meant. */

#include "unit.h"

#include "base/message.h"
#include "base/uri.h"
#include "token/url.h"

static void invalid_bases_are_refused(void **state)
{
    static const char *const good[] = {
        "https://{service}.api.rhythmsoftware.com", "https://x.example/{service}-v1",
        "https://x.example:8443/a/b", "http://127.0.0.1:80/{service}", "http://127.9.9.9",
        "http://[::1]:8080", "http://localhost", "HTTP://LOCALHOST:1",
    };
    static const char *const bad[] = {
        "", "x.example", "ftp://x.example", "https://", "https:///x", "http://x.example",
        "http://127.0.0.1.x.example", "http://localhost.x.example", "http://127.0.0.1@x.example",
        "http://0x7f.1", "http://[::1]x", "http://[::2]", "https://a@x.example",
        "https://x.example:", "https://x.example:123456", "https://x.example:a",
        "https://x.example/?a", "https://x.example/#a", "https://x.example/../y",
        "https://x example", "https://x.example/a b", "https://x\\.example",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_null(url_base_problem(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(url_base_problem(bad[i]));
}

static void reserved_bytes_are_encoded(void **state)
{
    struct buffer out = BUFFER_EMPTY;

    (void)state;
    uri_encode(&out, "aZ9-._~ /?#%&=+|\0\xc3\xa9", 19);
    assert_string_equal(out.bytes, "aZ9-._~%20%2F%3F%23%25%26%3D%2B%7C%00%C3%A9");
    buffer_wipe(&out);
}

/* Builds the URL of up to three operands into out; returns the status. */
static int build(const char *api_base, const char *a, const char *b, const char *c,
                 struct buffer *out)
{
    const char *operands[] = {a, b, c};
    struct url_request request;
    int status = url_request_parse(&request, operands, c ? 3 : b ? 2 : 1);

    request.claims[0] = "acme.org";
    request.claims[2] = "cust/1";
    return status == STATUS_OK ? url_build(&request, api_base, out) : status;
}

static void urls_are_built_or_refused(void **state)
{
    static const char dotted[] = "https://{service}.api.rhythmsoftware.com";
    static const struct {
        const char *api_base, *a, *b, *c;
        const char *url; /* NULL: refused */
    } cases[] = {
        {dotted, "rolodex", "contacts/{tenantId}", NULL,
         "https://rolodex.api.rhythmsoftware.com/contacts/acme.org"},
        {dotted, "rolodex", "/contacts/{tenant_id}/{id}", "id=a/b|c d",
         "https://rolodex.api.rhythmsoftware.com/contacts/acme.org/a%2Fb%7Cc%20d"},
        {dotted, "rolodex", "c/{customerId}?x=1", "q==a b&c",
         "https://rolodex.api.rhythmsoftware.com/c/cust%2F1?x=1&q=a%20b%26c"},
        {dotted, "rolodex", "a%2Fb#c|d", NULL,
         "https://rolodex.api.rhythmsoftware.com/a%2Fb%23c%7Cd"},
        {dotted, "https://api.rhythmsoftware.com/rolodex-v1/contacts", NULL, NULL,
         "https://api.rhythmsoftware.com/rolodex-v1/contacts"}, /* the other published style */
        {dotted, "HTTPS://Rolodex.API.rhythmsoftware.com:443/x", NULL, NULL,
         "https://rolodex.api.rhythmsoftware.com/x"},
        {dotted, "https://rolodex.api.rhythmsoftware.com.evil.example/x", NULL, NULL, NULL},
        {dotted, "https://rolodex.api.rhythmsoftware.com@evil.example/x", NULL, NULL, NULL},
        {dotted, "https://evil.example/rolodex.api.rhythmsoftware.com", NULL, NULL, NULL},
        {dotted, "http://rolodex.api.rhythmsoftware.com/x", NULL, NULL, NULL},
        {dotted, "https://a.b.api.rhythmsoftware.com/x", NULL, NULL, NULL},
        {dotted, "https://rolodex.api.rhythmsoftware.com:444/x", NULL, NULL, NULL},
        {"https://x.example/base/", "https://x.example/base/y", NULL, NULL,
         "https://x.example/base/y"},
        {"https://x.example/base", "https://x.example/basement/y", NULL, NULL, NULL},
        {"https://x.example/base", "https://x.example/base/../y", NULL, NULL, NULL},
        {dotted, "rolodex", "a/%2e%2E/b", NULL, NULL},
        {dotted, "rolodex", "a//b", NULL, NULL},
        {dotted, "rolodex", "a/{id}/b", "id=..", NULL},
        {dotted, "rolodex", "a/{id}", "id=", NULL},
        {dotted, "rolodex", "a/{contactId}", NULL, NULL},
        {dotted, "rolodex", "a/{nothing}", NULL, NULL},
        {dotted, "rolodex", "a", "id=unused", NULL},
        {dotted, "Rolodex", "a", NULL, NULL},
        {dotted, "rolodex", "a", "novalue", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = BUFFER_EMPTY;
        int status = build(cases[i].api_base, cases[i].a, cases[i].b, cases[i].c, &out);

        if (cases[i].url) {
            assert_int_equal(status, STATUS_OK);
            assert_string_equal(out.bytes, cases[i].url);
        } else {
            assert_true(status == STATUS_BAD_INPUT || status == STATUS_USAGE);
        }
        buffer_wipe(&out);
    }
}

static void only_the_needed_claims_are_used(void **state)
{
    static const char *const operands[] = {"rolodex", "{tenantId}/{customer_id}/{id}", "id=1",
                                           "customer_id=2"};
    struct buffer out = BUFFER_EMPTY;
    struct url_request request;

    (void)state;
    assert_int_equal(url_request_parse(&request, operands, 4), STATUS_OK);
    request.claims[0] = "acme.org";
    assert_int_equal(url_build(&request, "https://x.example", &out), STATUS_OK);
    assert_string_equal(out.bytes, "https://x.example/acme.org/2/1");
    assert_int_equal(request.claims_used, 1);
    buffer_wipe(&out);
}

static void only_loopback_redirects_are_accepted(void **state)
{
    static const char *const good[] = {"http://127.0.0.1:8484/callback", "http://[::1]:0/",
                                       "HTTP://localhost:65535/a/b"};
    static const char *const bad[] = {"", "https://127.0.0.1:1/", "http://127.0.0.1/callback",
                                      "http://127.0.0.1:1", "http://127.0.0.1:/", "http://[::1]/",
                                      "http://10.0.0.1:1/", "http://127.0.0.1:65536/",
                                      "http://127.0.0.1:1/?a", "http://127.0.0.1:1/#a"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_null(url_redirect_problem(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(url_redirect_problem(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invalid_bases_are_refused),
        cmocka_unit_test(reserved_bytes_are_encoded),
        cmocka_unit_test(urls_are_built_or_refused),
        cmocka_unit_test(only_the_needed_claims_are_used),
        cmocka_unit_test(only_loopback_redirects_are_accepted),
    };

    return RUN(tests);
}
