#ifndef RHYTHM_PAGES_LINES_H
#define RHYTHM_PAGES_LINES_H

#include <signal.h>

#include "base/buffer.h"

/*
 * lines: the lines of a descriptor one by one, in constant memory. A regular file is read only up to
 * its length at the start: otherwise responses appended to the same file would be read as lines.
 *
 *     struct lines lines = lines_of(fd, run_stop());
 *     while ((got = lines_next(&lines, &wrong)) > 0)
 *         ... lines.line, unless wrong ...
 *     lines_end(&lines);
 */
struct lines {
    struct buffer line; /* without its end, \n or \r\n; the last line may have none */
    long long number;   /* of the line, from 1 */
    int fd;             /* the caller's */
    long long left;     /* bytes still to read */
    const volatile sig_atomic_t *stop; /* set to not 0 to end the wait */
    struct buffer block; /* what was read; its bytes from `at` on are not taken yet */
    size_t at;
};

struct lines lines_of(int fd, const volatile sig_atomic_t *stop);

/*
 * The next line. 1; 0 after the last; or -1 with errno, EINTR after a stop. *wrong is NULL, or why the
 * line cannot be used, to complete "line 7 ...".
 */
int lines_next(struct lines *lines, const char **wrong);

void lines_end(struct lines *lines);

#endif
