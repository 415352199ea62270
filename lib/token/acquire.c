#include "token/acquire.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/signals.h"
#include "token/backoff.h"
#include "token/credential.h"
#include "token/expiry.h"
#include "token/internal.h"
#include "token/ledger.h"
#include "token/minting.h"
#include "token/shared.h"

#define POLL_MIN_MS 100 /* how often another host's lock is polled */
#define POLL_MAX_MS 1000

void holder_init(struct holder *holder, const struct options *options,
                 const struct settings *settings, long long started_ns)
{
    *holder = (struct holder){.options = options, .settings = settings,
                              .started_ns = started_ns, .cache = CACHE_NONE};
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
    SCRATCH option = BUFFER_EMPTY;

    if (!settings_is_user(settings)) {
        minting_request(settings, secret, "client_credentials", request);
        kv_put(request, "audience", setting(settings, SETTING_AUDIENCE));
        kv_put(request, "scope", setting(settings, SETTING_SCOPE));
        return STATUS_OK;
    }
    options_put_profile(&option, settings->profile.bytes);
    if (!entry->refresh_token.len)
        return message_fail(STATUS_REFUSED, "%s; run rhythm-token login%s",
                            entry->token.len
                                ? "the login has expired, and the issuer gave no refresh token"
                                : "nobody is logged in",
                            buffer_text(&option));
    minting_request(settings, secret, "refresh_token", request);
    kv_put(request, "refresh_token", entry->refresh_token.bytes);
    return STATUS_OK;
}

/*
 * 1 if the cached entry is at least that good, so that nobody has to wait; a renewed one must be
 * VALID.
 */
static int entry_is_at_least(const struct holder *holder, enum expiry least)
{
    long long now_ns = clock_ns();

    /* with --refresh one that another process requested after this one began is as good as ours */
    if (holder->options->refresh)
        return holder->entry.begun_ns >= holder->started_ns && holder->entry.begun_ns <= now_ns;
    return expiry_of(&holder->entry, now_ns / 1000000000, holder->options->min_valid_s) >= least;
}

static int entry_is_good(const struct holder *holder)
{
    return entry_is_at_least(holder, EXPIRY_RENEWING);
}

/*
 * A failure of the shared cache is recorded too, or all waiting processes would run into it one by
 * one.
 */
static int record_shared(struct holder *holder, int status)
{
    if (status != STATUS_OK)
        backoff_record(&holder->cache, status,
                       status == STATUS_TRY_LATER ? "quota"
                       : status == STATUS_CONFIG  ? "config"
                                                  : "network");
    return status;
}

/*
 * An entry that is refused may have been put there to make hosts mint: whoever can write to the
 * store could do it again and again.
 */
static int check_refused(struct holder *holder, const struct shared *shared)
{
    WIPED_BY(ledger_close) struct ledger ledger = {.directory_fd = -1};
    struct ledger_count count = {0};
    int status;

    if (!shared->refused.len)
        return STATUS_OK;
    status = ledger_open(&ledger, holder->settings, clock_s(), 0);
    if (status == STATUS_OK)
        status = ledger_count(&ledger, holder->cache.identity.bytes, &count);
    if (status != STATUS_OK || count.hour == 0)
        return status;
    return message_fail(STATUS_TRY_LATER, "no token was requested, because this host minted one "
                        "within the last hour, and the one in the shared cache %s, or use --no-shared",
                        shared->refused.bytes);
}

/*
 * Mints into holder->entry, within the limits of all hosts, and for all of them. The lease must be
 * held.
 */
static int mint(struct holder *holder, const struct buffer *secret, struct shared *shared)
{
    SCRATCH request = BUFFER_EMPTY;
    enum outcome outcome;
    int status = put_grant(holder, secret, &request);

    if (status == STATUS_OK)
        status = record_shared(holder, check_refused(holder, shared));
    if (status == STATUS_OK)
        status = record_shared(holder, shared_reserve(shared));
    if (status != STATUS_OK)
        return status;
    status = minting_ask(&holder->cache, holder->settings, &request, 1, &holder->entry, &outcome);
    if (status == STATUS_OK)
        shared_keep(shared, &holder->entry);
    shared_settle(shared, outcome);
    return status;
}

/*
 * Takes over the token that all hosts share, if it lives longer than ours. The store's clock has
 * whole seconds, so our own token could seem to live longer than itself.
 */
