#ifndef RHYTHM_TOKEN_BEARER_H
#define RHYTHM_TOKEN_BEARER_H

#include "base/buffer.h"

/*
 * bearer: a token as people hand it over.
 *
 * A bare token, "Bearer ..." or a whole Authorization header line (RFC 6750, section 2.1), in a
 * file or on standard input, with what clings to it on its way through mails, chats, editors and
 * other programs: quotes, line breaks, marks of a quoted mail, the JSON of a token answer.
 */

#define BEARER_MAX (4u << 20) /* bytes */

/* What had to be cleaned; more than one can be set. */
enum {
    BEARER_QUOTES = 1,
    BEARER_LINE_BREAKS = 2, /* inside the token */
    BEARER_SPACES = 4,      /* inside the token */
    BEARER_INVISIBLE = 8,   /* a byte order mark, no-break or zero-width spaces */
    BEARER_MAIL_MARKS = 16, /* "> " before each line */
    BEARER_JSON = 32,       /* it stood in a token answer, at "access_token" */
    BEARER_BRACKETS = 64,   /* <...> */
    BEARER_CLEANED_END = 128
};

struct bearer {
    struct buffer name;   /* the header's name as it stands, blanks before the colon included */
    struct buffer scheme; /* the scheme's word as it stands */
    struct buffer token;  /* cleaned; may hold anything but a NUL */
    unsigned cleaned;
    int is_header;    /* there was a name, or a scheme */
    const char *form; /* good, or what is wrong with it: see scheme.form= in inspect.h */
};

/*
 * Takes what somebody pasted apart. Nothing is refused: whether the token is one is for others to
 * say, and text that is no token at all, such as several lines of something else, is the token as
 * it stands. 0, or -1 if the text holds a NUL.
 */
int bearer_take_apart(const struct buffer *text, struct bearer *bearer);

/*
 * Puts what there is of it: token=, header.name=, scheme=, scheme.form=, and cleaned=, a line each.
 */
void bearer_put(const struct bearer *bearer, struct buffer *out);

void bearer_wipe(struct bearer *bearer);

/*
 * Reads path ("-": standard input) and leaves the bare token in token. secret_file asks for the
 * permissions of a file that holds a secret. STATUS_OK; or, reported, STATUS_BAD_INPUT or
 * STATUS_CONFIG (permissions).
 */
int bearer_read(const char *path, int secret_file, struct buffer *token);

/* Reads path as bearer_read does, without taking it apart. */
int bearer_read_text(const char *path, int secret_file, struct buffer *text);

#endif
