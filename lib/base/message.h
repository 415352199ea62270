#ifndef RHYTHM_BASE_MESSAGE_H
#define RHYTHM_BASE_MESSAGE_H

/*
 * message: the one room that writes to standard error, and the exit statuses.
 *
 * A message is one line, "program: what is wrong: with what; what to do". Whatever it contains,
 * control characters are shown as \xNN, so a server's words cannot move a terminal's cursor or
 * forge a second line; whatever looks like a token, and every secret that secrecy keeps, is shown
 * as ***, because users give them as file names and servers echo them. Only message_line shows a
 * text unchanged.
 */

/* The exit statuses of every rhythm command; the meanings are those of <sysexits.h>. */
enum status {
    STATUS_OK = 0,
    STATUS_INVALID = 1,      /* a check failed, no valid token */
    STATUS_USAGE = 64,       /* the command line is wrong */
    STATUS_BAD_INPUT = 65,   /* not a JWT, a claim missing, a foreign URL */
    STATUS_UNAVAILABLE = 69, /* network, TLS, a helper, the other side down */
    STATUS_BUG = 70,         /* out of memory, a broken installation */
    STATUS_CANNOT_CREATE = 73,
    STATUS_TRY_LATER = 75,
    STATUS_PROTOCOL = 76, /* the other side broke the protocol */
    STATUS_REFUSED = 77,  /* the issuer refused */
    STATUS_CONFIG = 78
};

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
