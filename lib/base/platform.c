#include "base/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#if defined __linux__ && !defined PLATFORM_POSIX
#define IS_LINUX 1
#define STEADY_CLOCK CLOCK_BOOTTIME
#include <sys/prctl.h>
#include <sys/syscall.h>
#else
#define IS_LINUX 0
#define STEADY_CLOCK CLOCK_MONOTONIC
#endif

#define MANY_DESCRIPTORS 65536

#if IS_LINUX

void platform_wipe(void *bytes, size_t len)
{
    explicit_bzero(bytes, len);
}

static void forbid_debuggers(void)
{
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int platform_reserve(int fd, long long size)
{
    return posix_fallocate(fd, 0, size);
}

static int close_range_from(int first)
{
    return (int)syscall(SYS_close_range, (unsigned)first, ~0u, 0); /* -1 before Linux 5.9 */
}

size_t platform_program(char *path, size_t size)
{
    ssize_t len = readlink("/proc/self/exe", path, size);

    return len < 0 || (size_t)len == size ? 0 : (size_t)len;
}

/*
 * An address as /proc/net/tcp and tcp6 write it: its 32-bit words and the port, in hexadecimal. The
 * words are printed as this machine reads them from memory, so only the port is converted.
 */
static void write_address(const struct sockaddr_storage *address, char *out, size_t size)
{
    if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const void *)address;
        unsigned words[4];

        memcpy(words, &six->sin6_addr, sizeof words);
        snprintf(out, size, "%08X%08X%08X%08X:%04X", words[0], words[1], words[2], words[3],
                 ntohs(six->sin6_port));
    } else {
        const struct sockaddr_in *four = (const void *)address;

        snprintf(out, size, "%08X:%04X", four->sin_addr.s_addr, ntohs(four->sin_port));
    }
}

/* SO_PEERCRED knows only the peers of local sockets; for TCP the kernel tells by its tables. */
int platform_peer_uid(int fd, unsigned long *uid)
{
    struct sockaddr_storage ours = {0};
    struct sockaddr_storage peers = {0};
    socklen_t ours_len = sizeof ours;
    socklen_t peers_len = sizeof peers;
    char here[64];
    char there[64];
    char line[512];
    int result = -1;
    FILE *table;

    if (getsockname(fd, (struct sockaddr *)&ours, &ours_len) != 0 ||
        getpeername(fd, (struct sockaddr *)&peers, &peers_len) != 0)
        return -1;
    write_address(&ours, here, sizeof here);
    write_address(&peers, there, sizeof there);
    table = fopen(ours.ss_family == AF_INET6 ? "/proc/net/tcp6" : "/proc/net/tcp", "re");
    while (table && result != 0 && fgets(line, sizeof line, table)) {
        char local[64];
        char remote[64];

        /* the peer's own row: its local address is our remote one */
        if (sscanf(line, " %*d: %63s %63s %*x %*s %*s %*s %lu", local, remote, uid) == 3 &&
            strcmp(local, there) == 0 && strcmp(remote, here) == 0)
            result = 0;
    }
    if (table)
        (void)fclose(table);
    return result;
}

#else

void platform_wipe(void *bytes, size_t len)
{
    volatile unsigned char *byte = bytes; /* a write that the compiler must make */

    while (len--)
        *byte++ = 0;
}

static void forbid_debuggers(void)
{
}

/* Writes zeros, because not every system keeps space that was only reserved. */
int platform_reserve(int fd, long long size)
{
    static const char zeros[4096];

    for (long long done = 0; done < size; done += (long long)sizeof zeros)
        if (pwrite(fd, zeros, sizeof zeros, (off_t)done) != (ssize_t)sizeof zeros)
            return errno ? errno : ENOSPC;
    return 0;
}

static int close_range_from(int first)
{
    (void)first;
    return -1;
}

/* It is not known, so only the compiled-in PREFIX is searched. */
size_t platform_program(char *path, size_t size)
{
    (void)path, (void)size;
    return 0;
}

int platform_peer_uid(int fd, unsigned long *uid)
{
    (void)fd, (void)uid;
    return -1;
}

#endif

void platform_random(void *bytes, size_t len)
{
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    (void)!read(fd, bytes, len);
    close(fd);
}

long long platform_steady_ns(void)
{
    struct timespec now = {0};

    clock_gettime(STEADY_CLOCK, &now);
    return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

void platform_no_core_dumps(void)
{
    struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
    forbid_debuggers();
}

void platform_close_from(int first)
{
    struct rlimit limit = {0, 0};
    rlim_t end = MANY_DESCRIPTORS;

    if (close_range_from(first) == 0)
        return;
    /* The soft limit may have been lowered after they were opened; the hard one may be a million. */
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max < end)
        end = limit.rlim_max;
    for (int fd = first; (rlim_t)fd < end; fd++)
        close(fd);
}
