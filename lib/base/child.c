#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/platform.h"
#include "base/signals.h"

/* Variables that may contain a secret; nothing that we start needs them. */
static const char *const secret_variables[] = {"RHYTHM_CLIENT_SECRET", "RHYTHM_PASSWORD",
                                               "RHYTHM_REDIS_URL", "RHYTHM_CACHE_URL", NULL};

/* Gives the terminal from one process group to another, if the first one has it. 1 if it did. */
static int lend_terminal(pid_t from, pid_t to)
{
    CLOSED tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    void (*before)(int) = signal(SIGTTOU, SIG_IGN); /* or we would be stopped for it */
    int is_lent = tty >= 0 && tcgetpgrp(tty) == from && tcsetpgrp(tty, to) == 0;

    signal(SIGTTOU, before);
    return is_lent;
}

/* Undoes what the program would inherit from us: ignored signals, and secrets. */
static void drop_inherited(void)
{
    static const int numbers[] = {SIGPIPE, SIGXFSZ, SIGTERM}; /* the last is how we end it */

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        signal(numbers[i], SIG_DFL);
    for (const char *const *name = secret_variables; *name; name++)
        unsetenv(*name);
}

/* In the child: becomes the program, or writes errno to fail_fd, which execve closes. */
static _Noreturn void become(const struct child_plan *plan, pid_t parents_group, int in, int out,
                             int fail_fd)
{
    enum { FAILURE = STDERR_FILENO + 1 }; /* CHILD_KEPT is the next, so one call closes all others */

    setpgid(0, 0);
    if (plan->takes_terminal)
        (void)lend_terminal(parents_group, getpid());
    drop_inherited();
    if (plan->input == CHILD_NO_INPUT)
        in = open("/dev/null", O_RDONLY);
    /*
     * No dup2 overwrites what a later one copies: 0 to 2 are always taken (see harden.h), so our
     * pipes have higher numbers, and those at FAILURE and CHILD_KEPT were copied by then.
     */
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
        dup2(fail_fd, FAILURE) >= 0 && fcntl(FAILURE, F_SETFD, FD_CLOEXEC) == 0 &&
        (plan->kept <= 0 || dup2(plan->kept, CHILD_KEPT) >= 0)) {
        fail_fd = FAILURE;
        platform_close_from(plan->kept <= 0 ? CHILD_KEPT : CHILD_KEPT + 1);
        execv(plan->arguments[0], (char *const *)(uintptr_t)plan->arguments); /* only read */
    }
    (void)!write(fail_fd, &errno, sizeof errno); /* the ! because gcc warns in spite of a (void) */
    _exit(127); /* not exit(): our atexit functions and buffers are the parent's */
}

struct ends {
    int ours;
    int its;
};

#define ENDS_NONE {-1, -1}

static void ends_close(struct ends *ends)
{
    buffer_close(&ends->ours);
    buffer_close(&ends->its);
}

/*
 * Makes a pipe, or a socket pair for both directions; we write to our end, or read from it. 0, or
 * -1 with errno. It need not be close-on-exec: only children call execve, and they close all that
 * is not theirs.
 */
static int ends_make(struct ends *ends, int is_socket, int we_write)
{
    int fds[2];

    if ((is_socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, fds) : pipe(fds)) != 0)
        return -1;
    *ends = we_write ? (struct ends){fds[1], fds[0]} : (struct ends){fds[0], fds[1]};
    return 0;
}

/*
 * 0 if execve worked, else the child's errno. The writing end is close-on-exec, so the pipe ends
 * without a byte when execve succeeds.
 */
static int why_not_started(int fd)
{
    int error = 0;
    ssize_t got;

    do
        got = read(fd, &error, sizeof error);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof error ? error : 0;
}

