/*
 * rhythm-token: gets one access token for the Rhythm APIs and keeps it for its whole life.
 *
 * This program is the front: it needs libc only, and with a valid token in the cache it does all
 * that is to do. When a token is due it takes the lease and becomes the internal program
 * rhythm-net, which holds everything that needs libcurl, libjwt and libcrypto.
 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/directories.h"
#include "base/harden.h"
#include "base/kv.h"
#include "base/message.h"
#include "token/bearer.h"
#include "token/cache.h"
#include "token/credential.h"
#include "token/expiry.h"
#include "token/ledger.h"
#include "token/options.h"
#include "token/output.h"
#include "token/print.h"
#include "token/settings.h"

enum { ARGUMENTS_OWN = 4 }; /* its name, the verb, two descriptors */

struct run {
    struct options options;
    struct settings settings;
    struct cache cache;
    struct entry entry;
    long long started_ns;
    char **arguments; /* of the internal program: ours as they came, behind ARGUMENTS_OWN more */
};

/* Becomes the internal program; returns only if that cannot be. secret_fd may be -1. */
static int become_internal(const struct run *run, const char *verb, int secret_fd)
{
    static char name[] = "rhythm-net";
    char lease_text[16];
    char secret_text[16];

    snprintf(lease_text, sizeof lease_text, "%d", run->cache.lease_fd);
    snprintf(secret_text, sizeof secret_text, "%d", secret_fd);
    run->arguments[0] = name;
    run->arguments[1] = (char *)(uintptr_t)verb; /* execv does not write to it */
    run->arguments[2] = lease_text;
    run->arguments[3] = secret_text;
    directory_exec("/../lib/rhythm/rhythm-net", run->arguments);
    directory_exec("/../lib/rhythm-net", run->arguments);
    execv(RHYTHM_LIBDIR "/rhythm-net", run->arguments);
    return message_fail(STATUS_BUG, "cannot run %s/rhythm-net: %s; install rhythm again",
                        RHYTHM_LIBDIR, strerror(errno));
}

static long long left_s(const struct run *run)
{
    return expiry_at(&run->entry, clock_s()) - clock_s();
}

/* Gets the secret and, with the lease in hand, becomes the internal program. */
static int mint(struct run *run, const struct buffer *secret)
{
    struct buffer password = BUFFER_EMPTY;
    int fd = -1;
    int status = credential_send(secret, &password, &fd);

    if (status != STATUS_OK)
        return status;
    if (cache_lease_inherit(&run->cache) != 0)
        return message_fail(STATUS_BUG, "cannot pass the lease on: %s", strerror(errno));
    return become_internal(run, "mint", fd);
}

/*
 * In the renewal window: one process renews, if the last try is not too recent; for the others,
 * and when anything is in the way, the old token serves.
 */
static void renew_if_first(struct run *run)
{
    SCRATCH secret = BUFFER_EMPTY;
    WIPED_BY(failure_wipe) struct failure failure = {0};
    WIPED_BY(entry_wipe) struct entry current = {0};
    int status;

    if ((cache_load_failure(&run->cache, &failure) && life_backs_off(&failure, run->started_ns)) ||
        cache_lease(&run->cache, 0) != STATUS_OK)
        return;
    cache_release(&run->cache); /* a command may ask a person */
    status = credential_client_secret(&run->settings, &secret);
    if (cache_lease(&run->cache, 0) != STATUS_OK ||
        cache_load(&run->cache, &current) != STATUS_OK ||
        expiry_of(&current, clock_s(), run->options.min_valid_s) != EXPIRY_RENEWING)
        return;
    if (status == STATUS_OK)
        mint(run, &secret);
    else
        life_record_failure(&run->cache, status, "config");
}

/* 1 if the cached entry will do without anybody waiting. */
static int entry_will_do(const struct run *run)
{
    long long now_ns = clock_ns();

    if (run->options.refresh)
        return run->entry.begun_ns >= run->started_ns && run->entry.begun_ns <= now_ns;
    return expiry_of(&run->entry, now_ns / 1000000000, run->options.min_valid_s) >= EXPIRY_RENEWING;
}

/* A failure that others had while this process waited is this process's failure too. */
static int share_failure(struct run *run)
{
    WIPED_BY(failure_wipe) struct failure failure = {0};

    if (!cache_load_failure(&run->cache, &failure) || failure.failed_ns < run->started_ns ||
        failure.failed_ns > clock_ns())
        return STATUS_OK;
    return message_fail((int)failure.status, "%s", failure.message.bytes);
}

/* 1 if there is an old token that can serve to its true end. */
static int old_token_serves(const struct run *run)
{
    return !run->options.refresh && expiry_of(&run->entry, clock_s(), -1) != EXPIRY_OVER;
}

/* 1 if a token under --min-valid has to serve because its renewal backs off. */
static int short_token_serves(struct run *run)
{
    WIPED_BY(failure_wipe) struct failure failure = {0};

    if (!old_token_serves(run) || !cache_load_failure(&run->cache, &failure) ||
        !life_backs_off(&failure, clock_ns()))
        return 0;
    message_warn("the token lives %lld s more and its renewal failed: %s", left_s(run),
                 failure.message.bytes);
    return 1;
}

