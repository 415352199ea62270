#ifndef RHYTHM_BASE_MEMORY_H
#define RHYTHM_BASE_MEMORY_H

#include <stddef.h>

/*
 * memory: allocations that cannot fail, for us and for the libraries that let us say so.
 *
 * Out of memory, the program ends (exit 70). A library that went on would report "not JSON" or "no
 * signature" for what it could not read, and "could not" must never be taken for "no".
 */

/* As malloc and realloc. The caller frees. */
void *memory_take(size_t size);
void *memory_take_again(void *bytes, size_t size);

/* Ends the program. */
_Noreturn void memory_exhausted(void);

#endif
