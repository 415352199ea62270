#ifndef RHYTHM_TOKEN_TERMINAL_H
#define RHYTHM_TOKEN_TERMINAL_H

#include "base/buffer.h"

/* terminal: asks a person a question on /dev/tty, whatever standard input and output are. */

/*
 * Shows prompt and appends the line that is typed within five minutes, with its newline, at most
 * 4096 bytes; nothing if there was none (end of input, a signal, the time limit). With hidden, it
 * is not shown while it is typed, and a signal takes effect only when the terminal echoes again. 0;
 * or -1, nothing reported, if there is no terminal.
 */
int terminal_ask(const struct buffer *prompt, int hidden, struct buffer *line);

/* 1 if a line means yes. */
int terminal_is_yes(const struct buffer *line);

#endif
