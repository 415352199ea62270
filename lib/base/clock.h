#ifndef RHYTHM_BASE_CLOCK_H
#define RHYTHM_BASE_CLOCK_H

/*
 * clock: what time it is, for the record and for time limits.
 */

/* Nanoseconds and seconds since the epoch, by the local clock, which somebody may set. */
long long clock_ns(void);
long long clock_s(void);

/* Writes the day of seconds, UTC, as 2026-12-01. */
enum { CLOCK_DAY_SIZE = 16 };
void clock_day(long long seconds, char day[CLOCK_DAY_SIZE]);

/* The first second of the month (UTC) that is offset months, 0 or more, after that of seconds. */
long long clock_month_start(long long seconds, int offset);

/* Milliseconds of a clock that nobody sets; it goes on while the machine sleeps, where it can. */
long long clock_steady_ms(void);

#endif
