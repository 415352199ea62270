/*
 * fail: for LD_PRELOAD, used by tests/faults; makes one allocation fail, or the clock wrong.
 *
 *   FAULT_MALLOC_AT=N    the Nth malloc, calloc or realloc of this process returns NULL
 *   FAULT_COUNT=FILE     at the end, the number of allocations is appended to FILE
 *   FAULT_CLOCK=SECONDS  added to the results of clock_gettime(CLOCK_REALTIME), gettimeofday and time
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static atomic_long count;
static long fail_at;
static long long offset_s;

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("FAULT_MALLOC_AT");
    const char *clock = getenv("FAULT_CLOCK");

    fail_at = at ? atol(at) : 0;
    offset_s = clock ? atoll(clock) : 0;
    count = 0;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAULT_COUNT");
    long allocations = count;
    FILE *file = path ? fopen(path, "a") : NULL;

    if (file) {
        fprintf(file, "%ld\n", allocations);
        fclose(file);
    }
}

static int fails(void)
{
    if (++count != fail_at)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    return fails() ? NULL : __libc_calloc(number, size);
}

void *realloc(void *old, size_t size)
{
    return fails() ? NULL : __libc_realloc(old, size);
}

int clock_gettime(clockid_t which, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    int result;

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    result = real(which, now);
    if (result == 0 && which == CLOCK_REALTIME)
        now->tv_sec += (time_t)offset_s;
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec exact;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *where)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (where)
        *where = now.tv_sec;
    return now.tv_sec;
}
