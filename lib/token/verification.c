#include "token/verification.h"

#include <errno.h>
#include <string.h>

#include "base/attributes.h"
#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "token/internal.h"
#include "token/keyset.h"
#include "token/output.h"
#include "token/url.h"

#define KEYSET_MAX (1u << 20) /* bytes */
#define LEEWAY_S 60

/* The keys of --jwks: a file's, or where to fetch them. */
static int put_named_keys(const struct options *options, struct buffer *request)
{
    const char *source = options->jwks;
    const char *problem;
    SCRATCH json = BUFFER_EMPTY, from = BUFFER_EMPTY;

    buffer_printf(&from, "--jwks=%s", source);
    kv_put(request, "keys_from", from.bytes);
    if (!strstr(source, "://")) {
        if (buffer_read_file(&json, source, KEYSET_MAX) != 0)
            return message_fail(STATUS_BAD_INPUT, "cannot read the key set --jwks=%s: %s; name a JWKS "
                                "file or URL", source,
                                errno == EFBIG ? "it is over 1 MiB" : strerror(errno));
        kv_put_bytes(request, "keys", buffer_text(&json), json.len);
        return STATUS_OK;
    }
    problem = url_base_problem(source);
    if (problem)
        return message_fail(STATUS_CONFIG, "--jwks=%s should be a file or %s", source, problem);
    if (options->offline)
        return message_fail(STATUS_UNAVAILABLE, "--jwks=%s needs the network; leave out --offline, or "
                            "name a file", source);
    kv_put(request, "keys_url", source);
    return STATUS_OK;
}

/* The configured issuer's: the cached key set and its age, and where to fetch it unless offline. */
static int put_issuers_keys(const struct holder *holder, struct buffer *request)
{
    const struct settings *settings = holder->settings;
    int is_offline = holder->options->offline;
    SCRATCH json = BUFFER_EMPTY, url = BUFFER_EMPTY;
    long long fetched_at = 0;

    if (!*setting(settings, SETTING_AUTH0_DOMAIN))
        return message_fail(STATUS_CONFIG, "auth0_domain is not set, so no issuer's key set can be "
                            "used; set it, or name a key set with --jwks");
    keyset_load(settings, &json, &fetched_at);
    if (is_offline && !json.len)
        return message_fail(STATUS_UNAVAILABLE, "no key set of the issuer is cached; run "
                            "rhythm-token verify once without --offline");
    if (json.len) {
        kv_put(request, "keys_from", "the cached key set");
        kv_put_bytes(request, "keys", json.bytes, json.len);
        kv_put_number(request, "keys_age", clock_s() - fetched_at);
    }
    settings_issuer_url(settings, &url);
    buffer_puts(&url, "/.well-known/jwks.json");
    if (!is_offline)
        kv_put(request, "keys_url", url.bytes);
    return STATUS_OK;
}

static void put_expectations(const struct holder *holder, struct buffer *request)
{
    const struct options *options = holder->options;
    const struct settings *settings = holder->settings;
    SCRATCH issuer = BUFFER_EMPTY;

    if (options->signature_only)
        kv_put(request, "signature_only", "yes");
    else if (!*setting(settings, SETTING_AUTH0_DOMAIN))
        message_warn("iss is not checked, because auth0_domain is not set; set it");
    else
        settings_issuer_url(settings, &issuer);
    kv_put(request, "issuer", buffer_text(&issuer));
    kv_put(request, "audience", setting(settings, SETTING_AUDIENCE));
    kv_put_number(request, "leeway", options->leeway_s < 0 ? LEEWAY_S : options->leeway_s);
}

int verification_ask(const struct holder *holder, struct buffer *report)
{
    const struct options *options = holder->options;
    const struct settings *settings = holder->settings;
    WIPED_BY(attributes_wipe) struct attributes answer = {0};
    SCRATCH request = BUFFER_EMPTY, keys = BUFFER_EMPTY;
    int status;

    internal_request(settings, &request);
    kv_put(&request, "token", buffer_text(&holder->entry.token));
    status = options->jwks ? put_named_keys(options, &request)
                           : put_issuers_keys(holder, &request);
    if (status != STATUS_OK)
        return status;
    put_expectations(holder, &request);
    status = internal_ask("verify", &request, &answer, internal_limit_s(settings, 1));
    if (!options->jwks && attribute_take(&answer, "keys", &keys))
        keyset_store(settings, &keys, clock_s());
    attribute_take(&answer, "report", report);
    return status;
}

int verification_run(const struct holder *holder)
{
    SCRATCH report = BUFFER_EMPTY;
    int status = verification_ask(holder, &report);
    int printed;

    if (!report.len)
        return status;
    printed = output_lines(holder->options, &report, NULL, 0);
    return printed == STATUS_OK ? status : printed;
}
