#include "token/status.h"

#include <string.h>

#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "token/expiry.h"
#include "token/ledger.h"
#include "token/output.h"
#include "token/shared.h"

static const char *state_of(const struct entry *entry)
{
    static const char *const names[] = {[EXPIRY_OVER] = "expired", [EXPIRY_SHORT] = "renewing",
                                        [EXPIRY_RENEWING] = "renewing", [EXPIRY_VALID] = "valid"};

    return entry->token.len ? names[expiry_of(entry, clock_s(), -1)] : "none";
}

/* left= is this ledger's view: what other machines minted is not in it. */
static int put_ledger(struct holder *holder, struct buffer *out)
{
    WIPED_BY(ledger_close) struct ledger ledger;
    struct ledger_count count;
    int status = ledger_open(&ledger, holder->settings, clock_s(), 0);

    if (status == STATUS_OK)
        status = ledger_count(&ledger, holder->cache.identity.bytes, &count);
    if (status != STATUS_OK)
        return status;
    if (holder->options->log) {
        buffer_truncate(out, 0);
        return ledger_text(&ledger, out);
    }
    kv_put(out, "ledger", ledger.path.bytes);
    kv_put(out, "month", ledger.path.bytes + ledger.path.len - strlen("2026-01"));
    ledger_put_month(out, "", count.month,
                     setting_number(holder->settings, SETTING_MONTHLY_LIMIT), count.projected);
    return STATUS_OK;
}

/* What all hosts spent; if the store does not answer, the command goes on. */
static void put_fleet(struct holder *holder, struct buffer *out)
{
    WIPED_BY(shared_wipe) struct shared shared = {0};
    const struct options *options = holder->options;
    int status = shared_prepare(&shared, holder->settings, options->no_shared || options->offline);

    if (status == STATUS_OK)
        status = shared_open(&shared, holder->cache.identity.bytes, NULL);
    if (status == STATUS_OK)
        status = shared_put_totals(&shared, options->log, out);
    if (status != STATUS_OK && !options->log)
        kv_put(out, "fleet", "unknown");
}

static void put_failure(struct holder *holder, struct buffer *out)
{
    WIPED_BY(failure_wipe) struct failure failure = {0};

    if (!cache_load_failure(&holder->cache, &failure))
        return;
    kv_put_number(out, "failure.at", failure.failed_ns / 1000000000);
    kv_put_number(out, "failure.status", failure.status);
    kv_put(out, "failure.cause", buffer_text(&failure.cause));
    kv_put(out, "failure.message", failure.message.bytes);
}

int status_describe(struct holder *holder, struct buffer *out)
{
    SCRATCH path = BUFFER_EMPTY;
    long long now_s = clock_s();
    long long ends_at = expiry_at(&holder->entry, now_s);
    int status;

    cache_entry_path(&holder->cache, &path);
    kv_put(out, "profile", holder->settings->profile.bytes);
    kv_put(out, "kind", settings_is_user(holder->settings) ? "user" : "machine");
    kv_put(out, "state", state_of(&holder->entry));
    if (holder->entry.token.len) {
        kv_put_number(out, "expires_at", ends_at);
        kv_put_number(out, "expires_in", ends_at - now_s);
    }
    kv_put(out, "entry", path.bytes);
    buffer_append(out, buffer_text(&holder->entry.quota), holder->entry.quota.len);
    put_failure(holder, out);
    status = put_ledger(holder, out);
    put_fleet(holder, out);
    return status != STATUS_OK || ends_at > now_s ? status : STATUS_INVALID;
}

int status_run(struct holder *holder)
{
    SCRATCH out = BUFFER_EMPTY;
    int status = settings_need_client(holder->settings);
    int printed;

    if (status == STATUS_OK)
        status = acquire_peek(holder);
    if (status == STATUS_OK)
        status = status_describe(holder, &out);
    if (status != STATUS_OK && status != STATUS_INVALID)
        return status;
    printed = output_lines(holder->options, &out, NULL, 1);
    return printed == STATUS_OK ? status : printed;
}
