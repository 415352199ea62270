#include "base/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/text.h"

static enum verbosity verbosity_now = NORMAL;
static char last_error[2048];
static const char *program = "rhythm-token";
static size_t progress_len; /* of the line that stands there without an end */

void message_verbosity(enum verbosity verbosity)
{
    verbosity_now = verbosity;
}

void message_program(const char *name)
{
    program = name;
}

const char *message_last_error(void)
{
    return last_error;
}

/* One write(2) a line, so that lines of parallel processes do not mix. */
static void put_line(const char *who, const char *text, const char *end)
{
    SCRATCH line = BUFFER_EMPTY;

    if (progress_len)
        buffer_printf(&line, "\r%*s\r", (int)progress_len, "");
    progress_len = 0;
    buffer_printf(&line, "%s%s", who, *who ? ": " : "");
    text_escape_controls(&line, text, strlen(text));
    buffer_puts(&line, end);
    (void)!write(STDERR_FILENO, line.bytes, line.len);
}

int message_fail(int status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(last_error, sizeof last_error, format, arguments);
    va_end(arguments);
    put_line(program, last_error, "\n");
    return status;
}

void message_say(enum verbosity least, const char *format, ...)
{
    char text[sizeof last_error];
    va_list arguments;

    if (verbosity_now < least)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    put_line(program, text, "\n");
}

void message_line(const char *text)
{
    put_line("", text, "\n");
}

void message_progress(const char *format, ...)
{
    char text[256];
    va_list arguments;

    if (verbosity_now == QUIET)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (*text || progress_len)
        put_line("", text, "");
    progress_len = strlen(text);
}
