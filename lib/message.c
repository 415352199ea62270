#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buffer.h"
#include "kv.h"

static enum verbosity verbosity_now = NORMAL;
static char last_error[2048];
static const char *program = "rhythm-token";

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
static void say(const char *text)
{
    struct buffer line = BUFFER_EMPTY;

    buffer_puts(&line, program);
    buffer_puts(&line, ": ");
    kv_escape_controls(&line, text, strlen(text));
    buffer_puts(&line, "\n");
    (void)!write(STDERR_FILENO, line.bytes, line.len);
    buffer_wipe(&line);
}

int message_fail(int status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(last_error, sizeof last_error, format, arguments);
    va_end(arguments);
    say(last_error);
    return status;
}

static void say_formatted(const char *format, va_list arguments)
{
    char text[2048];

    vsnprintf(text, sizeof text, format, arguments);
    say(text);
}

void message_warn(const char *format, ...)
{
    va_list arguments;

    if (verbosity_now == QUIET)
        return;
    va_start(arguments, format);
    say_formatted(format, arguments);
    va_end(arguments);
}

void message_detail(const char *format, ...)
{
    va_list arguments;

    if (verbosity_now != VERBOSE)
        return;
    va_start(arguments, format);
    say_formatted(format, arguments);
    va_end(arguments);
}

void message_prompt(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say_formatted(format, arguments);
    va_end(arguments);
}
