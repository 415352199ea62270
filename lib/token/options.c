#include "token/options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/kv.h"
#include "base/message.h"
#include "base/nearest.h"
#include "base/secrecy.h"
#include "base/text.h"

#define HELP "see rhythm-token --help"

static const struct {
    const char *name;
    const char *operands;
    int operands_max; /* -1: any number, as with --init */
    const char *help;
} commands[] = {
    [COMMAND_CLAIMS] = {"claims", " [FILE|-]", 1, "print the claims as key=value (the "
                        "default);\nwith FILE or -, those of that token, offline"},
    [COMMAND_HEADER] = {"header", "", 0, "print Authorization: Bearer ..., for curl -H @-"},
    [COMMAND_PRINT] = {"print", "", 0, "print the bare token"},
    [COMMAND_URL] = {"url", " SERVICE PATH | URL [NAME=VALUE ...]", -1, "print the URL of a call, "
                     "placeholders\nfilled from NAME=VALUE and claims"},
    [COMMAND_CURL] = {"curl", " SERVICE PATH | URL [NAME=VALUE ...]", -1, "print the same, with header "
                      "and time limits,\nas a configuration for curl -q -g -K -"},
    [COMMAND_VERIFY] = {"verify", " [FILE|-]", 1, "check signature, issuer, audience and times;"
                        "\nexit 1 if not valid"},
    [COMMAND_FACTS] = {"facts", " [SERVICE PATH | URL [NAME=VALUE ...]]", -1,
                       "print what rhythm-check needs to know of settings,\nledger, token and call"},
    [COMMAND_PAGES] = {"pages", " URL [NAME=VALUE ...]", -1, NULL}, /* only for rhythm-get --all */
    [COMMAND_STATUS] = {"status", "", 0, "print what is cached, how long it is valid, and "
                        "what\nthe month has cost"},
    [COMMAND_LOGIN] = {"login", "", 0, "get a user's token, by browser or password"},
    [COMMAND_LOGOUT] = {"logout", "", 0, "delete this profile's token and revoke the login"},
    [COMMAND_CONFIG] = {"config", " [--init [--test] [KEY=VALUE ...]]", 0, "print the settings and where each "
                        "comes from;\n--init writes a profile and asks for what is missing"},
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

enum kind { FLAG, TEXT, NUMBER, FORMAT, VERBOSITY, COMMAND };

#define FIELD(name) (long)offsetof(struct options, name)

/* Each option: how it is written, what --help says, and where its value goes. */
static const struct option {
    char letter; /* 0: none */
    const char *name;
    const char *argument; /* NULL: takes none */
    const char *help;
    enum kind kind;
    long place; /* in struct options, of an int, const char * or long long; or which */
} table[] = {
    {'p', "profile", "NAME", "use NAME.conf, which overrides the environment",
     TEXT, FIELD(profile)},
    {0, "token", "FILE|-", "use exactly this token; request and cache none",
     TEXT, FIELD(token)},
    {0, "min-valid", "SECONDS", "renew a token that has less time left (300)",
     NUMBER, FIELD(min_valid_s)},
    {0, "refresh", NULL, "get a new token now; it counts against the month", FLAG, FIELD(refresh)},
    {0, "offline", NULL, "use the cached token or fail; open no connection", FLAG, FIELD(offline)},
    {0, "no-shared", NULL, "do not use the cache that hosts share",
     FLAG, FIELD(no_shared)},
    {0, "format", "kv|shell|json", "output format (kv); not for header, print and curl", FORMAT, 0},
    {0, "get", "KEY", "print only this value; exit 65 if there is none", TEXT, FIELD(get)},
    {0, "jwks", "FILE|URL", "with verify: use these keys, not the issuer's",
     TEXT, FIELD(jwks)},
    {0, "signature-only", NULL, "with verify, facts: check only the signature",
     FLAG, FIELD(signature_only)},
    {0, "leeway", "SECONDS", "with verify: how far clocks may differ (60)",
     NUMBER, FIELD(leeway_s)},
    {0, "no-browser", NULL, "with login: print the URL, read what you paste",
     FLAG, FIELD(no_browser)},
    {0, "session-dir", "DIR", "keep users' tokens in DIR", TEXT, FIELD(session_dir)},
    {0, "log", NULL, "with status: print this month's ledger", FLAG, FIELD(log)},
    {'n', "dry-run", NULL, "with url: keep placeholders that have no value", FLAG, FIELD(dry_run)},
    {0, "bundle", NULL, "with curl: use the system's certificate bundle", FLAG, FIELD(bundle)},
    {0, "status-fd", "N", "on failure, write token=STATUS to descriptor N",
     NUMBER, FIELD(status_fd)},
    {0, "init", NULL, "with config: write a profile", FLAG, FIELD(init)},
    {0, "test", NULL, "with config --init: then get a token", FLAG, FIELD(test)},
    {'y', "yes", NULL, "with config --init: replace an existing profile", FLAG, FIELD(yes)},
    {'q', "quiet", NULL, "print no warnings", VERBOSITY, QUIET},
    {'v', "verbose", NULL, "report each step on standard error", VERBOSITY, VERBOSE},
    {'h', "help", NULL, "print this help", COMMAND, COMMAND_HELP},
    {'V', "version", NULL, "print the version", COMMAND, COMMAND_VERSION},
};

enum { OPTION_COUNT = sizeof table / sizeof *table };

static int parse_format(struct options *options, const char *value)
{
    static const char *const names[] = {"kv", "shell", "json"}; /* as enum format */

    for (int i = 0; i < 3; i++) {
        if (strcmp(value, names[i]) == 0) {
            options->format = (enum format)i;
            return STATUS_OK;
        }
    }
    return message_fail(STATUS_USAGE, "--format=%s should be kv, shell or json; " HELP, value);
}

static int parse_number(const char *name, const char *value, long long *number)
{
    if (kv_number(value, number) != 0 || *number < 0 || *number > 1000000000)
        return message_fail(STATUS_USAGE, "--%s=%s should be a whole number, 0 to 1000000000; " HELP,
                            name, value);
    return STATUS_OK;
}

static int apply(struct options *options, const struct option *option, const char *value)
{
    void *field = (char *)options + option->place;

    switch (option->kind) {
    case FLAG:
        *(int *)field = 1;
        break;
    case TEXT:
        if (!*value) /* an unset variable in somebody's script */
            return message_fail(STATUS_USAGE, "missing %s after --%s; " HELP, option->argument,
                                option->name);
        *(const char **)field = value;
        break;
    case NUMBER:
        return parse_number(option->name, value, field);
    case FORMAT:
        return parse_format(options, value);
    case VERBOSITY:
        message_verbosity((enum verbosity)option->place);
        break;
    case COMMAND:
        options->command = (enum command)option->place;
        break;
    }
    return STATUS_OK;
}

static const struct option *find_option(const char *name, size_t len, int is_long)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (is_long ? strlen(table[i].name) == len && memcmp(table[i].name, name, len) == 0
                    : table[i].letter == *name)
            return &table[i];
    return NULL;
}

