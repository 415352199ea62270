#ifndef RHYTHM_BASE_ATTRIBUTES_H
#define RHYTHM_BASE_ATTRIBUTES_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/kv.h"

/*
 * attributes: one message between two of our programs: lines of key=value, ended by an empty line
 * or the end of the stream, as git and its helpers do.
 *
 * A message may contain a secret, so all of it is one buffer, which wipes itself.
 *
 *     WIPED_BY(attributes_wipe) struct attributes answer = {0};
 *     if (attributes_receive(&answer, fd, max, deadline_ms) == 0)
 *         attribute(&answer, "token") ...
 */
struct attributes {
    struct buffer text;  /* the pairs point into it */
    struct buffer pairs; /* of struct kv_pair, in their order */
    int is_whole;        /* an empty line ended it */
};

/*
 * Reads one message of at most max bytes, until deadline_ms of clock_steady_ms. 0; or -1 with
 * errno: EFBIG, ETIMEDOUT, EINTR after a signal of signals.h, or EPROTO if a line is not a pair or
 * is incomplete. A stream that ends at once gives a message that has no pairs and is not whole.
 */
int attributes_receive(struct attributes *message, int fd, size_t max, long long deadline_ms);

/* Ends text, whole lines of key=value, as a message and writes it. 0, or -1 with errno. */
int attributes_send(struct buffer *text, int fd);

/* 1 if the other program has closed its end of fd, a socket or a pipe: it may have been killed. */
int attributes_peer_is_gone(int fd);

/* Makes a message of text, whole lines of key=value; text is empty afterwards. 0, or -1. */
int attributes_parse(struct attributes *message, struct buffer *text);

/*
 * The value at key, the first if there are several, "" if there is none. It belongs to the message.
 */
const char *attribute(const struct attributes *message, const char *key);

/* The same as a number, fallback if there is none. */
long long attribute_number(const struct attributes *message, const char *key, long long fallback);

/* Sets out to the value's bytes, NULs included; leaves it alone if there is none. 1 if there is. */
int attribute_take(const struct attributes *message, const char *key, struct buffer *out);

/* The pairs one by one, for keys that occur more than once; NULL after the last. */
const struct kv_pair *attributes_pair(const struct attributes *message, size_t index);

/* Appends the pairs whose keys begin with prefix, as lines. */
void attributes_put(const struct attributes *message, const char *prefix, struct buffer *out);

void attributes_wipe(struct attributes *message);

#endif
