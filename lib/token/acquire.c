#include "token/acquire.h"

#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/signals.h"
#include "token/backoff.h"
#include "token/credential.h"
#include "token/expiry.h"
#include "token/ledger.h"
#include "token/minting.h"

void holder_init(struct holder *holder, const struct options *options,
                 const struct settings *settings, long long started_ns)
{
    *holder = (struct holder){.options = options,
                              .settings = settings,
                              .started_ns = started_ns,
                              .cache = {.directory_fd = -1, .lease_fd = -1, .reserved_fd = -1}};
}

void holder_close(struct holder *holder)
{
    cache_close(&holder->cache);
    entry_wipe(&holder->entry);
}

static long long left_s(const struct holder *holder)
{
    return expiry_at(&holder->entry, clock_s()) - clock_s();
}

/* Puts the grant and what it sends: a machine's own, or the refresh token of a login. */
static int put_grant(const struct holder *holder, const struct buffer *secret,
                     struct buffer *request)
{
    const struct settings *settings = holder->settings;
    const struct entry *entry = &holder->entry;

    if (!settings_is_user(settings)) {
        minting_request(settings, secret, "client_credentials", request);
        kv_put(request, "audience", setting(settings, SETTING_AUDIENCE));
        kv_put(request, "scope", setting(settings, SETTING_SCOPE));
        return STATUS_OK;
    }
    if (!entry->refresh_token.len)
        return message_fail(STATUS_REFUSED, "%s; run rhythm-token login -p %s",
                            entry->token.len
                                ? "the issuer gave no refresh token, so this login is over"
                                : "nobody is logged in",
                            settings->profile.bytes);
    minting_request(settings, secret, "refresh_token", request);
    kv_put(request, "refresh_token", entry->refresh_token.bytes);
    return STATUS_OK;
}

/* Mints into holder->entry. The lease is held, and whoever ends us waits for the answer. */
static int mint(struct holder *holder, const struct buffer *secret)
{
    SCRATCH request = BUFFER_EMPTY;
    int status;

    signals_hold(2);
    status = put_grant(holder, secret, &request);
    if (status == STATUS_OK)
        status = minting_ask(&holder->cache, holder->settings, &request, &holder->entry);
    if (status == STATUS_OK)
        minting_keep(&holder->cache, &holder->entry);
    cache_release(&holder->cache);
    signals_release();
    return status;
}

/* 1 if the cached entry will do without anybody waiting. */
static int entry_will_do(const struct holder *holder)
{
    long long now_ns = clock_ns();

    if (holder->options->refresh)
        return holder->entry.begun_ns >= holder->started_ns && holder->entry.begun_ns <= now_ns;
    return expiry_of(&holder->entry, now_ns / 1000000000, holder->options->min_valid_s) >=
           EXPIRY_RENEWING;
}

/* 1 if there is an old token that can serve to its true end. */
static int old_token_serves(const struct holder *holder)
{
    return !holder->options->refresh && expiry_of(&holder->entry, clock_s(), -1) != EXPIRY_OVER;
}

/* After a failure: the old token serves on, if there is one, and says so. */
static int serve_old(const struct holder *holder, int status)
{
    if (status == STATUS_OK || !old_token_serves(holder))
        return status;
    message_warn("the cached token serves on for %lld s", left_s(holder));
    return STATUS_OK;
}

/*
 * In the renewal window: one process renews, if the last try is not too recent; for the others,
 * and when anything is in the way, the old token serves.
 */
static void renew_if_first(struct holder *holder)
{
    SCRATCH secret = BUFFER_EMPTY;
    WIPED_BY(failure_wipe) struct failure failure = {0};
    struct cache *cache = &holder->cache;
    int status;

    if ((cache_load_failure(cache, &failure) && backoff_holds(&failure, holder->started_ns)) ||
        cache_lease(cache, 0) != STATUS_OK)
        return;
    cache_release(cache); /* a command may ask a person */
    status = ledger_check(holder->settings);
    if (status == STATUS_OK)
        status = credential_client_secret(holder->settings, &secret);
    if (cache_lease(cache, 0) != STATUS_OK || cache_load(cache, &holder->entry) != STATUS_OK ||
        expiry_of(&holder->entry, clock_s(), holder->options->min_valid_s) != EXPIRY_RENEWING)
        return;
    if (status != STATUS_OK)
        backoff_record(cache, status, "config");
    else
        status = mint(holder, &secret);
    (void)serve_old(holder, status);
}