/* No entry will do: waits for the lease, looks again, and mints if it is still due. */
static int wait_and_mint(struct run *run)
{
    SCRATCH secret = BUFFER_EMPTY;
    long long wait_s = 2 * setting_number(&run->settings, SETTING_TIMEOUT) + 10;
    int status;

    if (short_token_serves(run))
        return STATUS_OK;
    status = settings_need_client(&run->settings);
    if (status == STATUS_OK)
        status = credential_client_secret(&run->settings, &secret);
    cache_close(&run->cache);
    if (status == STATUS_OK)
        status = cache_open(&run->cache, &run->settings, 1);
    run->cache.reported = 1;
    if (status == STATUS_OK)
        status = cache_lease(&run->cache, wait_s);
    if (status == STATUS_OK)
        status = cache_load(&run->cache, &run->entry);
    if (status == STATUS_OK && !entry_will_do(run) && !short_token_serves(run)) {
        status = share_failure(run);
        if (status == STATUS_OK)
            status = mint(run, &secret);
    }
    if (status != STATUS_OK && old_token_serves(run)) {
        message_warn("the cached token serves on for %lld s", left_s(run));
        status = STATUS_OK;
    }
    return status;
}

/* Takes what is cached, whatever its age, or nothing. */
static int peek(struct run *run)
{
    int status = cache_open(&run->cache, &run->settings, 0);

    return status == STATUS_OK ? cache_load(&run->cache, &run->entry) : status;
}

/* Leaves a token that will do in run->entry. */
static int acquire(struct run *run)
{
    int status = peek(run);

    if (status != STATUS_OK)
        return status;
    if (run->entry.token.len)
        expiry_warn(&run->entry, clock_s(), run->options.min_valid_s);
    if (run->options.offline) {
        if (old_token_serves(run))
            return STATUS_OK;
        return message_fail(STATUS_UNAVAILABLE, "--offline, and there is no valid token in the "
                            "cache; run rhythm-token once without it");
    }
    if (!entry_will_do(run))
        return wait_and_mint(run);
    message_detail("from the cache, %lld s left", left_s(run));
    if (!run->options.refresh &&
        expiry_of(&run->entry, clock_s(), run->options.min_valid_s) == EXPIRY_RENEWING)
        renew_if_first(run);
    return STATUS_OK;
}

/* claims, header, print, url, curl, verify: with the token that was named, or the cached one. */
static int run_answer(struct run *run)
{
    const struct options *options = &run->options;
    const char *configured = setting(&run->settings, SETTING_TOKEN_FILE);
    const char *named = options->file ? options->file : configured;
    int is_secret = !options->file && !options->token;
    int is_url = options->command == COMMAND_URL;
    int needs_claims;
    int status = print_check(options, &run->settings, &needs_claims);

    if (status != STATUS_OK)
        return status;
    if (*named && needs_claims)
        return become_internal(run, "named", -1);
    if (is_url && needs_claims && options->dry_run)
        status = peek(run);
    else if (*named && !is_url)
        status = bearer_read(named, is_secret, &run->entry.token);
    else if (!is_url || needs_claims)
        status = acquire(run);
    cache_release(&run->cache); /* before a reader may block the output */
    if (status == STATUS_OK && options->command == COMMAND_VERIFY)
        return become_internal(run, "cached", -1);
    return status == STATUS_OK ? print_answer(options, &run->settings, &run->entry) : status;
}

static const char *state_of(const struct entry *entry)
{
    static const char *const names[] = {[EXPIRY_OVER] = "expired", [EXPIRY_SHORT] = "renewing",
                                        [EXPIRY_RENEWING] = "renewing", [EXPIRY_VALID] = "valid"};

    return entry->token.len ? names[expiry_of(entry, clock_s(), -1)] : "none";
}

/* left= is this ledger's view: what other machines minted is not in it. */
static int put_ledger(struct run *run, struct buffer *out)
{
    WIPED_BY(ledger_close) struct ledger ledger;
    struct ledger_count count;
    long long limit = setting_number(&run->settings, SETTING_MONTHLY_LIMIT);
    int status = ledger_open(&ledger, &run->settings, clock_s(), 0);

    if (status == STATUS_OK)
        status = ledger_count(&ledger, run->cache.identity.bytes, &count);
    if (status != STATUS_OK)
        return status;
    if (run->options.log) {
        buffer_truncate(out, 0);
        return ledger_text(&ledger, out);
    }
    kv_put(out, "ledger", ledger.path.bytes);
    kv_put(out, "month", ledger.path.bytes + ledger.path.len - strlen("2026-01"));
    kv_put_number(out, "minted", count.month);
    kv_put_number(out, "limit", limit);
    if (limit)
        kv_put_number(out, "left", limit > count.month ? limit - count.month : 0);
    kv_put_number(out, "projected", count.projected);
    return STATUS_OK;
}

