/*
 * rhythm-net: the internal program, with everything that needs libcurl, libjwt and libcrypto.
 *
 *     rhythm-net VERB LEASE_FD SECRET_FD ARGUMENTS...
 *
 * rhythm-token becomes this program when it cannot answer alone: to mint a token under the lease
 * that it holds, to take apart a token that is not in the cache (named), to verify one that is
 * (cached), to log in and out. The arguments are rhythm-token's own. rhythm-get --all runs the verb
 * pages, which has arguments of its own (pages.h). It is not a command for people.
 */

#include <string.h>

#include "base/clock.h"

#include "base/directories.h"
#include "base/harden.h"
#include "base/kv.h"
#include "base/message.h"
#include "net/inspect.h"
#include "net/jws.h"
#include "net/login.h"
#include "net/mint.h"
#include "net/verify.h"
#include "pages/pager.h"
#include "token/bearer.h"
#include "token/cache.h"
#include "token/credential.h"
#include "token/expiry.h"
#include "token/options.h"
#include "token/output.h"
#include "token/print.h"
#include "token/settings.h"

struct run {
    struct options options;
    struct settings settings;
    struct cache cache;
    struct entry entry;
    long long lease_fd; /* -1: none, as secret_fd */
    long long secret_fd;
};

/* After a failed renewal the old token serves to its true end, unless --refresh asked. */
static int old_token_serves(struct run *run)
{
    if (run->options.refresh || cache_load(&run->cache, &run->entry) != STATUS_OK ||
        expiry_of(&run->entry, clock_s(), -1) == EXPIRY_OVER)
        return 0;
    message_warn("the cached token serves on for %lld s",
                 expiry_at(&run->entry, clock_s()) - clock_s());
    return 1;
}

/* The secrets and the lease end with it, before a reader may block the output. */
static int mint(struct run *run)
{
    SCRATCH secret = BUFFER_EMPTY, password = BUFFER_EMPTY;
    int status = cache_open(&run->cache, &run->settings, 0);

    run->cache.reported = 1; /* rhythm-token has looked at the entry */
    cache_lease_adopt(&run->cache, (int)run->lease_fd);
    credential_receive((int)run->secret_fd, &secret, &password);
    if (status == STATUS_OK)
        status = mint_token(&run->cache, &run->settings, &secret, &run->entry);
    if (status != STATUS_OK && old_token_serves(run))
        status = STATUS_OK;
    cache_close(&run->cache);
    return status;
}

/* The token that was named, taken apart. */
static int take_named(struct run *run)
{
    const struct options *options = &run->options;
    const char *named = setting(&run->settings, SETTING_TOKEN_FILE);
    const char *wrong;
    int status = bearer_read(options->file ? options->file : named,
                             !options->file && !options->token, &run->entry.token);

    if (status != STATUS_OK)
        return status;
    wrong = mint_decode(&run->entry);
    if (wrong && run->options.command != COMMAND_VERIFY)
        return message_fail(STATUS_BAD_INPUT, "the token %s", wrong);
    return STATUS_OK;
}

static int take_cached(struct run *run)
{
    int status = cache_open(&run->cache, &run->settings, 0);

    if (status == STATUS_OK)
        status = cache_load(&run->cache, &run->entry);
    cache_close(&run->cache);
    if (status == STATUS_OK && !run->entry.token.len)
        status = message_fail(STATUS_UNAVAILABLE, "the cached token vanished; try again");
    if (status == STATUS_OK) { /* what was signed is judged, not what the entry says of it */
        buffer_truncate(&run->entry.payload, 0);
        buffer_truncate(&run->entry.claims, 0);
        (void)mint_decode(&run->entry);
    }
    return status;
}

static int run_login(struct run *run)
{
    SCRATCH secret = BUFFER_EMPTY, password = BUFFER_EMPTY;

    credential_receive((int)run->secret_fd, &secret, &password);
    return run->options.command == COMMAND_LOGOUT
               ? login_end(&run->options, &run->settings, &secret)
               : login_start(&run->options, &run->settings, &secret, &password);
}

static int run_inspect(struct run *run)
{
    SCRATCH text = BUFFER_EMPTY, out = BUFFER_EMPTY;
    const char *path = run->options.file ? run->options.file : "-";
    int status = bearer_read_text(path, 0, &text);

    if (status == STATUS_OK) {
        inspect_text(&text, run->options.date, &out);
        status = output_lines(&run->options, &out, NULL, 0);
    }
    return status;
}

static const struct {
    const char *name;
    int (*run)(struct run *run);
    int leaves_token; /* in run->entry, for the command to answer with */
} verbs[] = {{"mint", mint, 1},
             {"named", take_named, 1},
             {"cached", take_cached, 1},
             {"login", run_login, 0},
             {"inspect", run_inspect, 0}};

int main(int argc, char **argv)
{
    struct run run = {0};
    size_t verb = 0;
    int status;

    harden();
    jws_prepare();
    if (argc >= 4 && strcmp(argv[1], "pages") == 0)
        return pages_run(argc - 3, argv + 3);
    while (argc > 1 && verb < sizeof verbs / sizeof *verbs && strcmp(verbs[verb].name, argv[1]))
        verb++;
    if (argc < 4 || verb == sizeof verbs / sizeof *verbs ||
        kv_number(argv[2], &run.lease_fd) != 0 || kv_number(argv[3], &run.secret_fd) != 0)
        return message_fail(STATUS_USAGE, "rhythm-net is run by rhythm-token and rhythm-get only");
    status = options_parse(&run.options, argv + 3);
    directory_use_session(run.options.session_dir);
    if (status == STATUS_OK && verbs[verb].run != run_inspect)
        status = settings_load(&run.settings, run.options.profile, run.options.token);
    if (status == STATUS_OK)
        status = verbs[verb].run(&run);
    if (status == STATUS_OK && verbs[verb].leaves_token)
        status = run.options.command == COMMAND_VERIFY
                     ? verify_token(&run.options, &run.settings, &run.entry)
                     : print_answer(&run.options, &run.settings, &run.entry);
    entry_wipe(&run.entry);
    settings_wipe(&run.settings);
    return options_end(&run.options, status);
}
