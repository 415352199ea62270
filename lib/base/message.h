#ifndef RHYTHM_BASE_MESSAGE_H
#define RHYTHM_BASE_MESSAGE_H

#include "base/status.h"

/*
 * message: the one room that writes to standard error.
 *
 * A message is one line, "program: what is wrong: with what; what to do". Whatever it contains,
 * control characters are shown as \xNN, so a server's words cannot move a terminal's cursor or
 * forge a second line; whatever looks like a token, and every secret that secrecy keeps, is shown
 * as ***, because users give them as file names and servers echo them. Only message_line shows a
 * text unchanged.
 */

enum verbosity { QUIET = -1, NORMAL = 0, VERBOSE = 1 };

/* Sets the name that messages start with; at first rhythm-token. name must stay. */
void message_program(const char *name);

/* Sets how much is said. QUIET drops warnings, never errors. */
void message_verbosity(enum verbosity verbosity);

/* The verbosity now, to pass on to a program that we start. */
enum verbosity message_verbosity_now(void);

/* Reports an error and returns status, so that callers can `return message_fail(...)`. */
int message_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Prints what does not end the command, if the verbosity is at least least: a warning, progress
 * that only -v shows, a result, or what a person must act on, such as a URL to open.
 */
void message_say(enum verbosity least, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#define message_warn(...) message_say(NORMAL, "warning: " __VA_ARGS__)
#define message_detail(...) message_say(VERBOSE, __VA_ARGS__)
#define message_prompt(...) message_say(QUIET, __VA_ARGS__)

/* Shows a line of any length as it is, for a person to copy. Printed even when QUIET. */
void message_line(const char *text);

/*
 * Shows the progress of a long run, in a line that the next message replaces. An empty text removes
 * it. Prints nothing if QUIET; the caller checks that standard error is a terminal.
 */
void message_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Records text as the last error; a program of ours that we asked has printed it already. */
void message_reported(const char *text);

/* The last error reported, without the program's name; "" if there was none. */
const char *message_last_error(void);

#endif
