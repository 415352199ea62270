#include "token/print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/directories.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/text.h"
#include "base/uri.h"
#include "token/output.h"
#include "token/url.h"

enum { TENANT }; /* in url_claims: it may be configured */

/* Appends the URL that the operands mean, with these values of url_claims. */
static int build_url(const struct options *options, const struct settings *settings,
                     const char *const *claims, struct url_request *request, struct buffer *url)
{
    const char *tenant = setting(settings, SETTING_TENANT_ID);
    int status = url_request_parse(request, options->operands, options->operand_count);

    if (status != STATUS_OK)
        return status;
    request->keep_unknown = options->dry_run;
    memcpy(request->claims, claims, sizeof request->claims);
    if (*tenant)
        request->claims[TENANT] = tenant;
    return url_build(request, setting(settings, SETTING_API_BASE), url);
}

int print_check(const struct holder *holder, int *needs_claims)
{
    /* any values: whether the URL is valid, and which claims it needs, does not depend on them */
    static const char *const some[URL_CLAIMS] = {"x", "x", "x"};
    enum command command = holder->options->command;
    struct url_request request = {0};
    SCRATCH url = BUFFER_EMPTY;
    int status;

    *needs_claims = command == COMMAND_CLAIMS || command == COMMAND_VERIFY;
    if (command != COMMAND_URL && command != COMMAND_CURL)
        return STATUS_OK;
    status = build_url(holder->options, holder->settings, some, &request, &url);
    if (*setting(holder->settings, SETTING_TENANT_ID))
        request.claims_used &= ~(1u << TENANT);
    *needs_claims = request.claims_used != 0;
    return status;
}

int print_fill_url(const struct options *options, const struct settings *settings,
                   const struct buffer *claims, struct buffer *url)
{
    const char *values[URL_CLAIMS] = {NULL};
    SCRATCH copy = BUFFER_EMPTY; /* reading changes it */
    struct url_request request;
    struct kv_reader reader;
    struct kv_pair pair;

    buffer_append(&copy, buffer_text(claims), claims->len);
    reader = kv_reader(copy.bytes, copy.len);
    while (kv_next(&reader, &pair) == 1)
        for (int i = 0; i < URL_CLAIMS; i++) /* one with a NUL in it would be cut: another path */
            if (strcmp(pair.key, url_claims[i]) == 0 && strlen(pair.value) == pair.value_len)
                values[i] = pair.value;
    return build_url(options, settings, values, &request, url);
}

static int print_url(const struct holder *holder)
{
    const struct settings *settings = holder->settings;
    SCRATCH url = BUFFER_EMPTY, out = BUFFER_EMPTY;
    int status = print_fill_url(holder->options, settings, &holder->entry.claims, &url);

    if (status != STATUS_OK)
        return status;
    kv_put(&out, "url", url.bytes);
    kv_put(&out, "timeout", setting(settings, SETTING_TIMEOUT));
    kv_put(&out, "read_only", setting(settings, SETTING_READ_ONLY));
    if (*setting(settings, SETTING_CA_BUNDLE))
        kv_put(&out, "ca_bundle", setting(settings, SETTING_CA_BUNDLE));
    return output_lines(holder->options, &out, NULL, 0);
}

/* Appends a line of a curl configuration: name = "value". */
static void put_curl(struct buffer *out, const char *name, const char *value)
{
    buffer_printf(out, "%s = \"", name);
    for (; *(value = text_put_until(out, value, "\"\\\n")); value++)
        buffer_printf(out, "\\%c", *value == '\n' ? 'n' : *value); /* no newline may begin another url */
    buffer_puts(out, "\"\n");
}

/*
 * A bundle that is set replaces the system's certificates, which are a file and a directory; so
 * curl needs another directory, without any. It cannot be "", which curl refuses, and nobody must
 * be able to put certificates there: the programs' own directory is as safe as they are.
 */
static void put_bundle(struct buffer *out, const char *ca_bundle)
{
    SCRATCH none = BUFFER_EMPTY;

    (void)directory_of_program(&none);
    buffer_puts(&none, "/");
    put_curl(out, "cacert", ca_bundle);
    put_curl(out, "capath", none.bytes);
    put_curl(out, "proxy-cacert", ca_bundle);
    put_curl(out, "proxy-capath", none.bytes);
}

/*
 * The hashed directory that was enough to get the token, instead of the bundle: it saves curl
 * nearly nine tenths of its work. curl wants a file too, so it gets one certificate of the
 * directory.
 */
static void put_directory(struct buffer *out, const struct entry *entry)
{
    /* the user chose certificates, and curl follows these variables by itself */
    static const char *const chosen[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"};

    for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++)
        if (getenv(chosen[i]))
            return;
    if (!entry->ca_file.len || access(entry->ca_file.bytes, R_OK) != 0)
        return;
    put_curl(out, "capath", entry->ca_directory.bytes);
    put_curl(out, "cacert", entry->ca_file.bytes);
}

/*
 * The URL comes last, and all is written at once: a curl that reads only half, or nothing because
 * there is no token, has no URL and sends nothing. If the CA bundle is missing, some curls refuse
 * the whole configuration without naming the file, so it is checked here.
 */
static int print_curl(const struct holder *holder)
{
    const struct settings *settings = holder->settings;
    SCRATCH url = BUFFER_EMPTY, header = BUFFER_EMPTY, out = BUFFER_EMPTY;
    const char *timeout = setting(settings, SETTING_TIMEOUT);
    const char *ca_bundle = setting(settings, SETTING_CA_BUNDLE);
    int status = print_fill_url(holder->options, settings, &holder->entry.claims, &url);

    if (status != STATUS_OK)
        return status;
    if (*ca_bundle && access(ca_bundle, R_OK) != 0)
        return message_fail(STATUS_CONFIG, "cannot read ca_bundle=%s: %s", ca_bundle,
                            strerror(errno));
    buffer_puts(&header, "Authorization: Bearer ");
    buffer_puts(&header, buffer_text(&holder->entry.token));
    put_curl(&out, "header", header.bytes);
    put_curl(&out, "proto", uri_is_plain_http(url.bytes) ? "=http" : "=https");
    if (uri_is_plain_http(url.bytes))
        put_curl(&out, "noproxy", "*"); /* no proxy may see it */
    put_curl(&out, "connect-timeout", timeout);
    put_curl(&out, "speed-limit", "1");
    put_curl(&out, "speed-time", timeout);
    if (*ca_bundle)
        put_bundle(&out, ca_bundle);
    else if (!holder->options->bundle)
        put_directory(&out, &holder->entry);
    put_curl(&out, "url", url.bytes);
    return output_text(&out);
}

static int print_claims(struct holder *holder)
{
    struct entry *entry = &holder->entry;

    if (!entry->payload.len)
        return message_fail(STATUS_BAD_INPUT, "the token is not a JWT, so it has no claims; check the "
                            "audience that it was requested with: without one it is opaque");
    message_detail("the signature was not checked; run rhythm-token verify to check it");
    return output_lines(holder->options, &entry->claims, entry->payload.bytes, 0);
}

int print_answer(struct holder *holder)
{
    enum command command = holder->options->command;
    SCRATCH line = BUFFER_EMPTY;

    if (command == COMMAND_URL)
        return print_url(holder);
    if (command == COMMAND_CURL)
        return print_curl(holder);
    if (command == COMMAND_CLAIMS)
        return print_claims(holder);
    if (command == COMMAND_HEADER)
        buffer_puts(&line, "Authorization: Bearer ");
    buffer_puts(&line, buffer_text(&holder->entry.token));
    buffer_puts(&line, "\n");
    return output_text(&line);
}
