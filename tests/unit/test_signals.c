/* signals: what the handler leaves alone. */

#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/signals.h"

/* The process that a signal is passed on to may have ended, and then kill fails. */
static void the_handler_keeps_errno(void **state)
{
    pid_t gone = fork();

    (void)state;
    if (gone == 0)
        _exit(0);
    assert_int_equal(waitpid(gone, NULL, 0), gone);
    signals_hold(2);
    signals_pass_on(gone);
    errno = ENOTTY;
    raise(SIGTERM);
    assert_int_equal(errno, ENOTTY);
    assert_int_equal(signals_noted(), SIGTERM);
    signals_forget();
    signals_release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_handler_keeps_errno),
    };

    return RUN(tests);
}