static struct nearest nearest_option(const char *name, size_t len)
{
    struct nearest nearest = nearest_to(name, len);

    for (size_t i = 0; i < OPTION_COUNT && len > 1; i++)
        nearest_offer(&nearest, table[i].name);
    return nearest;
}

static int fail_option(const char *dashes, const char *name, size_t len)
{
    struct nearest nearest = nearest_option(name, len);

    return message_fail(STATUS_USAGE, "there is no option %s%.*s; %s", dashes, (int)len, name,
                        nearest_remedy(&nearest, "--", "", HELP));
}

/* "--name", "--name=VALUE", "--name VALUE"; "-q", "-qv", "-pNAME", "-p NAME". */
static int take_option(struct options *options, const char *word, char ***rest)
{
    int is_long = word[1] == '-';
    const char *dashes = is_long ? "--" : "-";
    const char *name = word + strlen(dashes);
    int status = STATUS_OK;

    while (*name && status == STATUS_OK) {
        size_t len = is_long ? strcspn(name, "=") : 1;
        const struct option *option = find_option(name, len, is_long);
        /* after the = of a long option, or the rest of a word of short ones */
        const char *value = name[len] ? name + len + is_long : NULL;

        if (!option)
            return fail_option(dashes, name, len);
        if (option->argument && !value && !(value = *(*rest)++)) /* beyond the NULL only to fail */
            return message_fail(STATUS_USAGE, "missing %s after %s%.*s; " HELP, option->argument,
                                dashes, (int)len, name);
        if (option->argument)
            return apply(options, option, value);
        if (is_long && value)
            return message_fail(STATUS_USAGE, "--%s takes no value; " HELP, option->name);
        status = apply(options, option, NULL);
        name += len;
    }
    return status;
}

static int fail_command(const char *name)
{
    struct nearest nearest = nearest_to(name, strlen(name));
    struct nearest option = nearest_option(name, strlen(name));

    if (secrecy_is_token(name))
        return message_fail(STATUS_USAGE, "the command looks like a token, which others can see in the "
                            "process list; run rhythm-token claims - instead, then paste the token");
    for (int i = 0; i < COMMAND_COUNT; i++)
        nearest_offer(&nearest, commands[i].name);
    return message_fail(STATUS_USAGE, "there is no command '%s'; %s", name,
                        nearest_remedy(&nearest, "", "", nearest_remedy(&option, "--", "", HELP)));
}

