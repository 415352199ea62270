#ifndef RHYTHM_BASE_BUFFER_H
#define RHYTHM_BASE_BUFFER_H

#include <stdarg.h>
#include <stddef.h>

/*
 * buffer: the one type for bytes that grow, and so the one type that ever holds a secret.
 *
 * Every buffer wipes its memory when it grows, shrinks or ends, whether or not what it holds is
 * secret: no caller has to know. Running out of memory ends the program (exit 70).
 *
 * The wipe reaches the buffer itself. It cannot reach copies in the kernel, in swap space, or in
 * memory that a library (libcurl, libjwt, jansson) allocated for itself.
 *
 *     SCRATCH text = BUFFER_EMPTY;   wiped at the end of its block, whichever way that is left
 *     buffer_puts(&text, "text");
 */
struct buffer {
    char *bytes; /* NUL-terminated after the first append; NULL before */
    size_t len;  /* without that NUL */
    size_t capacity;
};

#define BUFFER_EMPTY {NULL, 0, 0}

/* A local variable on which function is called at the end of its block. */
#define WIPED_BY(function) __attribute__((cleanup(function)))
#define SCRATCH WIPED_BY(buffer_wipe) struct buffer
#define CLOSED WIPED_BY(buffer_close) int /* a descriptor, or -1 */

void buffer_append(struct buffer *buffer, const void *bytes, size_t len);
void buffer_puts(struct buffer *buffer, const char *text);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Makes the buffer hold exactly text. */
void buffer_set(struct buffer *buffer, const char *text);

/* Drops all bytes from len on, wiping them. */
void buffer_truncate(struct buffer *buffer, size_t len);

/* The content as a string, "" if nothing was ever appended. Valid until the next change. */
const char *buffer_text(const struct buffer *buffer);

/*
 * Appends all that can be read from fd, at most max bytes. 0, or -1 with errno; EFBIG if there was
 * more.
 */
int buffer_read(struct buffer *buffer, int fd, size_t max);

/* The same with the file at path. */
int buffer_read_file(struct buffer *buffer, const char *path, size_t max);

/* Writes everything to fd. 0, or -1 with errno. */
int buffer_write(const struct buffer *buffer, int fd);

/* Closes a descriptor unless it is -1, and sets it to -1. errno is kept. */
void buffer_close(int *fd);

/* Wipes and frees; the buffer is BUFFER_EMPTY afterwards and may be used again. errno is kept. */
void buffer_wipe(struct buffer *buffer);

#endif
