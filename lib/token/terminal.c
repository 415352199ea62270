#include "token/terminal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/signals.h"

#define LINE_MAX_BYTES 4096
#define WAIT_MS 300000

static void ask(int fd, const struct buffer *prompt, struct buffer *line)
{
    if (buffer_write(prompt, fd) != 0 ||
        child_read_line(fd, LINE_MAX_BYTES, clock_steady_ms() + WAIT_MS, line) != 0)
        buffer_truncate(line, 0);
}

static void ask_hidden(int fd, const struct termios *shown, const struct buffer *prompt,
                       struct buffer *line)
{
    struct termios hidden = *shown;

    signals_hold(1);
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_cc[VQUIT] = hidden.c_cc[VSUSP] = _POSIX_VDISABLE; /* they would leave it hidden */
    tcsetattr(fd, TCSAFLUSH, &hidden); /* FLUSH: what was typed before was visible, and no answer */
    ask(fd, prompt, line);
    tcsetattr(fd, TCSAFLUSH, shown); /* the rest of a pasted secret must not become a command */
    (void)!write(fd, "\n", 1);
    signals_release();
}

int terminal_ask(const struct buffer *prompt, int hidden, struct buffer *line)
{
    CLOSED fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    struct termios shown;

    if (fd < 0 || tcgetattr(fd, &shown) != 0)
        return -1;
    if (hidden)
        ask_hidden(fd, &shown, prompt, line);
    else
        ask(fd, prompt, line);
    return 0;
}

int terminal_is_yes(const struct buffer *line)
{
    return line->len && (line->bytes[0] == 'y' || line->bytes[0] == 'Y');
}
