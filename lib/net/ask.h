#ifndef RHYTHM_NET_ASK_H
#define RHYTHM_NET_ASK_H

#include "base/buffer.h"

/*
 * ask: asks rhythm-token for the Authorization line, as rhythm-get does with every call.
 *
 * The token travels on a pipe, never in an argument list or the environment. Whether it comes from
 * the cache or has to be fetched is rhythm-token's business, and so is the budget.
 */

/*
 * Leaves the line, without an end, in line. profile and token are the values of --profile and
 * --token, or NULL; is_quiet keeps its warnings back. STATUS_OK; or, with line as it was, the
 * status of rhythm-token, which has reported why, or STATUS_BUG, reported.
 */
int ask_authorization(const char *profile, const char *token, int is_quiet, struct buffer *line);

/*
 * 1 if asking again may give another answer: not when the token comes from standard input or a
 * pipe, which can be read only once.
 */
int ask_may_repeat(const char *token);

#endif
