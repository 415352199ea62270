#ifndef RHYTHM_BASE_SIGNALS_H
#define RHYTHM_BASE_SIGNALS_H

#include <sys/types.h>

/*
 * signals: while something must not be left half done, INT, TERM and HUP are noted and end the
 * program afterwards; so is USR1, by which rhythm-get ends what it started with the others ignored,
 * for those reach a whole process group, and nobody could count them.
 *
 *     signals_hold(2);        the second one will end what is waited for
 *     ... waits that give up when signals_urgent() ...
 *     signals_release();      dies here of the first one that came, if one did
 *
 * A signal that our parent ignores, as nohup does with HUP, stays ignored.
 */

/*
 * Begins to note; after so many signals waits give up: 1 if nothing is lost by that, 2 if an answer
 * was paid for. SIGPIPE is ignored meanwhile: a child that is gone is an error, not the end.
 */
void signals_hold(int patience);

/* From now on the first one is passed on to that process, as SIGTERM; 0: to none. */
void signals_pass_on(pid_t pid);

/* The first signal that was noted, or 0. */
int signals_noted(void);

/* 1 if so many came that nobody wants to wait any longer. */
int signals_urgent(void);

/* All was done before they could matter: those that were noted end nothing. */
void signals_forget(void);

/* Puts everything back as it was, and dies of the signal that was noted. */
void signals_release(void);

/* Dies of that signal, so that a loop around us in a shell ends too (and not by an exit status). */
_Noreturn void signals_die_of(int number);

#endif
