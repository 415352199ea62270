#ifndef RHYTHM_BASE_TEXT_H
#define RHYTHM_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/*
 * text: makes bytes safe to show or to put into a URL, and undoes it.
 *
 * An escaped text contains no control character (C0, DEL, C1 in UTF-8) and no invalid UTF-8: each
 * byte of one is \xNN, but newline, carriage return and tab are \n \r \t. Nothing here knows what a
 * text means.
 */

/* Appends the bytes, escaped; a backslash becomes two, so text_unescape gives every byte back. */
void text_escape(struct buffer *out, const char *bytes, size_t len);

/* Undoes text_escape in place; a NUL follows. The new length, or -1: an unknown escape. */
long text_unescape(char *text);

/* Appends the text as one word of a shell command: as it is, or in single quotes. */
void text_quote_shell(struct buffer *out, const char *text);

/*
 * Appends text up to its first byte that is in stops, and returns where that is; its NUL if none
 * is.
 */
const char *text_put_until(struct buffer *out, const char *text, const char *stops);

/* As text_escape, but a backslash stays as it is: for people to read, not to be undone. */
void text_escape_controls(struct buffer *out, const char *bytes, size_t len);

/* 1 if the bytes contain anything that a terminal would obey rather than show, else 0. */
int text_has_controls(const char *bytes, size_t len);

/* 1 if the bytes are visible ASCII only, as a token must be to be part of a header line. */
int text_is_visible(const char *text);

/* FNV-1a, for texts that nobody would try to make collide. */
uint64_t text_hash(const char *bytes, size_t len);

/* Where needle is in len bytes of text, NULs included; NULL if it is not, or is empty. */
char *text_find(char *text, size_t len, const char *needle, size_t needle_len);

/* Appends the bytes, each as %XX except letters, digits and those in kept (RFC 3986, 2.1). */
void text_percent(struct buffer *out, const char *bytes, size_t len, const char *kept);

/* Length of the UTF-8 character at text, of which len bytes are left (RFC 3629); 0 if it is none. */
size_t text_utf8_len(const char *text, size_t len);

/* The value of two hexadecimal digits, -1 if text does not begin with two. */
int text_hex_pair(const char *text);

#endif
