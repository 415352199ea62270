#ifndef RHYTHM_PAGES_LINES_H
#define RHYTHM_PAGES_LINES_H

#include <signal.h>

#include "base/buffer.h"

/*
 * lines: the lines of a descriptor one by one, however many there are, in constant memory. It ends
 * where a regular file ended when it was begun: who writes the answers into that very file is not
 * to be asked about them.
 *
 *     struct lines lines = lines_of(fd, run_stop());
 *     while ((got = lines_next(&lines, &wrong)) > 0)
 *         ... lines.line, unless wrong ...
 *     lines_end(&lines);
 */
struct lines {
    struct buffer line; /* without its end, \n or \r\n; the last line needs none */
    long long number;   /* of it, from 1 */
    int fd;             /* the caller's */
    long long left;     /* bytes to read yet */
    const volatile sig_atomic_t *stop; /* not 0 as soon as nobody waits any more */
    struct buffer block; /* what was read, from `at` on not taken */
    size_t at;
};

struct lines lines_of(int fd, const volatile sig_atomic_t *stop);

/*
 * The next line. 1; 0 behind the last; or -1 with errno, EINTR after a stop. *wrong is NULL, or why
 * nobody can use this line, to complete "line 7 ...".
 */
int lines_next(struct lines *lines, const char **wrong);

void lines_end(struct lines *lines);

#endif
