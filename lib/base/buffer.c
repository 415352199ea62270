#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/platform.h"

/*
 * Room for more bytes and a NUL. realloc() would leave the old copy behind unwiped. Only len bytes
 * are wiped, here and everywhere: what follows them was never used, or is wiped already.
 */
static void reserve(struct buffer *buffer, size_t more)
{
    size_t capacity = buffer->capacity ? buffer->capacity : 64;
    char *bytes;

    if (more >= SIZE_MAX / 4 - buffer->len) /* so that no doubling below overflows */
        memory_exhausted();
    if (buffer->bytes && buffer->len + more < buffer->capacity)
        return;
    while (capacity <= buffer->len + more)
        capacity *= 2;
    bytes = memory_take(capacity);
    if (buffer->bytes) {
        memcpy(bytes, buffer->bytes, buffer->len);
        platform_wipe(buffer->bytes, buffer->len);
        free(buffer->bytes);
    }
    bytes[buffer->len] = '\0';
    buffer->bytes = bytes;
    buffer->capacity = capacity;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t len)
{
    reserve(buffer, len);
    if (len)
        memcpy(buffer->bytes + buffer->len, bytes, len);
    buffer->len += len;
    buffer->bytes[buffer->len] = '\0';
}

void buffer_puts(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments)
{
    va_list again;
    size_t room;
    int needed;

    va_copy(again, arguments);
    reserve(buffer, 1);
    room = buffer->capacity - buffer->len;
    needed = vsnprintf(buffer->bytes + buffer->len, room, format, arguments);
    if (needed < 0)
        memory_exhausted();
    if ((size_t)needed >= room) {
        /* the beginning that fitted is not counted in len, so reserve() would leave it unwiped */
        platform_wipe(buffer->bytes + buffer->len, room);
        reserve(buffer, (size_t)needed);
        vsnprintf(buffer->bytes + buffer->len, (size_t)needed + 1, format, again);
    }
    buffer->len += (size_t)needed;
    va_end(again);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    buffer_vprintf(buffer, format, arguments);
    va_end(arguments);
}

void buffer_set(struct buffer *buffer, const char *text)
{
    buffer_truncate(buffer, 0);
    buffer_puts(buffer, text);
}

void buffer_truncate(struct buffer *buffer, size_t len)
{
    if (!buffer->bytes || len >= buffer->len)
        return;
    platform_wipe(buffer->bytes + len, buffer->len - len);
    buffer->len = len;
}

const char *buffer_text(const struct buffer *buffer)
{
    return buffer->bytes ? buffer->bytes : "";
}

int buffer_read(struct buffer *buffer, int fd, size_t max)
{
    size_t wanted = max + 1; /* one more than allowed tells "too big" from "just fits" */

    for (;;) {
        /* not all of max at once, which may be MiB for a file of a line; doubling copies little */
        size_t room = buffer->len < 4095 ? 4095 : buffer->len;
        ssize_t got;

        if (room > wanted)
            room = wanted;
        reserve(buffer, room);
        got = read(fd, buffer->bytes + buffer->len, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        buffer->len += (size_t)got;
        buffer->bytes[buffer->len] = '\0';
        if (got == 0)
            return 0;
        wanted -= (size_t)got;
        if (wanted == 0) {
            errno = EFBIG;
            return -1;
        }
    }
}

int buffer_read_file(struct buffer *buffer, const char *path, size_t max)
{
    CLOSED fd = open(path, O_RDONLY | O_CLOEXEC);

    return fd < 0 ? -1 : buffer_read(buffer, fd, max);
}

int buffer_write(const struct buffer *buffer, int fd)
{
    size_t done = 0;

    while (done < buffer->len) {
        ssize_t put = write(fd, buffer->bytes + done, buffer->len - done);

        /* standard output may be non-blocking because another program that shares it made it so */
        if (put < 0 && errno == EAGAIN)
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
        else if (put < 0 && errno != EINTR)
            return -1;
        else if (put > 0)
            done += (size_t)put;
    }
    return 0;
}

void buffer_close(int *fd)
{
    int saved = errno;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = saved;
}

void buffer_wipe(struct buffer *buffer)
{
    int saved = errno;

    if (buffer->bytes) {
        platform_wipe(buffer->bytes, buffer->len);
        free(buffer->bytes);
    }
    *buffer = (struct buffer)BUFFER_EMPTY;
    errno = saved;
}
