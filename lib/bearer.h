#ifndef RHYTHM_BEARER_H
#define RHYTHM_BEARER_H

#include "buffer.h"

/*
 * bearer: a token as people hand it over.
 *
 * A bare token, "Bearer ..." or a whole Authorization header line (RFC 6750, section 2.1), in a
 * file or on standard input, with white space around it.
 */

#define BEARER_MAX (4u << 20) /* bytes */

/*
 * Reads path ("-": standard input) and leaves the bare token in token. secret_file asks for the
 * permissions of a file that holds a secret. STATUS_OK; or, reported, STATUS_BAD_INPUT or
 * STATUS_CONFIG (permissions).
 */
int bearer_read(const char *path, int secret_file, struct buffer *token);

/* 1 if the bytes are visible ASCII only, as a token must be to stand in a header line. */
int bearer_is_sendable(const char *token);

#endif
