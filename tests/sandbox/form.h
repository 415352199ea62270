#ifndef SANDBOX_FORM_H
#define SANDBOX_FORM_H

/*
 * Percent-encoding, and the fields of a form or query (application/x-www-form-urlencoded). Text in,
 * text out; nothing here knows a connection.
 */

#include <stdbool.h>

/* Undo %XX (and + if plus) in place. */
void form_decode(char *text, bool plus);

/* Percent-encode all but the unreserved (RFC 3986, 2.3); for the caller to free. */
char *form_encode(const char *text);

/* The decoded value of a form field or query parameter, or NULL; for the caller to free. */
char *form_param(const char *form, const char *name);

/* Is word one of the words, which are separated by blanks? */
bool form_has_word(const char *words, const char *word);

#endif