static void put_failure(struct run *run, struct buffer *out)
{
    WIPED_BY(failure_wipe) struct failure failure = {0};

    if (!cache_load_failure(&run->cache, &failure))
        return;
    kv_put_number(out, "failure.at", failure.failed_ns / 1000000000);
    kv_put_number(out, "failure.status", failure.status);
    kv_put(out, "failure.cause", buffer_text(&failure.cause));
    kv_put(out, "failure.message", failure.message.bytes);
}

static int run_status(struct run *run)
{
    SCRATCH out = BUFFER_EMPTY, path = BUFFER_EMPTY;
    int status = peek(run);
    long long now_s = clock_s();
    long long ends_at = expiry_at(&run->entry, now_s);

    if (status != STATUS_OK)
        return status;
    cache_entry_path(&run->cache, &path);
    kv_put(&out, "profile", run->settings.profile.bytes);
    kv_put(&out, "kind", settings_is_user(&run->settings) ? "user" : "machine");
    kv_put(&out, "state", state_of(&run->entry));
    if (run->entry.token.len) {
        kv_put_number(&out, "expires_at", ends_at);
        kv_put_number(&out, "expires_in", ends_at - now_s);
    }
    kv_put(&out, "entry", path.bytes);
    buffer_append(&out, buffer_text(&run->entry.quota), run->entry.quota.len);
    put_failure(run, &out);
    status = put_ledger(run, &out);
    if (status == STATUS_OK)
        status = output_lines(&run->options, &out, NULL, 1);
    return status != STATUS_OK || ends_at > now_s ? status : STATUS_INVALID;
}

/* login, logout: the internal program does it, with the secrets that are configured. */
static int run_login(struct run *run)
{
    SCRATCH secret = BUFFER_EMPTY, password = BUFFER_EMPTY;
    int is_login = run->options.command == COMMAND_LOGIN;
    int asks = is_login && strcmp(setting(&run->settings, SETTING_GRANT), "password") == 0;
    int fd = -1;
    int status = settings_need_client(&run->settings);

    if (status != STATUS_OK)
        return status;
    if (is_login && !settings_is_user(&run->settings))
        return message_fail(STATUS_CONFIG, "profile %s is a machine's (grant=client_credentials), "
                            "which has no login; a user's profile has grant=authorization_code, or "
                            "grant=password and username=...", run->settings.profile.bytes);
    if (is_login && run->options.offline)
        return message_fail(STATUS_UNAVAILABLE, "--offline, and a login needs the issuer");
    if (asks && !*setting(&run->settings, SETTING_USERNAME))
        return message_fail(STATUS_CONFIG, "grant=password needs username");
    /* a logout forgets the tokens here whether or not the issuer can be told */
    if (credential_client_secret(&run->settings, &secret) != STATUS_OK && is_login)
        return STATUS_CONFIG;
    if (asks)
        status = credential_password(&run->settings, &password);
    if (status == STATUS_OK)
        status = credential_send(&secret, &password, &fd);
    return status == STATUS_OK ? become_internal(run, "login", fd) : status;
}

static int run_command(struct run *run)
{
    SCRATCH text = BUFFER_EMPTY;
    enum command command = run->options.command;
    int status;

    if (command == COMMAND_HELP)
        options_help(&text);
    if (command == COMMAND_VERSION)
        buffer_puts(&text, "rhythm-token " RHYTHM_VERSION "\n");
    if (text.len)
        return output_text(&text);
    if (command == COMMAND_INSPECT)
        return become_internal(run, "inspect", -1); /* no setting has a say in it */
    status = settings_load(&run->settings, run->options.profile, run->options.token);
    if (status != STATUS_OK)
        return status;
    directory_use_session(run->options.session_dir);
    if (command == COMMAND_LOGIN || command == COMMAND_LOGOUT)
        return run_login(run);
    if (command == COMMAND_STATUS)
        return run_status(run);
    if (command != COMMAND_CONFIG)
        return run_answer(run);
    settings_describe(&run->settings, &text);
    return output_lines(&run->options, &text, NULL, 0);
}

int main(int argc, char **argv)
{
    struct run run = {.started_ns = clock_ns(),
                      .cache = {.directory_fd = -1, .lease_fd = -1, .reserved_fd = -1}};
    int status;

    harden();
    run.arguments = calloc((size_t)argc + ARGUMENTS_OWN, sizeof *run.arguments);
    if (!run.arguments || argc < 1)
        return message_fail(STATUS_BUG, "out of memory");
    memcpy(run.arguments + ARGUMENTS_OWN, argv + 1, (size_t)(argc - 1) * sizeof *argv);
    status = options_parse(&run.options, argv);
    if (status == STATUS_OK)
        status = run_command(&run);
    cache_close(&run.cache);
    entry_wipe(&run.entry);
    settings_wipe(&run.settings);
    free(run.arguments);
    return options_end(&run.options, status);
}
