#ifndef RHYTHM_BASE_MESSAGE_H
#define RHYTHM_BASE_MESSAGE_H

/*
 * message: the one room that writes to standard error, and the exit statuses.
 *
 * A message is one line, "program: what, why, what to do". Whatever stands in it, control
 * characters leave as \xNN, so a server's words cannot move a terminal's cursor or forge a second
 * line; and what looks like a token, and every secret that secrecy keeps, leaves as ***: users put
 * them where a file's name belongs, and servers echo them. Only message_line shows a text as it is.
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

/* Sets the name that messages start with; rhythm-token unless said otherwise. It must stay. */
void message_program(const char *name);

/* Sets how much is said. QUIET drops warnings, never errors. */
void message_verbosity(enum verbosity verbosity);

/* How much is said now, for a program that we start to say as much. */
enum verbosity message_verbosity_now(void);

/* Reports an error and returns status, so that callers can `return message_fail(...)`. */
int message_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Says something that does not end the command, if at least so much is to be said: a warning, the
 * progress that only -v asks for, or what a person must act on, such as a URL to open.
 */
void message_say(enum verbosity least, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#define message_warn(...) message_say(NORMAL, "warning: " __VA_ARGS__)
#define message_detail(...) message_say(VERBOSE, __VA_ARGS__)
#define message_prompt(...) message_say(QUIET, __VA_ARGS__)

/* Shows a line of any length as it is, for a person to copy. Printed even when QUIET. */
void message_line(const char *text);

/*
 * Shows how far a long run is, in a line that the next one replaces, as does every other message.
 * An empty text takes it away. Not for QUIET; whether anybody watches is for the caller to know.
 */
void message_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes text the last error: a program of ours that we asked has reported it. */
void message_reported(const char *text);

/* The last error reported, without the program's name; "" if there was none. */
const char *message_last_error(void);

#endif
