#ifndef RHYTHM_BASE_SIGNALS_H
#define RHYTHM_BASE_SIGNALS_H

#include <sys/types.h>

/*
 * signals: while something must not be left half done, INT, TERM and HUP are noted, and end the
 * program afterwards. So is USR1, with which rhythm-get ends a program that it started with the
 * others ignored: those reach a whole process group, so they could not be counted.
 *
 *     signals_hold(2);        the second one will end what is waited for
 *     ... waits that give up when signals_urgent() ...
 *     signals_release();      dies here of the first one that came, if one did
 *
 * A signal that our parent ignores, as nohup does with HUP, stays ignored.
 */

/*
 * Starts noting. Waits give up after patience signals: 1 if nothing is lost by that, 2 if a
 * response was paid for. SIGPIPE is ignored meanwhile: a child that has gone is an error, not the
 * end.
 */
void signals_hold(int patience);

/*
 * From now on the first one is passed on to that process, as SIGTERM, and the end of our parent, for
 * which that process works, counts as a signal; 0: no longer.
 */
void signals_pass_on(pid_t pid);

/* The first signal that was noted, or 0. */
int signals_noted(void);

/* 1 if patience signals have come, so that waits give up. */
int signals_urgent(void);

/* Discards the signals that were noted: the work was complete before they mattered. */
void signals_forget(void);

/* Restores the handlers, and dies of the first signal that was noted, if any. */
void signals_release(void);

/* Dies of that signal, so that a loop around us in a shell ends too (and not by an exit status). */
_Noreturn void signals_die_of(int number);

#endif
