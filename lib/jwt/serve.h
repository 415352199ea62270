#ifndef RHYTHM_JWT_SERVE_H
#define RHYTHM_JWT_SERVE_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/buffer.h"

/*
 * serve: how an internal program is asked: PROGRAM VERB, with a socket as standard input, on which
 * both sides speak (see base/attributes.h). It sends version=, gets one message with all that it
 * needs, does what the verb says, and answers once, with status= and, if it failed, message= as it
 * was reported.
 */

struct verb {
    const char *name;
    int (*run)(const struct attributes *request, struct buffer *answer);
};

/*
 * The main function of a program with count verbs: its exit status, also STATUS_USAGE without a verb
 * that it has, and STATUS_BUG if the request was cut or nobody takes the answer.
 */
int serve(const struct verb *verbs, size_t count, int argc, char **argv);

#endif
