/*
 * devfd: for LD_PRELOAD; opens /dev/fd/N as BSD and macOS do: as a duplicate of N, with N's access mode only. Linux opens the
 * file behind it again, and so can open a pipe's other end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int open_as_bsd(const char *path, int flags, mode_t mode)
{
    int fd;
    int may;

    if (strncmp(path, "/dev/fd/", 8) != 0)
        return openat(AT_FDCWD, path, flags, mode);
    fd = atoi(path + 8);
    may = fcntl(fd, F_GETFL);
    if (may == -1)
        return -1;
    if ((may & O_ACCMODE) != O_RDWR && (may & O_ACCMODE) != (flags & O_ACCMODE)) {
        errno = EACCES;
        return -1;
    }
    return dup(fd);
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    mode_t mode;

    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
    return open_as_bsd(path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
