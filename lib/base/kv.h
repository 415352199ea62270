#ifndef RHYTHM_BASE_KV_H
#define RHYTHM_BASE_KV_H

#include <stddef.h>

#include "base/buffer.h"

/*
 * kv: the one reader and the one writer of the key=value format.
 *
 * One pair per line, each line ended by \n, no header, no blank lines. In a key every byte outside
 * A-Z a-z 0-9 _ . : / @ - is %XX, so a key contains no '=' and no newline. In a value a backslash
 * is "\\", newline, carriage return and tab are "\n" "\r" "\t", and each byte of another control
 * character (C0, DEL, C1 in UTF-8) or of invalid UTF-8 is "\xNN". So no value can forge a line or
 * move a terminal's cursor, and every value can be read back byte by byte.
 */

/* Appends the line key=value; value is value_len bytes and may contain any byte. */
void kv_put_bytes(struct buffer *out, const char *key, const char *value, size_t value_len);

/* The same for a string, and for a decimal number. */
void kv_put(struct buffer *out, const char *key, const char *value);
void kv_put_number(struct buffer *out, const char *key, long long number);

/* Appends a key's bytes, escaped as a key; text_escape does the same for a value. */
void kv_escape_key(struct buffer *out, const char *bytes, size_t len);

struct kv_reader {
    char *next; /* unread text; the reader writes into it */
    char *end;
    int line; /* of the last pair, from 1 */
};

struct kv_pair {
    const char *key;   /* NUL-terminated, still escaped: compare it with an escaped name */
    const char *value; /* unescaped, NUL-terminated after value_len bytes */
    size_t value_len;
};

/* Appends a pair as it was read, its key escaped already. */
void kv_put_pair(struct buffer *out, const struct kv_pair *pair);

/* A reader of len bytes of text that end in a newline; text is changed by reading. */
struct kv_reader kv_reader(char *text, size_t len);

/*
 * Takes the next pair, which points into the reader's text. 1 if there was one, 0 at the end, -1 if
 * the line (reader->line) is not a pair; the next call reads the line after it.
 */
int kv_next(struct kv_reader *reader, struct kv_pair *pair);

/*
 * Parses a whole decimal number with an optional minus sign. 0, or -1 if it is not one or is too
 * big.
 */
int kv_number(const char *text, long long *number);

#endif
