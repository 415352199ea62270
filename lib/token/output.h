#ifndef RHYTHM_TOKEN_OUTPUT_H
#define RHYTHM_TOKEN_OUTPUT_H

#include "base/buffer.h"
#include "token/options.h"

/*
 * output: everything that goes to standard output: key=value text in the format that was asked
 * for, or one value of it.
 *
 * Nothing is printed until all of it is known to be right, and then at once.
 */

/*
 * Prints text, sorted or unsorted key=value lines, as options->format or options->get say. json is
 * what --format=json prints; NULL makes it of the lines, an object of strings and, with numbers,
 * of whole numbers as such. text is changed. STATUS_OK; or, reported, STATUS_BAD_INPUT (--get: no
 * such key, or controls on their way to a terminal) or STATUS_CANNOT_CREATE (cannot write).
 */
int output_lines(const struct options *options, struct buffer *text, const char *json,
                 int numbers);

/* Prints text as it is. STATUS_OK, or STATUS_CANNOT_CREATE, reported. */
int output_text(const struct buffer *text);

#endif
