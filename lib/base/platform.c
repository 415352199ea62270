#include "base/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <netinet/in.h>
#include <unistd.h>

int platform_pipe(int fds[2])
{
    return pipe2(fds, O_CLOEXEC);
}

/* Closes first to last. */
static void close_range_of(unsigned first, unsigned last)
{
    long limit;

    if (first > last)
        return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, last, 0) == 0)
        return;
#endif
    limit = sysconf(_SC_OPEN_MAX);
    for (unsigned fd = first; fd <= last && fd < (limit > 0 ? (unsigned)limit : 1024u); fd++)
        close((int)fd);
}

void platform_close_from(int first, int kept, int kept_too)
{
    unsigned from = (unsigned)first;
    unsigned low = (unsigned)(kept < kept_too ? kept : kept_too);
    unsigned high = (unsigned)(kept < kept_too ? kept_too : kept);

    if (kept >= first || kept_too >= first) {
        if ((int)low >= first) {
            close_range_of(from, low - 1);
            from = low + 1;
        }
        close_range_of(from, high - 1);
        from = high + 1;
    }
    close_range_of(from, ~0u);
}

int platform_program(struct buffer *path)
{
    char self[4096];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self);

    if (len <= 0 || len == (ssize_t)sizeof self)
        return -1;
    buffer_append(path, self, (size_t)len);
    return 0;
}

void platform_close_on_exec(int fd)
{
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* An address as /proc/net/tcp and tcp6 write it: its 32-bit words and the port, in hexadecimal. */
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

        /* the connection as its other end has it: local and remote are the peer's */
        if (sscanf(line, " %*d: %63s %63s %*x %*s %*s %*s %lu", local, remote, uid) == 3 &&
            strcmp(local, there) == 0 && strcmp(remote, here) == 0)
            result = 0;
    }
    if (table)
        (void)fclose(table);
    return result;
}
