#include "pages/lines.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 65536
#define LINE_MAX_BYTES 8192 /* servers refuse longer URLs */

struct lines lines_of(int fd, const volatile sig_atomic_t *stop)
{
    struct lines lines = {.line = BUFFER_EMPTY, .fd = fd, .left = LLONG_MAX, .stop = stop};
    struct stat info;
    off_t at;

    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (at = lseek(fd, 0, SEEK_CUR)) >= 0)
        lines.left = info.st_size > at ? info.st_size - at : 0;
    return lines;
}

/*
 * Reads the next block once the previous one is taken. 1; 0 at the end; or -1 with errno. poll wakes
 * up regularly, because a signal can arrive just before it waits.
 */
static int fill(struct lines *lines)
{
    char block[BLOCK];
    size_t most = lines->left < BLOCK ? (size_t)lines->left : BLOCK;
    ssize_t got = -1;

    if (lines->at < lines->block.len)
        return 1;
    while (got < 0) {
        if (*lines->stop) {
            errno = EINTR;
            return -1;
        }
        if (poll(&(struct pollfd){.fd = lines->fd, .events = POLLIN}, 1, 200) <= 0)
            continue;
        got = read(lines->fd, block, most);
        if (got < 0 && errno != EINTR && errno != EAGAIN)
            return -1;
    }
    lines->left -= got;
    lines->at = 0;
    buffer_truncate(&lines->block, 0);
    buffer_append(&lines->block, block, (size_t)got);
    return got > 0;
}

/* Removes the byte order mark that some editors put before a file's first line. */
static void drop_mark(struct buffer *line)
{
    if (strncmp(buffer_text(line), "\xef\xbb\xbf", 3) != 0)
        return;
    memmove(line->bytes, line->bytes + 3, line->len - 3);
    buffer_truncate(line, line->len - 3);
}

int lines_next(struct lines *lines, const char **wrong)
{
    struct buffer *line = &lines->line;
    const char *end = NULL;
    int got = 0;
    int any = 0;

    *wrong = NULL;
    buffer_truncate(line, 0);
    while (!end && (got = fill(lines)) > 0) {
        const char *start = lines->block.bytes + lines->at;
        size_t len = lines->block.len - lines->at;

        any = 1;
        end = memchr(start, '\n', len);
        len = end ? (size_t)(end - start) : len;
        lines->at += len + (end != NULL);
        if (line->len + len > LINE_MAX_BYTES + 1) /* + 1: the \r of \r\n may be in it */
            *wrong = "is longer than 8 KiB";
        else
            buffer_append(line, start, len);
    }
    if (got < 0 || !any)
        return got;
    lines->number++;
    if (line->len && line->bytes[line->len - 1] == '\r')
        buffer_truncate(line, line->len - 1);
    if (lines->number == 1)
        drop_mark(line);
    if (line->len > LINE_MAX_BYTES)
        *wrong = "is longer than 8 KiB";
    else if (!*wrong && memchr(buffer_text(line), '\0', line->len))
        *wrong = "contains a NUL byte";
    return 1;
}

void lines_end(struct lines *lines)
{
    buffer_wipe(&lines->line);
    buffer_wipe(&lines->block);
}
