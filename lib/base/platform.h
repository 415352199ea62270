#ifndef RHYTHM_BASE_PLATFORM_H
#define RHYTHM_BASE_PLATFORM_H

#include <stddef.h>

/*
 * platform: the one room that goes beyond POSIX.1-2008. Each of its functions has a second version
 * for systems without the extension; `make PLATFORM=posix` builds with those.
 *
 * Only flock(2) has no substitute, because a lock of POSIX's fcntl is not inherited by a child.
 */

/*
 * Overwrites bytes in a way that no compiler optimizes away. Copies elsewhere stay: see buffer.h.
 */
void platform_wipe(void *bytes, size_t len);

/* Prevents core dumps of this process and, where the system can, debuggers. */
void platform_no_core_dumps(void);

/* Nanoseconds of a clock that nobody sets; on Linux it goes on while the machine sleeps. */
long long platform_steady_ns(void);

/* Random bytes for what need not be secret. */
void platform_random(void *bytes, size_t len);

/* Makes sure that size bytes can be written to the file. 0, or an error number. */
int platform_reserve(int fd, long long size);

/* Closes every descriptor from first on; for a child that is about to exec. */
void platform_close_from(int first);

/*
 * Which user's program is at the other end of a connection on this machine. 0 and *uid; or -1: the
 * system does not tell.
 */
int platform_peer_uid(int fd, unsigned long *uid);

/*
 * Writes the path of the running program, symbolic links resolved, without a NUL. Its length; 0 if
 * it is not known or does not fit.
 */
size_t platform_program(char *path, size_t size);

#endif
