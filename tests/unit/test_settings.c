/* settings: the issuer's URL and the identity that follow from them. */

#include "unit.h"

#include "base/message.h"
#include "token/identity.h"
#include "token/settings.h"

static void load(struct settings *settings, const char *domain, const char *scope)
{
    *settings = (struct settings){0};
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    setenv("RHYTHM_AUTH0_DOMAIN", domain, 1);
    setenv("RHYTHM_SCOPE", scope, 1);
    setenv("RHYTHM_CLIENT_ID", "a,b", 1);
    assert_int_equal(settings_load(settings, NULL, NULL), STATUS_OK);
}

static void the_issuers_url_follows_from_the_domain(void **state)
{
    static const char *const domains[][2] = {
        {"acme.us.auth0.com", "https://acme.us.auth0.com"},
        {"ACME.us.Auth0.com/", "https://acme.us.auth0.com"},
        {"https://acme.us.auth0.com//", "https://acme.us.auth0.com"},
        {"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
        {"https://x.example:8443/", "https://x.example:8443"},
    };
    struct settings settings;
    struct buffer url = BUFFER_EMPTY;

    (void)state;
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
        load(&settings, domains[i][0], "");
        buffer_truncate(&url, 0);
        settings_issuer_url(&settings, &url);
        assert_string_equal(url.bytes, domains[i][1]);
        settings_wipe(&settings);
    }
    buffer_wipe(&url);
}

static void identity_is(const char *domain, const char *scope, const char *wanted)
{
    struct settings settings;
    struct buffer identity = BUFFER_EMPTY;

    load(&settings, domain, scope);
    identity_of(&settings, &identity);
    assert_string_equal(identity.bytes, wanted);
    assert_int_equal(identity_is_machine(identity.bytes), 1);
    buffer_wipe(&identity);
    settings_wipe(&settings);
}

static void the_identity_is_one_word(void **state)
{
    (void)state;
    identity_is("X.example/", "", "client_credentials,x.example,a%2Cb,https%3A%2F%2Fapi."
                "rhythmsoftware.com,,");
    identity_is("x.example", " b  a b ", "client_credentials,x.example,a%2Cb,https%3A%2F%2Fapi."
                "rhythmsoftware.com,a%20b,");
    identity_is("http://127.0.0.1:1/", "", "client_credentials,127.0.0.1%3A1,a%2Cb,"
                "https%3A%2F%2Fapi.rhythmsoftware.com,,");
}

static void an_unset_setting_is_an_empty_string(void **state)
{
    struct settings settings;

    (void)state;
    load(&settings, "", "");
    assert_string_equal(setting(&settings, SETTING_AUTH0_DOMAIN), "");
    assert_true(setting_number(&settings, SETTING_HOURLY_LIMIT) == 10);
    assert_int_equal(settings_is_user(&settings), 0);
    settings_wipe(&settings);
    assert_string_equal(setting(&settings, SETTING_TIMEOUT), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_issuers_url_follows_from_the_domain),
        cmocka_unit_test(the_identity_is_one_word),
        cmocka_unit_test(an_unset_setting_is_an_empty_string),
    };

    return RUN(tests);
}
