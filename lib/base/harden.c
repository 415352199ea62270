#include "base/harden.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"

void harden(void)
{
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error, not the end */
    signal(SIGCHLD, SIG_DFL); /* or nobody could wait for a child */
    umask(077);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        /* what is written to a closed standard output must fail, not vanish */
        int flags = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;

        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags) != fd)
            _exit(STATUS_BUG);
    }
}
