#ifndef RHYTHM_BASE_PLATFORM_H
#define RHYTHM_BASE_PLATFORM_H

#include "base/buffer.h"

/*
 * platform: what goes beyond POSIX.1-2008, and what takes its place where there is nothing of the
 * kind.
 */

/* pipe(2) whose ends are close-on-exec from the start. 0, or -1 with errno. */
int platform_pipe(int fds[2]);

/* Closes every descriptor from first on but two of them; for a child that is about to exec. */
void platform_close_from(int first, int kept, int kept_too);

/* Makes a descriptor close-on-exec where it could not be from its birth. */
void platform_close_on_exec(int fd);

/*
 * Which user's program is at the other end of a connection on this machine. 0 and *uid; or -1: the
 * system does not tell.
 */
int platform_peer_uid(int fd, unsigned long *uid);

/* Appends the path of the running program, symbolic links resolved. 0, or -1: nobody knows it. */
int platform_program(struct buffer *path);

#endif
