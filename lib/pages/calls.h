#ifndef RHYTHM_PAGES_CALLS_H
#define RHYTHM_PAGES_CALLS_H

#include "base/attributes.h"
#include "base/buffer.h"

/*
 * calls: a request for each line of a file, whose answers go to standard output in the order of the
 * lines, each on one line. It is the verb calls of rhythm-net, behind rhythm-get NAME=@FILE, and a
 * run (pages/run.h): url= is a pattern, start_key= the number of the line behind which it begins.
 * It is told besides
 *
 *     hole=TEXT     what in url= stands for the line, which is put there percent-encoded, one segment
 *     lines_fd=N    where the lines come from
 *     allow=,404,   refusals that are no failure, with commas around them
 *
 * Empty lines count, and are passed over. A line that cannot be used, that is refused, or whose
 * answer is not JSON is said on standard error with its number, and the run goes on; it ends where
 * all lines behind would fare alike: a 401, and a 429 or 503 that has been tried often enough.
 */

/* As pages_run, and 22 too if a line failed; STATUS_BAD_INPUT, reported: the lines cannot be read. */
int calls_run(const struct attributes *request, struct buffer *answer);

#endif
