#include "base/memory.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/status.h"

_Noreturn void memory_exhausted(void)
{
    static const char text[] = "rhythm-token: out of memory\n"; /* a message would need some */

    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(STATUS_BUG);
}

void *memory_take(size_t size)
{
    return memory_take_again(NULL, size);
}

void *memory_take_again(void *bytes, size_t size)
{
    void *taken = realloc(bytes, size ? size : 1);

    if (!taken)
        memory_exhausted();
    return taken;
}
