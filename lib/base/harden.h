#ifndef RHYTHM_BASE_HARDEN_H
#define RHYTHM_BASE_HARDEN_H

/*
 * harden: what a program that holds secrets does before anything else.
 *
 * No core dump and nobody's debugger, files for the user alone, an error instead of a signal where
 * a file grows over its limit, and no file that lands on a closed descriptor 0, 1 or 2.
 *
 * And no promise hangs on what a parent left: no signal is blocked, SIGCHLD does what it should,
 * and limits on open files and their size are raised where they are too low for us, as far
 * as the hard limit allows. Signals that a parent ignores on purpose, such as nohup's, stay ignored.
 * Limits on CPU time and address space cannot be cured.
 */
void harden(void);

#endif
