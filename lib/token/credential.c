#include "token/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/kv.h"
#include "base/message.h"
#include "base/text.h"
#include "base/trust.h"

#define SECRET_MAX 4096 /* bytes; both together fit a pipe */
#define GRACE_MS 2000   /* for a command to end after its first line */

static volatile sig_atomic_t interrupted; /* by this signal, at the prompt */

static void on_interrupt(int signal_number)
{
    interrupted = signal_number;
}

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Gives the terminal from one process group to another, if it is the first one's: for questions. */
static void lend_terminal(pid_t from, pid_t to)
{
    CLOSED tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    void (*before)(int) = signal(SIGTTOU, SIG_IGN); /* or we would be stopped for it */

    if (tty >= 0 && tcgetpgrp(tty) == from)
        (void)tcsetpgrp(tty, to);
    signal(SIGTTOU, before);
}

/* A process group of its own, so that all of it can be ended. */
static _Noreturn void run_command(const char *command, int output)
{
    int null = open("/dev/null", O_RDONLY);
    pid_t group = getpgrp();

    setpgid(0, 0);
    lend_terminal(group, getpid());
    signal(SIGXFSZ, SIG_DFL);
    unsetenv("RHYTHM_CLIENT_SECRET");
    unsetenv("RHYTHM_PASSWORD");
    if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0) {
        (void)close_range(3, ~0u, 0);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    }
    _exit(127);
}

/* Reads up to the first newline, the end, or the deadline. 0, or -1 with errno. */
static int read_line(int fd, long long deadline, struct buffer *line)
{
    char chunk[256];

    while (!line->len || !memchr(line->bytes, '\n', line->len)) {
        struct pollfd ready = {fd, POLLIN, 0};
        long long left = deadline - now_ms();
        ssize_t got;

        if (left <= 0 || poll(&ready, 1, (int)left) == 0) {
            errno = ETIMEDOUT;
            return -1;
        }
        if (interrupted)
            return -1;
        got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno != EINTR)
            return -1;
        if (got == 0)
            return 0;
        if (got > 0)
            buffer_append(line, chunk, (size_t)got);
        explicit_bzero(chunk, sizeof chunk);
        if (line->len > SECRET_MAX) {
            errno = EFBIG;
            return -1;
        }
    }
    return 0;
}

/* Waits for the child's end, or the deadline. 1 and *wait_status if it has ended, else 0. */
static int wait_until(pid_t child, long long deadline, int *wait_status)
{
    struct timespec pause = {0, 5000000};

    while (waitpid(child, wait_status, WNOHANG) == 0) {
        if (now_ms() >= deadline)
            return 0;
        nanosleep(&pause, NULL);
    }
    return 1;
}

/* Cuts the line's end off and refuses what cannot be a secret. */
static int check_line(struct buffer *line, const char *name)
{
    size_t len = strcspn(buffer_text(line), "\r\n");

    if (memchr(buffer_text(line), '\0', len))
        len = 0;
    buffer_truncate(line, len);
    if (len == 0)
        return message_fail(STATUS_CONFIG, "%s gave an empty first line, no secret", name);
    return STATUS_OK;
}

/* Takes a secret that stands in the settings; empty is none. */
static int take_setting(const struct settings *settings, enum setting which, struct buffer *secret)
{
    if (settings->value[which].len > SECRET_MAX)
        return message_fail(STATUS_CONFIG, "%s is over %d bytes", setting_name(which), SECRET_MAX);
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
        return message_fail(STATUS_CONFIG, "cannot read %s %s: %s", name, path, strerror(errno));
    return check_line(line, name);
}

