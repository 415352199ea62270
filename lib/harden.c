#include "harden.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"

void harden(void)
{
    int fd;

    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error, not the end */
    signal(SIGCHLD, SIG_DFL); /* or nobody could wait for a child */
    umask(077);
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd < 0)
        _exit(STATUS_BUG);
    close(fd);
}