static int take_command(struct options *options)
{
    const char *name = options->operand_count ? options->operands[0] : "claims";
    int i = 0;
    int most;

    if (options->command == COMMAND_HELP || options->command == COMMAND_VERSION)
        return STATUS_OK;
    while (i < COMMAND_COUNT && strcmp(commands[i].name, name) != 0)
        i++;
    if (i == COMMAND_COUNT)
        return fail_command(name);
    options->command = (enum command)i;
    if (options->operand_count) {
        options->operands++;
        options->operand_count--;
    }
    most = options->init ? -1 : commands[i].operands_max;
    if (most >= 0 && options->operand_count > most)
        return message_fail(STATUS_USAGE, "%s: unexpected '%s'; usage: rhythm-token %s%s", name,
                            options->operands[most], name, commands[i].operands);
    if (options->init ? options->command != COMMAND_CONFIG : options->test)
        return message_fail(STATUS_USAGE, "--%s works only with config%s; usage: rhythm-token config%s",
                            options->init ? "init" : "test", options->init ? "" : " --init",
                            commands[COMMAND_CONFIG].operands);
    if (commands[i].operands_max == 1 && options->operand_count)
        options->file = options->operands[0];
    if (options->file && !*options->file)
        return message_fail(STATUS_USAGE, "%s: the file name is empty; give FILE or -", name);
    if ((options->get || options->format != FORMAT_KV) &&
        (options->command == COMMAND_HEADER || options->command == COMMAND_PRINT))
        return message_fail(STATUS_USAGE, "%s prints only the token; leave out --get and "
                            "--format", name);
    return STATUS_OK;
}

int options_parse(struct options *options, char **argv)
{
    char **rest = argv + 1;
    int status = STATUS_OK;

    *options = (struct options){.command = COMMAND_CLAIMS, .min_valid_s = -1, .leeway_s = -1,
                                .status_fd = -1, .operands = (const char **)argv};
    while (*rest && status == STATUS_OK) {
        char *word = *rest++;

        if (strcmp(word, "--") == 0)
            while (*rest)
                options->operands[options->operand_count++] = *rest++;
        else if (word[0] == '-' && word[1])
            status = take_option(options, word, &rest);
        else /* over a word already read: there are never more operands than words */
            options->operands[options->operand_count++] = word;
    }
    if (status == STATUS_OK && options->refresh && options->offline)
        return message_fail(STATUS_USAGE, "--refresh and --offline exclude each other; leave out one");
    if (status == STATUS_OK && options->refresh && options->token)
        return message_fail(STATUS_USAGE, "--refresh does not apply to the token of --token; leave out "
                            "one");
    return status == STATUS_OK ? take_command(options) : status;
}

int options_end(const struct options *options, int status)
{
    if (status != STATUS_OK && options->status_fd > STDERR_FILENO)
        dprintf((int)options->status_fd, "token=%d\n", status);
    return status;
}

void options_put_profile(struct buffer *out, const char *profile)
{
    const char *chosen = getenv("RHYTHM_PROFILE");

    if (strcmp(profile, "default") != 0 || (chosen && *chosen && strcmp(chosen, profile) != 0))
        buffer_printf(out, " -p %s", profile);
}

/* Appends "  term   help", the help's further lines under its first. */
static void put_help(struct buffer *out, const char *term, const char *help)
{
    enum { COLUMN = 28 };

    buffer_printf(out, "  %-*s", COLUMN - 2, term);
    if (strlen(term) > COLUMN - 4)
        buffer_printf(out, "\n%*s", COLUMN, "");
    for (; *(help = text_put_until(out, help, "\n")); help++)
        buffer_printf(out, "\n%*s", COLUMN, "");
    buffer_puts(out, "\n");
}

void options_help(struct buffer *out)
{
    SCRATCH term = BUFFER_EMPTY;

    buffer_puts(out, "usage: rhythm-token [OPTIONS] [COMMAND]\n"
                     "Gets one access token for the Rhythm APIs and keeps it for its whole life.\n"
                     "\ncommands:\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (!commands[i].help)
            continue;
        buffer_set(&term, commands[i].name);
        buffer_puts(&term, commands[i].operands);
        put_help(out, term.bytes, commands[i].help);
    }
    buffer_puts(out, "\noptions, anywhere before --:\n");
    for (int i = 0; i < OPTION_COUNT; i++) {
        buffer_set(&term, "    ");
        if (table[i].letter) {
            buffer_truncate(&term, 0);
            buffer_printf(&term, "-%c, ", table[i].letter);
        }
        buffer_printf(&term, "--%s%s%s", table[i].name, table[i].argument ? "=" : "",
                      table[i].argument ? table[i].argument : "");
        put_help(out, term.bytes, table[i].help);
    }
    buffer_puts(out, "\nexit: 0 done, 1 not valid, 64 usage, 65 bad input, 69 unavailable, "
                     "73 cannot write,\n75 try later, 76 protocol, 77 refused, 78 settings. "
                     "More: man rhythm-token\n");
}
