/*
 * faulty: for LD_PRELOAD; makes one allocation of a program fail.
 *
 *   FAULTY_PROGRAM   the program's name; no other program is affected
 *   FAULTY_AT        the number of the allocation that fails, from 1; 0: none fails, and their count is written to FAULTY_COUNT
 *   FAULTY_COUNT     the file for the count
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *bytes, size_t size);

static long taken;
static long fails_at = -1;

__attribute__((constructor)) static void begin(void)
{
    const char *program = getenv("FAULTY_PROGRAM");
    const char *at = getenv("FAULTY_AT");

    if (program && at && strcmp(program_invocation_short_name, program) == 0)
        fails_at = atol(at);
    taken = 0;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAULTY_COUNT");
    long count = taken;
    FILE *file = fails_at == 0 && path ? fopen(path, "w") : NULL;

    if (file) {
        fprintf(file, "%ld\n", count);
        fclose(file);
    }
}

/* errno is left alone: no library may need it to notice the failure. */
static int fails(void)
{
    return ++taken == fails_at;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *bytes, size_t size)
{
    return fails() ? NULL : __libc_realloc(bytes, size);
}
