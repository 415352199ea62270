#include "base/signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int watched[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1};
enum { WATCHED = sizeof watched / sizeof *watched };

static struct sigaction before[WATCHED];
static struct sigaction pipe_before;
static int holds; /* of signals_hold that were not released */
static int patience_now;
static volatile sig_atomic_t first;
static volatile sig_atomic_t count;

static volatile pid_t passed_to; /* the handler reads it: an int, written in one piece */
static pid_t parent; /* its end counts as a signal; 0: not, or no longer */

/* The handler. It may interrupt any code, also between a failed call and its look at errno. */
static void note(int number)
{
    int saved = errno;

    if (!first && passed_to > 0)
        kill(passed_to, SIGTERM);
    if (!first)
        first = number;
    count++;
    errno = saved;
}

void signals_hold(int patience)
{
    struct sigaction action = {.sa_handler = note}; /* no SA_RESTART: waits must wake up */
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    if (holds++) /* within another hold, whose patience applies to both */
        return;
    first = count = 0;
    patience_now = patience;
    for (size_t i = 0; i < WATCHED; i++)
        if (sigaction(watched[i], NULL, &before[i]) == 0 && before[i].sa_handler != SIG_IGN)
            sigaction(watched[i], &action, NULL);
    sigaction(SIGPIPE, &ignore, &pipe_before);
}

void signals_pass_on(pid_t pid)
{
    passed_to = pid;
    parent = pid > 0 ? getppid() : 0;
    /* After passed_to is set: a signal in between is passed on twice, the other way round never. */
    if (first && pid > 0)
        kill(pid, SIGTERM);
}

/* A parent that was killed could not pass a signal on to us. */
static void look_for_parent(void)
{
    if (!parent || getppid() == parent)
        return;
    parent = 0;
    note(SIGTERM);
}

int signals_noted(void)
{
    look_for_parent();
    return first;
}

int signals_urgent(void)
{
    look_for_parent();
    return holds && count >= patience_now;
}

void signals_forget(void)
{
    first = count = 0;
}

void signals_release(void)
{
    if (!holds || --holds)
        return;
    signals_pass_on(0);
    /* the handlers first: a signal after the look at `first` must not be noted for nobody */
    for (size_t i = 0; i < WATCHED; i++)
        if (before[i].sa_handler != SIG_IGN)
            sigaction(watched[i], &before[i], NULL);
    sigaction(SIGPIPE, &pipe_before, NULL);
    if (first)
        signals_die_of(first);
}

_Noreturn void signals_die_of(int number)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t only;

    sigemptyset(&only);
    sigaddset(&only, number);
    sigaction(number, &action, NULL);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(number);
    _exit(128 + number); /* not reached, unless the kernel protects us as the first process */
}
