#include "base/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/secrecy.h"
#include "base/text.h"

#define MESSAGE_MAX 16384 /* bytes; more than are shown, so a secret at the cut is seen whole */
#define PROGRESS_MAX 255

static enum verbosity verbosity_now = NORMAL;
static char last_error[2048];
static const char *program = "rhythm-token";
static size_t progress_len; /* of the progress line that is shown; 0: none */

void message_verbosity(enum verbosity verbosity)
{
    verbosity_now = verbosity;
}

enum verbosity message_verbosity_now(void)
{
    return verbosity_now;
}

void message_program(const char *name)
{
    program = name;
}

void message_reported(const char *text)
{
    snprintf(last_error, sizeof last_error, "%s", text);
}

const char *message_last_error(void)
{
    return last_error;
}

/* One write(2) per line, so that lines of parallel processes do not mix. */
static void put_line(const char *who, const char *text, const char *end)
{
    SCRATCH line = BUFFER_EMPTY;

    if (progress_len) /* blanks over the progress line, which has no newline */
        buffer_printf(&line, "\r%*s\r", (int)progress_len, "");
    progress_len = 0;
    buffer_printf(&line, "%s%s", who, *who ? ": " : "");
    text_escape_controls(&line, text, strlen(text));
    buffer_puts(&line, end);
    (void)!write(STDERR_FILENO, line.bytes, line.len); /* where would a failure be reported? */
}

/* Appends a message without its secrets. 1 if there was one. */
static int compose(struct buffer *text, const char *format, va_list arguments)
{
    buffer_vprintf(text, format, arguments);
    buffer_truncate(text, MESSAGE_MAX);
    return secrecy_blot(text);
}

int message_fail(int status, const char *format, ...)
{
    SCRATCH text = BUFFER_EMPTY;
    va_list arguments;

    va_start(arguments, format);
    if (compose(&text, format, arguments))
        buffer_puts(&text, " (*** may be a secret, so it is not shown)");
    va_end(arguments);
    snprintf(last_error, sizeof last_error, "%s", buffer_text(&text));
    put_line(program, last_error, "\n");
    return status;
}

void message_say(enum verbosity least, const char *format, ...)
{
    SCRATCH text = BUFFER_EMPTY;
    va_list arguments;

    if (verbosity_now < least)
        return;
    va_start(arguments, format);
    (void)compose(&text, format, arguments);
    va_end(arguments);
    buffer_truncate(&text, sizeof last_error - 1);
    put_line(program, buffer_text(&text), "\n");
}

void message_line(const char *text)
{
    put_line("", text, "\n");
}

void message_progress(const char *format, ...)
{
    SCRATCH text = BUFFER_EMPTY;
    va_list arguments;

    if (verbosity_now == QUIET)
        return;
    va_start(arguments, format);
    (void)compose(&text, format, arguments);
    va_end(arguments);
    buffer_truncate(&text, PROGRESS_MAX);
    if (text.len || progress_len)
        put_line("", buffer_text(&text), "");
    progress_len = text.len;
}
