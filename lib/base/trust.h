#ifndef RHYTHM_BASE_TRUST_H
#define RHYTHM_BASE_TRUST_H

#include "base/buffer.h"

/*
 * trust: whether somebody else could have written what a file contains, or can read it.
 *
 * A file is trusted if it, and every directory on the way to it, belongs to the user or to root and
 * can be written by nobody else. In a directory like /tmp (sticky) others can put files beside ours
 * but not change them, so there the next name decides; a read-only mount counts as what nobody can
 * write. In a user namespace without root a directory of the overflow user counts as root's, if it
 * is not one that a namespace's root may write; a file never does. Symbolic links are followed, and
 * judged by the same rule. What cannot be examined is an error, never trusted.
 */

/*
 * Opens the file at path, which is absolute, for reading, if it is trusted. The descriptor; or -1
 * with errno, nothing reported: EPERM if somebody else could have written it, and then the reason
 * and the remedy are appended to why.
 */
int trust_open(const char *path, struct buffer *why);

/*
 * Opens a file that contains a secret. What is the user's must be readable by nobody else, what is
 * root's writable by nobody but root, as mounted secrets are; a pipe is taken as it is. what names
 * the file in messages. The descriptor; or -1, reported (STATUS_CONFIG is the status to end with).
 */
int trust_open_secret(const char *path, const char *what);

/* The same check without opening it. STATUS_OK, or STATUS_CONFIG, reported. */
int trust_check_secret(const char *path, const char *what);

#endif
