#include "token/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/directories.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/signals.h"
#include "base/text.h"
#include "base/trust.h"
#include "token/settings.h"
#include "token/terminal.h"

struct setup {
    struct options *options;
    struct settings settings;
    struct buffer secret_file; /* where a typed secret goes */
    struct buffer secret;      /* typed, with its newline; else empty */
};

static int has(const struct setup *setup, enum setting which)
{
    return setup->settings.value[which].len != 0;
}

static int needs_secret(const struct setup *setup)
{
    return !settings_is_user(&setup->settings) && !has(setup, SETTING_CLIENT_SECRET_COMMAND) &&
           !has(setup, SETTING_CLIENT_SECRET_FILE);
}

static int needs_username(const struct setup *setup)
{
    return strcmp(setting(&setup->settings, SETTING_GRANT), "password") == 0 &&
           !has(setup, SETTING_USERNAME);
}

/* Before any question was answered, so this is all that is missing. */
static int fail_missing(const struct setup *setup)
{
    SCRATCH list = BUFFER_EMPTY;

    buffer_puts(&list, has(setup, SETTING_AUTH0_DOMAIN) ? "" : ", auth0_domain");
    buffer_puts(&list, has(setup, SETTING_CLIENT_ID) ? "" : ", client_id");
    buffer_puts(&list, needs_username(setup) ? ", username" : "");
    buffer_puts(&list, needs_secret(setup) ? ", client_secret_command (or client_secret_file)" : "");
    return message_fail(STATUS_CONFIG, "missing %s, and there is no terminal to ask on; give each "
                        "as KEY=VALUE", list.bytes + 2);
}

/* Asks until something is typed; answer is without its newline. */
static int ask(const struct setup *setup, const char *question, int hidden, struct buffer *answer)
{
    SCRATCH prompt = BUFFER_EMPTY;

    buffer_puts(&prompt, question);
    do {
        buffer_truncate(answer, 0);
        if (terminal_ask(&prompt, hidden, answer) != 0)
            return fail_missing(setup);
        if (!answer->len || !strchr(answer->bytes, '\n'))
            return message_fail(STATUS_CONFIG, "no answer; nothing was written");
        buffer_truncate(answer, answer->len - 1);
    } while (!answer->len);
    return STATUS_OK;
}

/* A path in a profile has to mean the same wherever the program is run. */
static int check_files(const struct setup *setup)
{
    enum { SECRETS = 3 };
    static const enum setting files[] = {SETTING_CLIENT_SECRET_FILE, SETTING_PASSWORD_FILE,
                                         SETTING_REDIS_PASSWORD_FILE, SETTING_TOKEN_FILE,
                                         SETTING_CA_BUNDLE, SETTING_REDIS_CA_BUNDLE};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *path = setting(&setup->settings, files[i]);
        const char *name = setting_name(files[i]);

        if (*path && *path != '/')
            return message_fail(STATUS_CONFIG, "%s should be a path that begins with /", name);
        if (*path && i < SECRETS && trust_check_secret(path, name) != STATUS_OK)
            return STATUS_CONFIG;
    }
    return STATUS_OK;
}

/* Asks for one setting until its value is valid. */
static int ask_setting(struct setup *setup, enum setting which, const char *question)
{
    SCRATCH answer = BUFFER_EMPTY;

    while (!has(setup, which)) {
        if (ask(setup, question, 0, &answer) != STATUS_OK)
            return STATUS_CONFIG;
        if (settings_take(&setup->settings, setting_name(which), answer.bytes, "terminal") ==
                STATUS_OK && check_files(setup) != STATUS_OK)
            buffer_wipe(&setup->settings.value[which]);
    }
    return STATUS_OK;
}

static int check_free(const struct setup *setup, const struct buffer *path)
{
    struct stat info;

    if (setup->options->yes || lstat(path->bytes, &info) != 0)
        return STATUS_OK;
    return message_fail(STATUS_CANNOT_CREATE, "%s exists; add --yes to replace it", path->bytes);
}

static int type_secret(struct setup *setup)
{
    int status = check_free(setup, &setup->secret_file);

    if (status == STATUS_OK)
        status = ask(setup, "Client secret (not shown): ", 1, &setup->secret);
    if (status == STATUS_OK && text_has_controls(setup->secret.bytes, setup->secret.len))
        status = message_fail(STATUS_CONFIG, "the secret contains a control character; nothing was "
                              "written");
    if (status != STATUS_OK)
        return status;
    buffer_puts(&setup->secret, "\n");
    return settings_take(&setup->settings, setting_name(SETTING_CLIENT_SECRET_FILE),
                         setup->secret_file.bytes, "terminal");
}

static int ask_secret(struct setup *setup)
{
    SCRATCH answer = BUFFER_EMPTY;

    while (!answer.len || !strchr("cft", answer.bytes[0]))
        if (ask(setup, "Client secret: from a command (c), from a file (f), or typed now (t)? ", 0,
                &answer) != STATUS_OK)
            return STATUS_CONFIG;
    if (answer.bytes[0] == 'c')
        return ask_setting(setup, SETTING_CLIENT_SECRET_COMMAND,
                           "Command that prints it, such as pass show rhythm/api: ");
    if (answer.bytes[0] == 'f')
        return ask_setting(setup, SETTING_CLIENT_SECRET_FILE, "File that contains it: ");
    return type_secret(setup);
}