int child_start(struct child *child, const struct child_plan *plan)
{
    WIPED_BY(ends_close) struct ends in = ENDS_NONE, out = ENDS_NONE, failure = ENDS_NONE;
    int is_socket = plan->input == CHILD_SOCKET;
    pid_t group = getpgrp(); /* before the fork: either side may move the child out of it first */
    int error;

    *child = (struct child)CHILD_NONE;
    if ((plan->input != CHILD_NO_INPUT && ends_make(&in, is_socket, 1) != 0) ||
        (!plan->output && !is_socket && ends_make(&out, 0, 0) != 0) ||
        ends_make(&failure, 0, 0) != 0)
        return -1;
    child->pid = fork();
    if (child->pid == 0)
        become(plan, group, in.its, plan->output ? plan->output : is_socket ? in.its : out.its,
               failure.its);
    if (child->pid < 0) {
        child->pid = 0;
        return -1;
    }
    /* here too, whichever runs first: from now on a kill of the group reaches the child */
    setpgid(child->pid, child->pid);
    child->has_terminal = plan->takes_terminal;
    buffer_close(&failure.its);
    error = why_not_started(failure.ours);
    child->to = in.ours;
    child->from = is_socket ? in.ours : out.ours;
    in.ours = out.ours = -1; /* the child's to close */
    if (error) {
        child_kill(child);
        errno = error;
        return -1;
    }
    return 0;
}

int child_launch(const char *const *arguments)
{
    struct child_plan plan = {.arguments = arguments, .output = STDOUT_FILENO};
    pid_t middle = fork();
    int how = 0;

    if (middle == 0) { /* fork twice: init reaps what has lost its parent, so nobody waits for it */
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        setsid(); /* so that neither Ctrl-C nor the terminal's end reaches it */
        if (null >= 0 && dup2(null, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0 &&
            fork() == 0)
            become(&plan, 0, null, STDOUT_FILENO, null);
        _exit(0);
    }
    return middle > 0 && waitpid(middle, &how, 0) == middle ? 0 : -1;
}

/* child_read, given up as soon as is_over. */
static int read_until(int (*is_over)(void), int fd, size_t max, long long deadline_ms,
                      struct buffer *out)
{
    char chunk[4096];

    for (;;) {
        struct pollfd ready = {fd, POLLIN, 0};
        long long left_ms = deadline_ms - clock_steady_ms();
        ssize_t got;

        if (out->len > max || is_over() || left_ms <= 0) {
            errno = out->len > max ? EFBIG : is_over() ? EINTR : ETIMEDOUT;
            return -1;
        }
        if (poll(&ready, 1, left_ms < 1000 ? (int)left_ms : 1000) < 1)
            continue; /* a signal that came just before poll is noticed within a second */
        got = read(fd, chunk, sizeof chunk);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got > 0)
            buffer_append(out, chunk, (size_t)got);
        platform_wipe(chunk, sizeof chunk);
        return got > 0 ? 1 : (int)got;
    }
}

int child_read(int fd, size_t max, long long deadline_ms, struct buffer *out)
{
    return read_until(signals_urgent, fd, max, deadline_ms, out);
}

int child_read_line(int fd, size_t max, long long deadline_ms, struct buffer *line)
{
    int got = 1;

    while (got > 0 && !memchr(buffer_text(line), '\n', line->len)) /* a NUL may come before it */
        got = read_until(signals_noted, fd, max, deadline_ms, line);
    return got < 0 ? -1 : 0;
}

/* Closes its descriptors, and takes the terminal back. */
static void finish(struct child *child)
{
    if (child->has_terminal)
        (void)lend_terminal(child->pid, getpgrp());
    if (child->from != child->to)
        buffer_close(&child->from);
    buffer_close(&child->to);
    *child = (struct child)CHILD_NONE;
}

int child_reap(struct child *child, long long deadline_ms)
{
    struct timespec pause = {0, 200000}; /* grows: most are about to end */
    int how = 0;
    pid_t ended;

    while ((ended = waitpid(child->pid, &how, WNOHANG)) == 0 && !signals_urgent() &&
           clock_steady_ms() < deadline_ms) {
        nanosleep(&pause, NULL);
        pause.tv_nsec = pause.tv_nsec < 5000000 ? 2 * pause.tv_nsec : 5000000;
    }
    if (ended == 0) {
        child_kill(child);
        return -1;
    }
    finish(child);
    return ended > 0 ? how : -1;
}

void child_kill(struct child *child)
{
    int saved = errno;

    if (child->pid > 0) {
        kill(-child->pid, SIGKILL);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
            ;
        finish(child);
    }
    errno = saved;
}
