#ifndef RHYTHM_PAGES_CALLS_H
#define RHYTHM_PAGES_CALLS_H

#include "base/attributes.h"
#include "base/buffer.h"

/*
 * calls: one request per line of a file; the responses go to standard output in the order of the
 * lines, each on one line. It is the verb calls of rhythm-net, for rhythm-get NAME=@FILE, and a run
 * (pages/run.h): url= is a pattern, start_key= the number of the line after which it begins. Its
 * request also has
 *
 *     hole=TEXT     what the line replaces in url=, percent-encoded as one segment
 *     lines_fd=N    where the lines come from
 *     allow=,404,   statuses that do not count as a failure, each between commas
 *
 * Empty lines are counted and skipped. A line that cannot be used, that is refused, or whose response
 * is not JSON is reported on standard error with its number, and the run continues; it ends if the
 * lines that follow would fail the same way: at a 401, or a 429 or 503 after its last retry.
 */

/* As pages_run; also 22 if a line failed, and STATUS_BAD_INPUT, reported, if a line cannot be read. */
int calls_run(const struct attributes *request, struct buffer *answer);

#endif
