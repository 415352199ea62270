#ifndef RHYTHM_BASE_DIRECTORIES_H
#define RHYTHM_BASE_DIRECTORIES_H

#include "base/buffer.h"

/*
 * directories: where files are kept (XDG Base Directory specification), and whether that is safe.
 *
 * A relative path in an XDG variable is ignored, as the specification asks. Our own directories are
 * 0700, belong to the user, and are never reached through a symbolic link at their own name. A HOME
 * that belongs to somebody else, as under sudo, is neither read nor written; root's may be read,
 * but only root writes there.
 */

enum directory {
    DIRECTORY_CONFIG,  /* ${XDG_CONFIG_HOME:-~/.config}/rhythm */
    DIRECTORY_CACHE,  /* ${XDG_CACHE_HOME:-~/.cache}/rhythm */
    DIRECTORY_STATE,  /* ${XDG_STATE_HOME:-~/.local/state}/rhythm */
    DIRECTORY_SESSION /* $XDG_RUNTIME_DIR/rhythm, gone when the user logs out */
};

/*
 * Appends DIRECTORY_CONFIG's name to path, for reading. STATUS_OK; or STATUS_CONFIG, reported, if
 * neither the variable nor HOME is set.
 */
int directory_config(struct buffer *path);

/*
 * STATUS_CANNOT_CREATE, reported, if XDG_CONFIG_HOME or HOME belongs to neither the user nor root.
 */
int directory_config_refuse(void);

/*
 * Opens one of our directories and puts its descriptor into *fd (close-on-exec; the caller closes
 * it) and its name into path. If it is missing, it is made with create; without create, *fd is -1.
 * STATUS_OK; or, reported, STATUS_CONFIG (no HOME) or STATUS_CANNOT_CREATE (not ours, a symbolic
 * link, cannot be made).
 */
int directory_open(enum directory which, int create, int *fd, struct buffer *path);

/*
 * Opens a file in such a directory: never through a symbolic link, and only a regular file of the
 * user's, else errno is EPERM. directory_fd may be -1: then there is no file. -1 with errno.
 */
int directory_open_file(int directory_fd, const char *name, int flags);

/*
 * What errno says of a file or directory of ours, and what to do: "No space left on device; free some
 * space". Valid until the next call.
 */
const char *directory_reason(int error);

/*
 * Replaces the content of the file name with text, atomically: writes text to new_fd, which is the
 * file new_name, flushes it to disk and renames it. 0; or -1 with errno, and then new_name is
 * removed and name is unchanged. new_fd stays the caller's; if it is -1, errno says why.
 */
int directory_replace_file(int directory_fd, const char *name, const char *new_name, int new_fd,
                           const struct buffer *text);

/* Puts the directory of the running program into path. 0, or -1 if the system does not tell. */
int directory_of_program(struct buffer *path);

/*
 * Puts into path, which is empty before, the directory of rhythm-net and our other files: beside
 * the running program, installed or in a source tree, else below the compiled-in PREFIX. 1 if that
 * is an installation, 0 if it is a source tree, where make builds what is missing.
 */
int directory_of_internals(struct buffer *path);

/* Sets DIRECTORY_SESSION to this path (--session-dir), which must stay. */
void directory_use_session(const char *path);

#endif
