#include "token/credential.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/signals.h"
#include "base/text.h"
#include "base/trust.h"
#include "token/terminal.h"

#define SECRET_MAX 4096 /* bytes */
#define GRACE_MS 2000   /* for a command to end after its first line */

static int fail_long(const char *what)
{
    return message_fail(STATUS_CONFIG, "%s is longer than %d bytes; it should be only the secret",
                        what, SECRET_MAX);
}

/* Cuts off the line's end and refuses what cannot be a secret. */
static int check_line(struct buffer *line, const char *name)
{
    size_t len = strcspn(buffer_text(line), "\r\n");

    if (len < line->len && !line->bytes[len]) /* only what precedes a NUL would be sent */
        len = 0;
    buffer_truncate(line, len);
    if (len == 0)
        return message_fail(STATUS_CONFIG, "the first line from %s is empty; it should be the secret",
                            name);
    return STATUS_OK;
}

/* Takes a secret that is in the settings themselves; an empty one is none. */
static int take_setting(const struct settings *settings, enum setting which, struct buffer *secret)
{
    SCRATCH what = BUFFER_EMPTY;

    if (settings->value[which].len > SECRET_MAX) {
        buffer_printf(&what, "%s (%s)", setting_name(which), settings->from[which].bytes);
        return fail_long(what.bytes);
    }
    buffer_puts(secret, setting(settings, which));
    return STATUS_OK;
}

/* The first line of a file. */
static int read_setting(const struct settings *settings, enum setting which, struct buffer *line)
{
    const char *name = setting_name(which);
    const char *path = setting(settings, which);
    CLOSED fd = trust_open_secret(path, name);

    if (fd < 0)
        return STATUS_CONFIG;
    if (buffer_read(line, fd, SECRET_MAX) != 0)
        return errno == EFBIG ? fail_long(name)
                              : message_fail(STATUS_CONFIG, "cannot read %s %s: %s", name, path,
                                             strerror(errno));
    return check_line(line, name);
}

/*
 * Why what a command printed is not to be used: NULL if it is, or "exit" or "signal", with *code.
 */
static const char *wrong_end(int how, int *code)
{
    *code = WIFEXITED(how) ? WEXITSTATUS(how) : WTERMSIG(how);
    /* SIGPIPE: it printed more than the one line that was read */
    if (*code == 0 || *code == (WIFEXITED(how) ? 128 + SIGPIPE : SIGPIPE))
        return NULL;
    return WIFEXITED(how) ? "exit" : "signal";
}

/* The first line of what a command prints. A signal that came is noted, and needs no message. */
static int run_command(const struct settings *settings, enum setting which, struct buffer *line)
{
    const char *arguments[] = {"/bin/sh", "-c", setting(settings, which), NULL};
    struct child_plan plan = {.arguments = arguments, .takes_terminal = 1};
    struct child child = CHILD_NONE;
    const char *name = setting_name(which);
    long long limit_s = setting_number(settings, SETTING_TIMEOUT);
    long long deadline_ms = clock_steady_ms() + limit_s * 1000;
    SCRATCH what = BUFFER_EMPTY;
    const char *wrong;
    int how;
    int code;

    if (child_start(&child, &plan) != 0)
        return message_fail(STATUS_CONFIG, "cannot run %s: %s", name, strerror(errno));
    if (child_read_line(child.from, SECRET_MAX, deadline_ms, line) != 0) {
        child_kill(&child);
        if (signals_noted())
            return STATUS_CONFIG;
        if (errno == ETIMEDOUT)
            return message_fail(STATUS_CONFIG, "%s printed no line within %lld s; run it by hand to "
                                "see why, or raise timeout", name, limit_s);
        buffer_printf(&what, "the first line from %s", name);
        return errno == EFBIG ? fail_long(what.bytes)
                              : message_fail(STATUS_CONFIG, "cannot read the output of %s: %s", name,
                                             strerror(errno));
    }
    /* one that goes on after its line, such as an agent it started, is ended; the line counts */
    how = child_reap(&child, line->len ? clock_steady_ms() + GRACE_MS : deadline_ms);
    if (how >= 0 && (wrong = wrong_end(how, &code)) != NULL) {
        if (!WIFEXITED(how) && code == SIGINT)
            raise(SIGINT); /* Ctrl-C was meant for us too */
        if (signals_noted())
            return STATUS_CONFIG;
        return message_fail(STATUS_CONFIG, "%s failed (%s %d); run it by hand to see why", name,
                            wrong, code);
    }
    return check_line(line, name);
}

/* The same; whatever ends us ends the command first, with all that it started. */
static int run_setting(const struct settings *settings, enum setting which, struct buffer *line)
{
    int status;

    signals_hold(1);
    status = run_command(settings, which, line);
    signals_release();
    return status;
}

/* Every file that will be read is judged before any command runs. */
static int check_files(const struct settings *settings)
{
    const enum setting files[] = {SETTING_CLIENT_SECRET_FILE, settings_is_user(settings)
                                                                  ? SETTING_PASSWORD_FILE
                                                                  : SETTING_REDIS_PASSWORD_FILE};
    int status = STATUS_OK;

    for (int i = 0; i < 2 && status == STATUS_OK; i++)
        if (settings->value[files[i]].len)
            status = trust_check_secret(setting(settings, files[i]), setting_name(files[i]));
    return status;
}

int credential_client_secret(const struct settings *settings, struct buffer *secret)
{
    if (check_files(settings) != STATUS_OK)
        return STATUS_CONFIG;
    if (settings->value[SETTING_CLIENT_SECRET_COMMAND].len)
        return run_setting(settings, SETTING_CLIENT_SECRET_COMMAND, secret);
    if (settings->value[SETTING_CLIENT_SECRET_FILE].len)
        return read_setting(settings, SETTING_CLIENT_SECRET_FILE, secret);
    if (!settings->value[SETTING_CLIENT_SECRET].len && !settings_is_user(settings))
        return settings_need_secret(settings);
    return take_setting(settings, SETTING_CLIENT_SECRET, secret);
}

static int ask_password(const char *username, struct buffer *password)
{
    SCRATCH prompt = BUFFER_EMPTY;

    buffer_puts(&prompt, "Password for ");
    text_escape_controls(&prompt, username, strlen(username));
    buffer_puts(&prompt, ": ");
    if (terminal_ask(&prompt, 1, password) != 0)
        return message_fail(STATUS_CONFIG, "there is no terminal to ask for the password of %s; set "
                            "password_command", username);
    return check_line(password, "the terminal");
}

int credential_password(const struct settings *settings, struct buffer *password)
{
    if (settings->value[SETTING_PASSWORD].len)
        return take_setting(settings, SETTING_PASSWORD, password);
    if (settings->value[SETTING_PASSWORD_FILE].len)
        return read_setting(settings, SETTING_PASSWORD_FILE, password);
    if (settings->value[SETTING_PASSWORD_COMMAND].len)
        return run_setting(settings, SETTING_PASSWORD_COMMAND, password);
    return ask_password(setting(settings, SETTING_USERNAME), password);
}

int credential_store_password(const struct settings *settings, struct buffer *password)
{
    if (settings->value[SETTING_REDIS_PASSWORD_FILE].len)
        return read_setting(settings, SETTING_REDIS_PASSWORD_FILE, password);
    if (settings->value[SETTING_REDIS_PASSWORD_COMMAND].len)
        return run_setting(settings, SETTING_REDIS_PASSWORD_COMMAND, password);
    return STATUS_OK;
}
