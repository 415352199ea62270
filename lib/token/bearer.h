#ifndef RHYTHM_TOKEN_BEARER_H
#define RHYTHM_TOKEN_BEARER_H

#include "base/buffer.h"

/*
 * bearer: a token as it is handed over: bare, "Bearer ..." or a whole Authorization header line
 * (RFC 6750, section 2.1), in a file or on standard input. Whatever else was pasted with it is
 * rhythm-check's business.
 */

#define BEARER_MAX (4u << 20) /* bytes */

/*
 * Reads path ("-": standard input) and puts the bare token into token, which is empty before.
 * secret_file asks for the permissions of a file that holds a secret. STATUS_OK; or, reported,
 * STATUS_BAD_INPUT or STATUS_CONFIG (permissions).
 */
int bearer_read(const char *path, int secret_file, struct buffer *token);

/* The same for text that may not be a token: only a file that cannot be read is refused. */
int bearer_read_any(const char *path, struct buffer *token);

#endif
