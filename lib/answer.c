#include "answer.h"

#include <string.h>

#include "kv.h"
#include "message.h"
#include "output.h"
#include "url.h"

enum { CLAIM_COUNT = 3 };

/* The setting that stands before a claim: tenant_id may be configured. */
static const char *configured_claim(const struct settings *settings, const char *claim)
{
    return strcmp(claim, "tenant_id") == 0 ? setting(settings, SETTING_TENANT_ID) : "";
}

int answer_needs_token(const struct options *options, const struct settings *settings)
{
    struct url_request request;

    if (options->command != COMMAND_URL)
        return 1;
    if (url_request_parse(&request, options->operands, options->operand_count) != STATUS_OK)
        return -1;
    for (int i = 0; url_claims[i]; i++)
        if (url_wants_claim(&request, url_claims[i]) && !*configured_claim(settings, url_claims[i]))
            return 1;
    return 0;
}

int answer_needs_claims(const struct options *options)
{
    return options->command == COMMAND_CLAIMS || options->command == COMMAND_URL ||
           options->command == COMMAND_VERIFY;
}

static int print_url(const struct options *options, const struct settings *settings,
                     const struct entry *entry)
{
    struct url_request request;
    struct buffer claims = BUFFER_EMPTY;
    struct buffer url = BUFFER_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    struct kv_reader reader;
    struct kv_pair pair;
    const char *values[CLAIM_COUNT] = {NULL};
    int status = url_request_parse(&request, options->operands, options->operand_count);

    buffer_append(&claims, buffer_text(&entry->claims), entry->claims.len);
    reader = kv_reader(claims.bytes, claims.len);
    while (kv_next(&reader, &pair) == 1)
        for (int i = 0; i < CLAIM_COUNT; i++)
            if (strcmp(pair.key, url_claims[i]) == 0 && strlen(pair.value) == pair.value_len)
                values[i] = pair.value;
    for (int i = 0; i < CLAIM_COUNT; i++)
        if (*configured_claim(settings, url_claims[i]))
            values[i] = configured_claim(settings, url_claims[i]);
    request.keep_unknown = options->dry_run;
    if (status == STATUS_OK)
        status = url_build(&request, setting(settings, SETTING_API_BASE), values, &url);
    if (status == STATUS_OK) {
        kv_put(&out, "url", url.bytes);
        kv_put(&out, "timeout", setting(settings, SETTING_TIMEOUT));
        kv_put(&out, "read_only", setting(settings, SETTING_READ_ONLY));
        if (*setting(settings, SETTING_CA_BUNDLE))
            kv_put(&out, "ca_bundle", setting(settings, SETTING_CA_BUNDLE));
        status = output_lines(options, &out, NULL, 0);
    }
    buffer_wipe(&claims);
    buffer_wipe(&url);
    buffer_wipe(&out);
    return status;
}

static int print_claims(const struct options *options, struct entry *entry)
{
    if (!entry->payload.len)
        return message_fail(STATUS_BAD_INPUT, "the token is no JWT that can be read, so it has no "
                            "claims; an opaque one is issued when the request names no audience");
    message_detail("the signature was not checked; rhythm-token verify does that");
    return output_lines(options, &entry->claims, entry->payload.bytes, 0);
}

int answer_print(const struct options *options, const struct settings *settings,
                 struct entry *entry)
{
    struct buffer line = BUFFER_EMPTY;
    int status;

    if (options->command == COMMAND_URL)
        return print_url(options, settings, entry);
    if (options->command == COMMAND_CLAIMS)
        return print_claims(options, entry);
    if (options->command == COMMAND_HEADER)
        buffer_puts(&line, "Authorization: Bearer ");
    buffer_puts(&line, buffer_text(&entry->token));
    buffer_puts(&line, "\n");
    status = output_text(&line);
    buffer_wipe(&line);
    return status;
}
