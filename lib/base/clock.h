#ifndef RHYTHM_BASE_CLOCK_H
#define RHYTHM_BASE_CLOCK_H

/*
 * clock: what time it is.
 */

/* Nanoseconds and seconds since the epoch, by the local clock. */
long long clock_ns(void);
long long clock_s(void);

#endif
