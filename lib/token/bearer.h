#ifndef RHYTHM_TOKEN_BEARER_H
#define RHYTHM_TOKEN_BEARER_H

#include "base/buffer.h"

/*
 * bearer: a token as it is handed over: bare, "Bearer ..." or a whole Authorization header line
 * (RFC 6750, section 2.1), in a file or on standard input. What clings to a pasted one is
 * rhythm-check's business.
 */

#define BEARER_MAX (4u << 20) /* bytes */

/*
 * Reads path ("-": standard input) and leaves the bare token in token, which is empty before.
 * secret_file asks for the permissions of a file that holds a secret. STATUS_OK; or, reported,
 * STATUS_BAD_INPUT or STATUS_CONFIG (permissions).
 */
int bearer_read(const char *path, int secret_file, struct buffer *token);

/* The same for what may be no token at all: nothing is refused but a file that cannot be read. */
int bearer_read_any(const char *path, struct buffer *token);

#endif
