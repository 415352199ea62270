#include "token/facts.h"

#include <string.h>

#include "base/attributes.h"
#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "token/bearer.h"
#include "token/internal.h"
#include "token/output.h"
#include "token/print.h"
#include "token/status.h"
#include "token/verification.h"

#define INSPECT_LIMIT_S 30

static void put_prefixed(struct buffer *out, const char *prefix, const struct buffer *lines)
{
    const char *line = buffer_text(lines);

    while (*line) {
        size_t len = strcspn(line, "\n") + 1;

        buffer_puts(out, prefix);
        buffer_append(out, line, len);
        line += len;
    }
}

static int is(const struct attributes *facts, const char *key, const char *value)
{
    return strcmp(attribute(facts, key), value) == 0;
}

/* The profile's own token, with what its ledger says, whether or not there is one. */
static int take_own(struct holder *holder, struct buffer *out)
{
    SCRATCH ledger = BUFFER_EMPTY;
    int status = acquire_token(holder);

    cache_release(&holder->cache);
    if (status != STATUS_OK)
        kv_put(out, "wrong", message_last_error());
    if (holder->cache.identity.len)
        (void)status_describe(holder, &ledger);
    put_prefixed(out, "ledger.", &ledger);
    if (status == STATUS_OK && holder->entry.begun_ns >= holder->started_ns)
        kv_put(out, "fresh", "yes");
    return status;
}

static int take_token(struct holder *holder, struct buffer *out)
{
    const char *configured = setting(holder->settings, SETTING_TOKEN_FILE);

    if (holder->options->token)
        return bearer_read_any(holder->options->token, &holder->entry.token);
    return *configured ? bearer_read(configured, 1, &holder->entry.token) : take_own(holder, out);
}

/* What rhythm-jwt says of the token; an empty one is not worth asking about. */
static int inspect(const struct buffer *token, struct buffer *report)
{
    WIPED_BY(attributes_wipe) struct attributes answer = {0};
    SCRATCH request = BUFFER_EMPTY;
    int status = STATUS_OK;

    kv_put_number(&request, "verbosity", message_verbosity_now());
    kv_put_bytes(&request, "token", buffer_text(token), token->len);
    if (token->len)
        status = internal_ask("inspect", &request, &answer, INSPECT_LIMIT_S);
    if (status == STATUS_OK && !attribute_take(&answer, "report", report)) {
        kv_put_number(report, "now", clock_s());
        kv_put(report, "form", "empty");
    }
    return status;
}

/*
 * The URL of the call; without operands, of one that a check makes by itself: it reads, and
 * succeeds.
 */
static int put_url(const struct holder *holder, int is_machine, const struct buffer *report,
                   struct buffer *out)
{
    static const char *of_machine[] = {"rolodex", "communicationTypes/{tenantId}"};
    static const char *of_user[] = {"rolodex", "contacts/current"};
    struct options options = *holder->options;
    SCRATCH url = BUFFER_EMPTY;
    int status;

    if (!options.operand_count) {
        options.operands = is_machine ? of_machine : of_user;
        options.operand_count = 2;
    }
    status = print_fill_url(&options, holder->settings, report, &url);
    if (status == STATUS_OK)
        kv_put(out, "url", url.bytes);
    return status;
}

static void put_verdict(const struct holder *holder, struct buffer *out)
{
    WIPED_BY(attributes_wipe) struct attributes verdict = {0};
    SCRATCH report = BUFFER_EMPTY, note = BUFFER_EMPTY;
    int status = verification_ask(holder, &report);

    if (attributes_parse(&verdict, &report) == 0)
        buffer_puts(&note, attribute(&verdict, "reason"));
    if (status != STATUS_OK && status != STATUS_INVALID) {
        buffer_set(&note, "not verified: ");
        buffer_puts(&note, message_last_error());
    }
    kv_put(out, "verify", status == STATUS_OK        ? "pass"
                          : status == STATUS_INVALID ? "fail"
                                                     : "skip");
    if (note.len)
        kv_put(out, "verify.note", note.bytes);
}

/*
 * If the settings could not be read, none counts: those that were read could send the token
 * anywhere.
 */
static int gather(struct holder *holder, int has_settings, struct buffer *out)
{
    const struct options *options = holder->options;
    int is_call = !options->offline && (options->operand_count || !options->token);
    WIPED_BY(attributes_wipe) struct attributes facts = {0};
    SCRATCH report = BUFFER_EMPTY, copy = BUFFER_EMPTY;
    int status = take_token(holder, out);

    if (status == STATUS_OK)
        status = inspect(&holder->entry.token, &report);
    buffer_append(out, buffer_text(&report), report.len);
    buffer_append(&copy, buffer_text(&report), report.len); /* parsing takes it */
    if (status != STATUS_OK || !has_settings || attributes_parse(&facts, &copy) != 0 ||
        !is(&facts, "form", "jwt") || is(&facts, "id_token", "yes"))
        return status;
    if (options->signature_only)
        put_verdict(holder, out);
    return is_call ? put_url(holder, is(&facts, "kind", "machine"), &report, out) : STATUS_OK;
}

int facts_run(struct holder *holder, int settings_status)
{
    SCRATCH out = BUFFER_EMPTY, settings = BUFFER_EMPTY;
    int status = settings_status;
    int gathered;

    if (settings_status == STATUS_OK) {
        settings_describe(holder->settings, &settings);
        put_prefixed(&out, "config.", &settings);
    }
    if (settings_status == STATUS_OK || holder->options->token) {
        gathered = gather(holder, settings_status == STATUS_OK, &out);
        status = status == STATUS_OK ? gathered : status;
    }
    gathered = out.len ? output_lines(holder->options, &out, NULL, 0) : STATUS_OK;
    return status == STATUS_OK ? gathered : status;
}
