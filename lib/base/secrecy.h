#ifndef RHYTHM_BASE_SECRECY_H
#define RHYTHM_BASE_SECRECY_H

#include "base/buffer.h"

/*
 * secrecy: the one room that blots out secrets, so that no message contains one, whoever put it
 * there.
 *
 * Two things become ***: whatever looks like a token; and whatever was given to secrecy_keep, even
 * if it is percent-encoded, HTML-escaped, JSON-escaped or in base64, nested, or only a part of it.
 * If it is found only by undoing escapes, the whole text becomes ***. A part counts if it has at
 * least KEPT_RUN bytes. A shorter secret counts only as a whole, and only in words that somebody
 * else chose: in our own a password such as "wrong" is just a word.
 *
 * What looks like a token: dotted base64url that begins as a JWT does, what follows Bearer or Basic
 * and has a digit, and 40 or more base64url characters in which capitals, small letters and digits
 * are mixed, unless they are a value in a URL's query (a cursor, a login's state).
 */

enum { KEPT_RUN = 12 };

/* Remembers a secret, in a copy of its own that is wiped at the program's end; "" is none. */
void secrecy_keep(const char *secret);

/* Wipes what was kept. */
void secrecy_forget(void);

/* Blots in place; secrecy_blot_foreign is for an issuer's words. 1 if there was something to blot. */
int secrecy_blot(struct buffer *text);
void secrecy_blot_foreign(struct buffer *text);

/*
 * 1 if any of the text looks like a token. A word of the command line needs fewer characters than
 * one in a message: 20 mixed ones are an old opaque token, and never a command or service.
 */
int secrecy_is_token(const char *word);

/*
 * Appends what was given as a file's name, or *** if it may be a secret that was put there by
 * mistake: no such file exists, and it does not begin as a path does (/ ./ ../ ~). 1 if it appended
 * ***.
 */
int secrecy_put_path(struct buffer *out, const char *path);

#endif
