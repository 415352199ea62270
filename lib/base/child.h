#ifndef RHYTHM_BASE_CHILD_H
#define RHYTHM_BASE_CHILD_H

#include <sys/types.h>

#include "base/buffer.h"

/*
 * child: starts a program, writes to it, reads from it within a time limit, and reaps it. The only
 * room that forks.
 *
 * A program inherits standard error and what its plan names, but no other descriptor of ours or of
 * our parent's, no signal that we ignore, and no variable that contains a secret. It is in a
 * process group of its own, so a terminal's Ctrl-C reaches us and not it, and all that it starts
 * can be ended with it. Times are milliseconds of clock_steady_ms.
 */

enum child_input {
    CHILD_NO_INPUT, /* /dev/null */
    CHILD_PIPE,     /* a pipe for its input */
    CHILD_SOCKET    /* a socket both ways: both sides ask and answer */
};

enum { CHILD_KEPT = 4 };

struct child_plan {
    const char *const *arguments; /* the first is the program's path; ended by NULL */
    enum child_input input;
    int output;         /* a descriptor of ours that becomes its standard output; 0: we read it */
    int kept;           /* a descriptor above CHILD_KEPT that becomes CHILD_KEPT; 0 or -1: none */
    int takes_terminal; /* it may ask a person: the terminal is its own while it runs */
};

struct child {
    pid_t pid;   /* 0: none */
    int to;      /* where we write its input; -1: nowhere */
    int from;    /* where we read what it says; -1: nowhere. The same as `to` with a socket */
    int has_terminal;
    const char *name; /* for messages: whoever starts it may set it */
};

#define CHILD_NONE {0, -1, -1, 0, NULL}

/*
 * Starts a program. 0; or -1 with errno if it could not be started, including by execve; nothing
 * runs then.
 */
int child_start(struct child *child, const struct child_plan *plan);

/* Starts a program that outlives us and is not waited for, such as a browser. 0, or -1. */
int child_launch(const char *const *arguments);

/*
 * Appends what can be read next from fd, a child's or any other that may keep us waiting; fails
 * once out has more than max bytes. 1; 0 at its end; or -1 with errno: ETIMEDOUT, EFBIG, EINTR if
 * signals_urgent.
 */
int child_read(int fd, size_t max, long long deadline_ms, struct buffer *out);

/* Reads on until there is a whole line, or the end. 0, or -1 as above, but EINTR if signals_noted. */
int child_read_line(int fd, size_t max, long long deadline_ms, struct buffer *line);

/*
 * Waits for its end until the deadline, then kills it and its group. Its status as from waitpid, or
 * -1 if it was killed here. Its descriptors are closed.
 */
int child_reap(struct child *child, long long deadline_ms);

/* Kills it and its group at once. */
void child_kill(struct child *child);

#endif
