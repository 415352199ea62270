#ifndef RHYTHM_BASE_HARDEN_H
#define RHYTHM_BASE_HARDEN_H

/*
 * harden: what a program that holds secrets does before anything else.
 *
 * No core dump, no debugger, files for the user alone, an error instead of a signal if a file
 * exceeds its size limit, and no file of ours as descriptor 0, 1 or 2 because that was closed.
 *
 * It also undoes what a parent left: no signal is blocked, SIGCHLD has its default, and limits on
 * open files and file size that are too low for us are raised as far as the hard limit allows.
 * Signals that a parent ignores on purpose, such as nohup's, stay ignored. Limits on CPU time and
 * address space cannot be cured.
 */
void harden(void);

#endif
