#ifndef RHYTHM_BASE_SECRECY_H
#define RHYTHM_BASE_SECRECY_H

#include "base/buffer.h"

/*
 * secrecy: the one place that blots, so that no message holds a secret, whoever put it there.
 *
 * Two things are blotted, each as ***: what looks like a token, wherever it stands; and what was
 * given to secrecy_keep, also if somebody altered it on its way: percent-encoded, HTML-escaped,
 * JSON-escaped, in base64, one in the other, or a part of it. Behind escapes it takes the whole text
 * with it. A part counts from KEPT_RUN bytes on. A shorter secret counts as a whole, and only in words
 * that somebody else chose: in ours a password such as "wrong" is a word.
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

/* Blots in place, and secrecy_blot_foreign the words of an issuer. */
void secrecy_blot(struct buffer *text);
void secrecy_blot_foreign(struct buffer *text);

/*
 * 1 if any of the text looks like a token. Of a word on the command line less is asked for than
 * within a message: 20 mixed characters are an old opaque token, and no command or service.
 */
int secrecy_is_token(const char *word);

/*
 * Appends what was given as a file's name, or *** if it may be a secret that was put there by
 * mistake: no such file exists, and it does not begin as a path does (/ ./ ../ ~). 1 if it did so.
 */
int secrecy_put_path(struct buffer *out, const char *path);

#endif