static int take_shared(struct holder *holder, struct shared *shared)
{
    WIPED_BY(entry_wipe) struct entry found = {0};
    int status = record_shared(holder, shared_get(shared, &found));

    if (status != STATUS_OK || !found.token.len ||
        found.expires_at <= holder->entry.expires_at ||
        strcmp(found.token.bytes, buffer_text(&holder->entry.token)) == 0)
        return status;
    entry_wipe(&holder->entry);
    holder->entry = found;
    found = (struct entry){0};
    message_detail("token from the shared cache, valid for %lld s", left_s(holder));
    status = cache_reserve(&holder->cache);
    if (status == STATUS_OK)
        minting_keep(&holder->cache, &holder->entry);
    return status;
}

/*
 * Mints unless another host is minting; *is_busy is 0 then. A signal has to wait for the response.
 * The host that held the lock before may have stored a token, so that is read first.
 */
static int mint_if_free(struct holder *holder, const struct buffer *secret, struct shared *shared,
                        enum expiry least, int *is_busy)
{
    int status;

    signals_hold(2);
    status = record_shared(holder, shared_lock(shared, is_busy));
    if (status == STATUS_OK && !*is_busy) {
        status = take_shared(holder, shared);
        if (status == STATUS_OK && !(shared_is_on(shared) && entry_is_at_least(holder, least)))
            status = mint(holder, secret, shared);
        shared_unlock(shared);
    }
    if (!*is_busy)
        cache_release(&holder->cache);
    signals_release();
    return status;
}

/*
 * Gets a token from the other hosts, or mints one. A renewal (least is EXPIRY_VALID) does not wait
 * for another host, which is renewing then.
 */
static int obtain(struct holder *holder, const struct buffer *secret, struct shared *shared,
                  enum expiry least)
{
    long long lock_s = internal_limit_s(holder->settings, 2);
    long long deadline_ms = clock_steady_ms() + lock_s * 1000 + POLL_MAX_MS;
    struct timespec pause = {0, POLL_MIN_MS * 1000000};
    int is_busy = 0;
    int status = shared_open(shared, holder->cache.identity.bytes, secret);

    while (status == STATUS_OK) {
        if (shared_is_on(shared))
            status = take_shared(holder, shared);
        if (status != STATUS_OK || (shared_is_on(shared) && entry_is_at_least(holder, least)))
            return status;
        status = mint_if_free(holder, secret, shared, least, &is_busy);
        if (status != STATUS_OK || !is_busy || least == EXPIRY_VALID)
            return status;
        if (signals_noted()) /* whoever sent the signal knows why */
            return STATUS_TRY_LATER;
        if (clock_steady_ms() >= deadline_ms)
            return record_shared(holder, message_fail(STATUS_TRY_LATER, "other hosts held the lock "
                                                      "of the shared cache for %lld s; try again",
                                                      lock_s));
        nanosleep(&pause, NULL);
        /* - 1, because tv_nsec must stay below a whole second */
        pause.tv_nsec = pause.tv_nsec < POLL_MAX_MS * 500000 ? 2 * pause.tv_nsec
                                                            : POLL_MAX_MS * 1000000 - 1;
    }
    return status;
}

/* 1 if there is an old token that can be used until it expires. */
static int can_use_old_token(const struct holder *holder)
{
    return !holder->options->refresh && expiry_of(&holder->entry, clock_s(), -1) != EXPIRY_OVER;
}

/* After a failure: uses the old token if there is one, with a warning. */
static int use_old_token(const struct holder *holder, int status)
{
    if (status == STATUS_OK || !can_use_old_token(holder))
        return status;
    message_warn("using the cached token, which is valid for %lld s more", left_s(holder));
    return STATUS_OK;
}

/* Gets what secret commands print; they may ask a person, so the lease must not be held. */
static int get_secrets(const struct holder *holder, struct buffer *secret, struct shared *shared)
{
    int status = credential_client_secret(holder->settings, secret);

    return status == STATUS_OK
               ? shared_prepare(shared, holder->settings, holder->options->no_shared)
               : status;
}

/*
 * In the renewal window one process renews, unless the last attempt is too recent; the others use
 * the old token, and so does this one if anything fails.
 */
