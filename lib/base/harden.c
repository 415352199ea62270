#include "base/harden.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"
#include "base/platform.h"

#define DESCRIPTORS 64         /* more than any of us opens */
#define FILE_SIZE (64u << 20) /* bytes; no file of ours is bigger */

/* Raises a soft limit that is lower than that, as far as the hard one allows. */
static void raise_limit(int which, rlim_t least)
{
    struct rlimit limit;

    if (getrlimit(which, &limit) != 0 || limit.rlim_cur >= least)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(which, &limit);
}

/* What a parent blocked or ignored must not hide a child's end from us. */
static void restore_signals(void)
{
    sigset_t none;

    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error, not the end */
    signal(SIGCHLD, SIG_DFL); /* or waitpid would find no child */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Opens those of the first three that are closed, so that no file of ours gets their numbers. */
static void fill_standard(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        /* what is written to a closed standard output must fail, not vanish */
        int flags = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;

        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", flags) != fd)
            _exit(STATUS_BUG);
    }
}

void harden(void)
{
    int free_fd;

    platform_no_core_dumps();
    umask(077);
    restore_signals();
    raise_limit(RLIMIT_FSIZE, FILE_SIZE);
    raise_limit(RLIMIT_NOFILE, DESCRIPTORS);
    fill_standard();
    /* the lowest free number tells how many descriptors a parent left open */
    free_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (free_fd < 0 || free_fd > DESCRIPTORS / 2)
        raise_limit(RLIMIT_NOFILE, free_fd < 0 ? RLIM_INFINITY : (rlim_t)free_fd + DESCRIPTORS);
    if (free_fd >= 0)
        close(free_fd);
}