/* The first line of what a command prints. */
static int run_setting(const struct settings *settings, enum setting which, struct buffer *line)
{
    const char *name = setting_name(which);
    long long limit_s = setting_number(settings, SETTING_TIMEOUT);
    long long deadline = now_ms() + limit_s * 1000;
    int ends[2];
    int how = 0;
    int failed;
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) != 0 || (child = fork()) < 0)
        return message_fail(STATUS_CONFIG, "cannot run %s: %s", name, strerror(errno));
    if (child == 0)
        run_command(setting(settings, which), ends[1]);
    close(ends[1]);
    failed = read_line(ends[0], deadline, line);
    close(ends[0]);
    if (failed) {
        const char *why = errno == ETIMEDOUT ? "it took too long" : strerror(errno);

        kill(-child, SIGKILL);
        waitpid(child, NULL, 0);
        lend_terminal(child, getpgrp());
        return message_fail(STATUS_CONFIG, "%s gave no line within %lld s: %s", name, limit_s, why);
    }
    failed = wait_until(child, line->len ? now_ms() + GRACE_MS : deadline, &how) == 0;
    lend_terminal(child, getpgrp());
    if (!failed) {
        int has_exited = WIFEXITED(how);
        int code = has_exited ? WEXITSTATUS(how) : WTERMSIG(how);

        if (!has_exited && code == SIGINT)
            raise(SIGINT); /* Ctrl-C was meant for us too */
        /* SIGPIPE: it had more to say than the line that was wanted */
        if (code && code != (has_exited ? 128 + SIGPIPE : SIGPIPE))
            return message_fail(STATUS_CONFIG, "%s failed (%s %d); run it by hand to see why", name,
                                has_exited ? "exit" : "signal", code);
    }
    return check_line(line, name);
}

/* Every file that will be read is judged before any command runs. */
static int check_files(const struct settings *settings)
{
    static const enum setting files[] = {SETTING_CLIENT_SECRET_FILE, SETTING_PASSWORD_FILE};
    int count = settings_is_user(settings) ? 2 : 1;
    int status = STATUS_OK;

    for (int i = 0; i < count && status == STATUS_OK; i++)
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

/*
 * Asks for a line that is not shown. A signal that would end us waits until the terminal shows
 * again what is typed.
 */
static void ask_hidden(int fd, const struct termios *shown, const struct buffer *prompt,
                       struct buffer *line)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    enum { SIGNALS = sizeof signals / sizeof *signals };
    struct sigaction action = {.sa_handler = on_interrupt};
    struct sigaction before[SIGNALS];
    struct termios hidden = *shown;

    for (int i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &action, &before[i]);
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(fd, TCSAFLUSH, &hidden);
    (void)buffer_write(prompt, fd);
    (void)read_line(fd, now_ms() + 300000, line);
    tcsetattr(fd, TCSAFLUSH, shown);
    for (int i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &before[i], NULL);
    if (interrupted)
        raise(interrupted);
}

static int ask_password(const char *username, struct buffer *password)
{
    CLOSED fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    SCRATCH prompt = BUFFER_EMPTY;
    struct termios shown;

    if (fd < 0 || tcgetattr(fd, &shown) != 0)
        return message_fail(STATUS_CONFIG, "no terminal to ask for the password of %s; set "
                            "password_command", username);
    buffer_puts(&prompt, "Password for ");
    text_escape_controls(&prompt, username, strlen(username));
    buffer_puts(&prompt, ": ");
    ask_hidden(fd, &shown, &prompt, password);
    (void)!write(fd, "\n", 1);
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

int credential_send(const struct buffer *secret, const struct buffer *password, int *fd)
{
    SCRATCH text = BUFFER_EMPTY;
    int ends[2] = {-1, -1};
    int failed;

    kv_put(&text, "client_secret", buffer_text(secret));
    kv_put(&text, "password", buffer_text(password));
    failed = pipe2(ends, O_CLOEXEC) != 0 || buffer_write(&text, ends[1]) != 0 ||
             fcntl(ends[0], F_SETFD, 0) != 0;
    buffer_close(&ends[1]);
    *fd = ends[0];
    return failed ? message_fail(STATUS_BUG, "cannot make a pipe: %s", strerror(errno)) : STATUS_OK;
}

void credential_receive(int fd, struct buffer *secret, struct buffer *password)
{
    SCRATCH text = BUFFER_EMPTY;
    struct kv_reader reader;
    struct kv_pair pair;

    if (buffer_read(&text, fd, 10 * SECRET_MAX) != 0)
        buffer_truncate(&text, 0);
    reader = kv_reader(text.bytes, text.len);
    while (kv_next(&reader, &pair) == 1)
        buffer_puts(strcmp(pair.key, "password") == 0 ? password : secret, pair.value);
    close(fd);
}
