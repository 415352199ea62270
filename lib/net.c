/*
 * rhythm-net: the internal program, with everything that needs libcurl, libjwt and libcrypto.
 *
 *     rhythm-net VERB LEASE_FD SECRET_FD ARGUMENTS OF RHYTHM-TOKEN...
 *
 * rhythm-token becomes this program when a token is due (mint) or one that is not in the cache is
 * to be taken apart (decode). It is not a command for people.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "answer.h"
#include "bearer.h"
#include "cache.h"
#include "credential.h"
#include "kv.h"
#include "life.h"
#include "message.h"
#include "mint.h"
#include "options.h"
#include "settings.h"

/* After a failed renewal the old token serves to its true end, unless --refresh asked. */
static int old_token_serves(const struct options *options, struct cache *cache,
                            struct entry *entry)
{
    int found = 0;

    if (options->refresh || cache_load(cache, entry, &found) != STATUS_OK || !found ||
        life_of(entry, clock_s(), -1) == LIFE_EXPIRED)
        return 0;
    message_warn("the cached token serves on for %lld s",
                 life_ends_at(entry, clock_s()) - clock_s());
    return 1;
}

static int run_mint(const struct options *options, const struct settings *settings, int lease_fd,
                    int secret_fd)
{
    struct cache cache;
    struct entry entry = {0};
    struct buffer secret = BUFFER_EMPTY;
    struct buffer password = BUFFER_EMPTY;
    int status = cache_open(&cache, settings, 1);

    cache_lease_adopt(&cache, lease_fd);
    credential_receive(secret_fd, &secret, &password);
    if (status == STATUS_OK)
        status = mint_machine_token(&cache, settings, &secret, &entry);
    if (status != STATUS_OK && old_token_serves(options, &cache, &entry))
        status = STATUS_OK;
    buffer_wipe(&secret);
    buffer_wipe(&password);
    cache_close(&cache); /* the lease ends here, before a reader may block the output */
    if (status == STATUS_OK)
        status = answer_print(options, settings, &entry);
    entry_wipe(&entry);
    return status;
}

static int run_decode(const struct options *options, const struct settings *settings)
{
    struct entry entry = {0};
    const char *path = setting(settings, SETTING_TOKEN_FILE);
    int from_flag = options->token != NULL;
    const char *wrong;
    int status;

    if (options->command == COMMAND_CLAIMS && options->operand_count) {
        path = options->operands[0];
        from_flag = 1;
    }
    status = bearer_read(path, !from_flag, &entry.token);
    if (status == STATUS_OK && (wrong = mint_decode(&entry)) != NULL)
        status = message_fail(STATUS_BAD_INPUT, "the token %s", wrong);
    if (status == STATUS_OK)
        status = answer_print(options, settings, &entry);
    entry_wipe(&entry);
    return status;
}

int main(int argc, char **argv)
{
    struct options options;
    struct settings settings = {0};
    long long lease_fd = -1;
    long long secret_fd = -1;
    int status;

    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    umask(077);
    if (argc < 4 || kv_number(argv[2], &lease_fd) != 0 || kv_number(argv[3], &secret_fd) != 0)
        return message_fail(STATUS_USAGE, "rhythm-net is run by rhythm-token only");
    status = options_parse(&options, argc - 3, argv + 3);
    if (status == STATUS_OK)
        status = settings_load(&settings, options.profile, options.token);
    if (status == STATUS_OK && strcmp(argv[1], "mint") == 0)
        status = run_mint(&options, &settings, (int)lease_fd, (int)secret_fd);
    else if (status == STATUS_OK)
        status = run_decode(&options, &settings);
    settings_wipe(&settings);
    return options_end(&options, status);
}
