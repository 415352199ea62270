/*
 * rhythm-token: gets one access token for the Rhythm APIs and keeps it for its whole life.
 *
 * This program is the front: it needs libc only, and it owns state and policy: settings, cache,
 * lease, ledger, limits, what is printed. Whatever needs libcurl, libjwt or libcrypto is done by
 * the internal program rhythm-net (token/internal.h), which it starts only when it has to.
 */


#include "base/attributes.h"
#include "base/clock.h"
#include "base/directories.h"
#include "base/harden.h"
#include "base/kv.h"
#include "base/message.h"
#include "token/acquire.h"
#include "token/bearer.h"
#include "token/facts.h"
#include "token/internal.h"
#include "token/login.h"
#include "token/minting.h"
#include "token/options.h"
#include "token/output.h"
#include "token/paging.h"
#include "token/print.h"
#include "token/settings.h"
#include "token/setup.h"
#include "token/status.h"
#include "token/verification.h"

struct run {
    struct options options;
    struct settings settings;
    struct holder holder;
};

/* Reads the token that was named, and decodes its claims if they are needed. */
static int take_named(struct run *run, const char *path, int needs_claims)
{
    struct entry *entry = &run->holder.entry;
    int is_secret = !run->options.file && !run->options.token;
    WIPED_BY(attributes_wipe) struct attributes answer = {0};
    SCRATCH request = BUFFER_EMPTY;
    int status = bearer_read(path, is_secret, &entry->token);

    if (status != STATUS_OK || !needs_claims)
        return status;
    internal_request(&run->settings, &request);
    kv_put(&request, "token", entry->token.bytes);
    status = internal_ask("decode", &request, &answer, internal_limit_s(&run->settings, 0));
    if (status == STATUS_OK && *attribute(&answer, "wrong"))
        return message_fail(STATUS_BAD_INPUT, "the token %s; %s", attribute(&answer, "wrong"),
                            attribute(&answer, "remedy"));
    minting_take_decoded(&answer, entry);
    return status;
}

/* claims, header, print, url, curl, verify: with the token that was named, or the cached one. */
static int run_answer(struct run *run)
{
    const struct options *options = &run->options;
    const char *configured = setting(&run->settings, SETTING_TOKEN_FILE);
    const char *named = options->file ? options->file : configured;
    int is_url = options->command == COMMAND_URL;
    int verifies = options->command == COMMAND_VERIFY;
    int needs_claims;
    int status = print_check(&run->holder, &needs_claims);

    if (status != STATUS_OK)
        return status;
    if (is_url && needs_claims && options->dry_run && !*named)
        status = acquire_peek(&run->holder);
    else if (*named && (needs_claims || !is_url))
        status = take_named(run, named, needs_claims && !verifies);
    else if (!is_url || needs_claims)
        status = acquire_token(&run->holder);
    cache_release(&run->holder.cache); /* before a reader may block the output */
    if (status != STATUS_OK)
        return status;
    return verifies ? verification_run(&run->holder) : print_answer(&run->holder);
}

static int run_command(struct run *run)
{
    SCRATCH text = BUFFER_EMPTY;
    enum command command = run->options.command;
    int status = STATUS_OK;

    if (command == COMMAND_HELP)
        options_help(&text);
    if (command == COMMAND_VERSION)
        buffer_puts(&text, "rhythm-token " RHYTHM_VERSION "\n");
    if (text.len)
        return output_text(&text);
    if (run->options.init)
        status = setup_run(&run->options); /* it may change the command */
    if (status == STATUS_OK)
        status = settings_load(&run->settings, run->options.profile, run->options.token);
    if (status != STATUS_OK && command != COMMAND_FACTS)
        return status;
    directory_use_session(run->options.session_dir);
    switch (run->options.command) {
    case COMMAND_LOGIN:
        return login_start(&run->holder);
    case COMMAND_LOGOUT:
        return login_end(&run->holder);
    case COMMAND_FACTS:
        return facts_run(&run->holder, status);
    case COMMAND_STATUS:
        return status_run(&run->holder);
    case COMMAND_PAGES:
        return paging_run(&run->holder);
    case COMMAND_CONFIG:
        if (run->options.init)
            return STATUS_OK; /* it was written, and settings_load could read it */
        settings_describe(&run->settings, &text);
        return output_lines(&run->options, &text, NULL, 0);
    default:
        return run_answer(run);
    }
}

int main(int argc, char **argv)
{
    struct run run = {0};
    int status;

    (void)argc;
    holder_init(&run.holder, &run.options, &run.settings, clock_ns());
    harden();
    status = options_parse(&run.options, argv);
    if (status == STATUS_OK)
        status = run_command(&run);
    holder_close(&run.holder);
    settings_wipe(&run.settings);
    return options_end(&run.options, status);
}