/* A failure that others had while this process waited is this process's failure too. */
static int share_failure(struct holder *holder)
{
    WIPED_BY(failure_wipe) struct failure failure = {0};

    if (!cache_load_failure(&holder->cache, &failure) ||
        failure.failed_ns < holder->started_ns || failure.failed_ns > clock_ns())
        return STATUS_OK;
    return message_fail((int)failure.status, "%s", failure.message.bytes);
}

/* 1 if a token under --min-valid has to serve because its renewal backs off. */
static int short_token_serves(struct holder *holder)
{
    WIPED_BY(failure_wipe) struct failure failure = {0};

    if (!old_token_serves(holder) || !cache_load_failure(&holder->cache, &failure) ||
        !backoff_holds(&failure, clock_ns()))
        return 0;
    message_warn("the token lives %lld s more and its renewal failed: %s", left_s(holder),
                 failure.message.bytes);
    return 1;
}

/* Waits for the lease; who waited in vain looks at the cache once more before giving up. */
static int wait_for_lease(struct holder *holder)
{
    long long wait_s = 2 * setting_number(holder->settings, SETTING_TIMEOUT) + 10;
    int status = cache_lease(&holder->cache, wait_s);
    int loaded;

    if (status != STATUS_OK && status != STATUS_TRY_LATER)
        return status;
    loaded = cache_load(&holder->cache, &holder->entry);
    if (loaded == STATUS_OK && status == STATUS_TRY_LATER && !entry_will_do(holder))
        return cache_fail_lease(&holder->cache, wait_s);
    return loaded;
}

/* No entry will do: waits for the lease, looks again, and mints if it is still due. */
static int wait_and_mint(struct holder *holder)
{
    SCRATCH secret = BUFFER_EMPTY;
    int status;

    if (short_token_serves(holder))
        return STATUS_OK;
    status = settings_need_client(holder->settings);
    cache_close(&holder->cache);
    if (status == STATUS_OK)
        status = cache_open(&holder->cache, holder->settings, 1);
    holder->cache.reported = 1;
    if (status == STATUS_OK)
        status = ledger_check(holder->settings);
    if (status == STATUS_OK) /* may run a command: nothing that is refused is refused after it */
        status = credential_client_secret(holder->settings, &secret);
    if (status == STATUS_OK)
        status = wait_for_lease(holder);
    if (status == STATUS_OK && !entry_will_do(holder) && !short_token_serves(holder)) {
        status = share_failure(holder);
        if (status == STATUS_OK)
            status = mint(holder, &secret);
    }
    return serve_old(holder, status);
}

int acquire_peek(struct holder *holder)
{
    int status = cache_open(&holder->cache, holder->settings, 0);

    return status == STATUS_OK ? cache_load(&holder->cache, &holder->entry) : status;
}

int acquire_token(struct holder *holder)
{
    int status = acquire_peek(holder);

    if (status != STATUS_OK)
        return status;
    if (holder->entry.token.len)
        expiry_warn(&holder->entry, clock_s(), holder->options->min_valid_s);
    if (holder->options->offline) {
        if (old_token_serves(holder))
            return STATUS_OK;
        return message_fail(STATUS_UNAVAILABLE, "--offline, and there is no valid token in the "
                            "cache; run rhythm-token once without it");
    }
    if (!entry_will_do(holder))
        return wait_and_mint(holder);
    message_detail("from the cache, %lld s left", left_s(holder));
    if (!holder->options->refresh && expiry_of(&holder->entry, clock_s(),
                                               holder->options->min_valid_s) == EXPIRY_RENEWING)
        renew_if_first(holder);
    return STATUS_OK;
}
