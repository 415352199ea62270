#ifndef RHYTHM_BASE_HARDEN_H
#define RHYTHM_BASE_HARDEN_H

/*
 * harden: what a program that holds secrets does before anything else.
 *
 * No core dump and nobody's debugger, files for the user alone, an error instead of a signal where
 * a file grows over its limit, and no file that lands on a closed descriptor 0, 1 or 2.
 */
void harden(void);

#endif