static int ask_missing(struct setup *setup)
{
    int status = ask_setting(setup, SETTING_AUTH0_DOMAIN,
                             "Domain (Rhythm Console > Security & Settings > API Keys): ");

    if (status == STATUS_OK)
        status = ask_setting(setup, SETTING_CLIENT_ID, "Client ID: ");
    if (status == STATUS_OK && needs_username(setup))
        status = ask_setting(setup, SETTING_USERNAME, "Username: ");
    return status == STATUS_OK && needs_secret(setup) ? ask_secret(setup) : status;
}

/* Asks whether to get a token; without a terminal only --test decides. */
static void ask_test(struct setup *setup)
{
    SCRATCH prompt = BUFFER_EMPTY, line = BUFFER_EMPTY;

    buffer_puts(&prompt, settings_is_user(&setup->settings)
                             ? "Log in now? [y/N] "
                             : "Get a token now, to test it? It counts against the month. [y/N] ");
    if (!setup->options->test && terminal_ask(&prompt, 0, &line) == 0)
        setup->options->test = terminal_is_yes(&line);
}

static int take_arguments(struct setup *setup)
{
    SCRATCH key = BUFFER_EMPTY;
    int status = STATUS_OK;

    for (int i = 0; i < setup->options->operand_count && status == STATUS_OK; i++) {
        const char *word = setup->options->operands[i];
        const char *value = strchr(word, '=');

        if (!value)
            return message_fail(STATUS_USAGE, "config --init: '%s' is not KEY=VALUE", word);
        buffer_truncate(&key, 0);
        buffer_append(&key, word, (size_t)(value - word));
        status = settings_take(&setup->settings, key.bytes, value + 1, "config --init");
    }
    if (status == STATUS_OK)
        status = settings_complete(&setup->settings);
    if (status == STATUS_OK)
        status = check_files(setup);
    return status == STATUS_OK ? STATUS_OK : STATUS_USAGE;
}

/* Replaces a file atomically, or leaves it as it was. */
static int write_file(const struct setup *setup, int directory, const struct buffer *path,
                      const struct buffer *text)
{
    SCRATCH new_name = BUFFER_EMPTY;
    const char *name = strrchr(path->bytes, '/') + 1;
    CLOSED fd = -1;

    if (check_free(setup, path) != STATUS_OK)
        return STATUS_CANNOT_CREATE;
    buffer_printf(&new_name, "%s+new", name);
    (void)unlinkat(directory, new_name.bytes, 0);
    fd = directory_open_file(directory, new_name.bytes, O_WRONLY | O_CREAT | O_EXCL);
    if (directory_replace_file(directory, name, new_name.bytes, fd, text) != 0)
        return message_fail(STATUS_CANNOT_CREATE, "cannot write %s: %s", path->bytes,
                            strerror(errno));
    return STATUS_OK;
}

static int write_all(const struct setup *setup)
{
    SCRATCH path = BUFFER_EMPTY, text = BUFFER_EMPTY;
    CLOSED directory = -1;
    int status = directory_config_refuse();

    for (enum setting i = 0; i < SETTING_COUNT; i++)
        if (has(setup, i) && strcmp(setup->settings.from[i].bytes, "default") != 0)
            kv_put(&text, setting_name(i), setting(&setup->settings, i));
    signals_hold(1);
    if (status == STATUS_OK)
        status = directory_open(DIRECTORY_CONFIG, 1, &directory, &path);
    /* the secret first, so that no profile names a secret that does not exist */
    if (status == STATUS_OK && setup->secret.len)
        status = write_file(setup, directory, &setup->secret_file, &setup->secret);
    if (status == STATUS_OK) {
        status = write_file(setup, directory, &setup->settings.profile_path, &text);
        if (status != STATUS_OK && setup->secret.len)
            (void)unlink(setup->secret_file.bytes);
    }
    signals_release();
    return status;
}

/* Prints the next command, or changes options to it. */
static void say_or_run_next(const struct setup *setup)
{
    const struct settings *settings = &setup->settings;
    int is_user = settings_is_user(settings);
    SCRATCH option = BUFFER_EMPTY;

    if (!setup->options->test) {
        options_put_profile(&option, settings->profile.bytes);
        message_prompt("wrote %s; to %s, run: rhythm-token%s%s", settings->profile_path.bytes,
                       is_user ? "log in" : "get a token", is_user ? " login" : "",
                       buffer_text(&option));
        return;
    }
    message_prompt("wrote %s", settings->profile_path.bytes);
    setup->options->command = is_user ? COMMAND_LOGIN : COMMAND_CLAIMS;
    setup->options->refresh = !is_user; /* a cached token would prove nothing about the secret */
}

static int prepare(struct setup *setup)
{
    struct settings *settings = &setup->settings;
    int status = settings_name_profile(settings, setup->options->profile);

    if (status == STATUS_OK)
        status = directory_config(&setup->secret_file);
    if (status != STATUS_OK)
        return status;
    buffer_printf(&settings->profile_path, "%s/%s.conf", setup->secret_file.bytes,
                  settings->profile.bytes);
    buffer_printf(&setup->secret_file, "/%s.secret", settings->profile.bytes);
    status = take_arguments(setup);
    return status == STATUS_OK ? check_free(setup, &settings->profile_path) : status;
}

int setup_run(struct options *options)
{
    struct setup setup = {.options = options};
    int status = prepare(&setup);

    if (status == STATUS_OK)
        status = ask_missing(&setup);
    if (status == STATUS_OK) {
        ask_test(&setup);
        status = write_all(&setup);
    }
    if (status == STATUS_OK)
        say_or_run_next(&setup);
    settings_wipe(&setup.settings);
    buffer_wipe(&setup.secret_file);
    buffer_wipe(&setup.secret);
    return status;
}