static void renew_if_first(struct holder *holder)
{
    SCRATCH secret = BUFFER_EMPTY;
    WIPED_BY(shared_wipe) struct shared shared = {0};
    WIPED_BY(failure_wipe) struct failure failure = {0};
    struct cache *cache = &holder->cache;
    int status;

    if ((cache_load_failure(cache, &failure) && backoff_holds(&failure, holder->started_ns)) ||
        cache_lease(cache, 0) != STATUS_OK)
        return;
    cache_release(cache); /* a command may ask a person */
    status = ledger_check(holder->settings);
    if (status == STATUS_OK)
        status = get_secrets(holder, &secret, &shared);
    /* the lease was free for a moment: somebody else may hold it, or have renewed */
    if (cache_lease(cache, 0) != STATUS_OK || cache_load(cache, &holder->entry) != STATUS_OK ||
        expiry_of(&holder->entry, clock_s(), holder->options->min_valid_s) != EXPIRY_RENEWING)
        return;
    if (status != STATUS_OK)
        backoff_record(cache, status, "config");
    else
        status = obtain(holder, &secret, &shared, EXPIRY_VALID);
    (void)use_old_token(holder, status);
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

/* 1 if a token under --min-valid has to be used because its renewal backs off. */
static int must_use_short_token(struct holder *holder)
{
    WIPED_BY(failure_wipe) struct failure failure = {0};

    if (!can_use_old_token(holder) || !cache_load_failure(&holder->cache, &failure) ||
        !backoff_holds(&failure, clock_ns()))
        return 0;
    message_warn("the token is valid for only %lld s more, and its renewal failed: %s", left_s(holder),
                 failure.message.bytes);
    return 1;
}

/* Waits for the lease; after waiting in vain, reads the cache once more before giving up. */
static int wait_for_lease(struct holder *holder, int is_shared)
{
    long long lock_s = internal_limit_s(holder->settings, 2);
    long long wait_s = is_shared ? 2 * lock_s : lock_s; /* its holder may wait for another host */
    int status = cache_lease(&holder->cache, wait_s);
    int loaded;

    if (status != STATUS_OK && status != STATUS_TRY_LATER)
        return status;
    loaded = cache_load(&holder->cache, &holder->entry);
    if (loaded != STATUS_OK || status == STATUS_OK || entry_is_good(holder))
        return loaded;
    if (signals_noted()) /* whoever sent the signal knows why */
        return status;
    return cache_fail_lease(&holder->cache, wait_s);
}

/*
 * No entry is good enough: waits for the lease, reads the cache again, and mints if a token is
 * still due.
 */
static int wait_and_mint(struct holder *holder)
{
    SCRATCH secret = BUFFER_EMPTY;
    WIPED_BY(shared_wipe) struct shared shared = {0};
    int status;

    if (must_use_short_token(holder))
        return STATUS_OK;
    status = settings_need_client(holder->settings);
    cache_close(&holder->cache); /* opened once more, to make its directory if there is none */
    if (status == STATUS_OK)
        status = cache_open(&holder->cache, holder->settings, 1);
    holder->cache.reported = 1; /* acquire_peek named a damaged entry already */
    if (status == STATUS_OK)
        status = ledger_check(holder->settings);
    if (status == STATUS_OK) /* may run a command, so everything that can be refused is refused before it */
        status = get_secrets(holder, &secret, &shared);
    if (status == STATUS_OK)
        status = wait_for_lease(holder, shared_is_on(&shared));
    if (status == STATUS_OK && !entry_is_good(holder) && !must_use_short_token(holder)) {
        status = share_failure(holder);
        if (status == STATUS_OK)
            status = obtain(holder, &secret, &shared, EXPIRY_RENEWING);
    }
    return use_old_token(holder, status);
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
        if (can_use_old_token(holder))
            return STATUS_OK;
        return message_fail(STATUS_UNAVAILABLE, "no valid token is cached; run rhythm-token once "
                            "without --offline");
    }
    if (!entry_is_good(holder))
        return wait_and_mint(holder);
    message_detail("token from the cache, valid for %lld s", left_s(holder));
    if (!holder->options->refresh && expiry_of(&holder->entry, clock_s(),
                                               holder->options->min_valid_s) == EXPIRY_RENEWING)
        renew_if_first(holder);
    return STATUS_OK;
}
