#include "base/directories.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"
#include "base/platform.h"

#define SESSION_OPTION "--session-dir"

static const char *session_directory;

static const struct {
    const char *variable;
    const char *below_home; /* NULL: never in HOME */
} homes[] = {
    [DIRECTORY_CONFIG] = {"XDG_CONFIG_HOME", ".config"},
    [DIRECTORY_CACHE] = {"XDG_CACHE_HOME", ".cache"},
    [DIRECTORY_STATE] = {"XDG_STATE_HOME", ".local/state"},
    [DIRECTORY_SESSION] = {"XDG_RUNTIME_DIR", NULL},
};

void directory_use_session(const char *path)
{
    session_directory = path;
}

/* The variable's value, NULL unless it is an absolute path. */
static const char *absolute(const char *variable)
{
    const char *value = getenv(variable);

    return value && value[0] == '/' ? value : NULL;
}

/* Appends our directory below the one that the variable names, or below HOME. */
static int put_path(const char *variable, const char *below_home, struct buffer *path)
{
    const char *base = absolute(variable);
    const char *home = absolute("HOME");

    if (!base && !home)
        return message_fail(STATUS_CONFIG, "neither HOME nor %s is set to an absolute path; "
                            "set one of them", variable);
    if (base)
        buffer_printf(path, "%s/rhythm", base);
    else
        buffer_printf(path, "%s/%s/rhythm", home, below_home);
    return STATUS_OK;
}

int directory_config(struct buffer *path)
{
    return put_path(homes[DIRECTORY_CONFIG].variable, homes[DIRECTORY_CONFIG].below_home, path);
}

/* mkdir -p with 0700 for what is missing. 0, or -1 with errno. */
static int make_directories(const char *path)
{
    SCRATCH part = BUFFER_EMPTY;

    for (const char *end = path; *end;) {
        end += 1 + strcspn(end + 1, "/");
        buffer_truncate(&part, 0);
        buffer_append(&part, path, (size_t)(end - path));
        if (mkdir(part.bytes, 0700) != 0 && errno != EEXIST && errno != EISDIR) /* "/" on a BSD */
            return -1;
    }
    return 0;
}

/*
 * Opens the directory at path and makes sure that it is ours alone. One that the user named is not
 * changed: it may contain more than tokens.
 */
static int open_private(const char *path, const char *variable, int *result)
{
    int named = strcmp(variable, SESSION_OPTION) == 0;
    CLOSED fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat info;

    if (fd < 0 && errno == ENOENT)
        return STATUS_OK;
    if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
        return message_fail(STATUS_CANNOT_CREATE, "%s is a symbolic link or not a "
                            "directory; remove it", path);
    if (fd < 0 || fstat(fd, &info) != 0)
        return message_fail(STATUS_CANNOT_CREATE, "cannot open %s: %s", path,
                            directory_reason(errno));
    if (info.st_uid != geteuid())
        return message_fail(STATUS_CANNOT_CREATE, "%s belongs to user %lu, not to you; remove it, "
                            "or set %s to a directory of your own", path,
                            (unsigned long)info.st_uid, variable);
    if ((info.st_mode & 077) && (named || fchmod(fd, 0700) != 0))
        return message_fail(STATUS_CANNOT_CREATE, "others can enter %s; run: chmod 700 %s", path,
                            path);
    *result = fd;
    fd = -1;
    return STATUS_OK;
}

/*
 * After su or sudo a variable still names the previous user's directory. Root's may be read by
 * everybody.
 */
static int refuse_foreign(const char *variable, int for_reading)
{
    const char *base = absolute(variable);
    struct stat info;

    if (!base || stat(base, &info) != 0 || info.st_uid == geteuid() ||
        (for_reading && info.st_uid == 0))
        return STATUS_OK;
    return message_fail(STATUS_CANNOT_CREATE, "%s=%s belongs to user %lu; set %s to a directory of "
                        "your own%s", variable, base, (unsigned long)info.st_uid, variable,
                        strcmp(variable, "HOME") == 0 ? " (with sudo, use sudo -H)" : "");
}

int directory_config_refuse(void)
{
    int status = refuse_foreign("XDG_CONFIG_HOME", 1);

    return status == STATUS_OK ? refuse_foreign("HOME", 1) : status;
}

int directory_open(enum directory which, int create, int *fd, struct buffer *path)
{
    const char *variable = homes[which].variable; /* to create there, we must own its directory */
    int is_session = which == DIRECTORY_SESSION;
    int named = is_session && session_directory;
    const char *chosen_by = named ? SESSION_OPTION : variable;
    int status = STATUS_OK;

    *fd = -1;
    if (named) {
        buffer_puts(path, session_directory);
        variable = NULL;
    } else if (is_session && !absolute(variable)) {
        buffer_printf(path, "/tmp/rhythm-%lu", (unsigned long)geteuid());
        if (create)
            message_warn("XDG_RUNTIME_DIR is not set, so users' tokens stay in %s after your "
                         "session on this machine ends; remove them with rhythm-token logout, or "
                         "set --session-dir", path->bytes);
    } else {
        status = put_path(variable, homes[which].below_home, path);
        if (!is_session)
            variable = absolute(variable) ? NULL : "HOME";
    }
    if (status == STATUS_OK && variable)
        status = refuse_foreign(variable, 1);
    if (status == STATUS_OK)
        status = open_private(path->bytes, chosen_by, fd);
    if (status != STATUS_OK || *fd >= 0 || !create)
        return status;
    /* root's may be read by everybody, but after su a user creates nothing there */
    if (variable && refuse_foreign(variable, 0) != STATUS_OK)
        return STATUS_CANNOT_CREATE;
    if (make_directories(path->bytes) != 0)
        return message_fail(STATUS_CANNOT_CREATE, "cannot create %s: %s", path->bytes,
                            errno == EPERM || errno == ELOOP ? strerror(errno)
                                                             : directory_reason(errno));
    return open_private(path->bytes, chosen_by, fd);
}

const char *directory_reason(int error)
{
    static const struct {
        int error;
        const char *reason; /* NULL: the system's */
        const char *remedy;
    } known[] = {
        {ELOOP, "it is a symbolic link", "remove it"},
        {EPERM, "it is not a regular file that belongs to you", "remove it"},
        {EACCES, NULL, "check its permissions and those of the directory above it"},
        {ENOSPC, NULL, "free some space"},
        {EDQUOT, NULL, "free some space"},
        {EFBIG, NULL, "raise the limit on file sizes (ulimit -f)"},
        {EIO, NULL, "check the disk"},
    };
    static char text[160];

    snprintf(text, sizeof text, "%s", strerror(error));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].error == error)
            snprintf(text, sizeof text, "%s; %s",
                     known[i].reason ? known[i].reason : strerror(error), known[i].remedy);
    return text;
}

int directory_open_file(int directory_fd, const char *name, int flags)
{
    struct stat info;
    int fd = -1;

    errno = ENOENT;
    if (directory_fd >= 0) /* O_NONBLOCK: a FIFO of that name must not keep open waiting */
        fd = openat(directory_fd, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd >= 0 && (fstat(fd, &info) != 0 || info.st_uid != geteuid() || !S_ISREG(info.st_mode))) {
        close(fd);
        fd = -1;
        errno = EPERM;
    }
    return fd;
}

int directory_replace_file(int directory_fd, const char *name, const char *new_name, int new_fd,
                           const struct buffer *text)
{
    int saved;

    /*
     * The content is flushed before the rename, or a crash could leave the name with an empty file;
     * the directory after it, or a crash could bring the old file back. new_fd may be a file whose
     * space was reserved, so what follows the text is cut off.
     */
    if (new_fd >= 0 && buffer_write(text, new_fd) == 0 &&
        ftruncate(new_fd, (off_t)text->len) == 0 && fsync(new_fd) == 0 &&
        renameat(directory_fd, new_name, directory_fd, name) == 0 && fsync(directory_fd) == 0)
        return 0;
    saved = errno;
    (void)unlinkat(directory_fd, new_name, 0);
    errno = saved;
    return -1;
}

/* Removes the last name of an absolute path, with its slash. */
static void drop_name(struct buffer *path)
{
    const char *slash = strrchr(buffer_text(path), '/');

    buffer_truncate(path, slash ? (size_t)(slash - path->bytes) : 0);
}

int directory_of_program(struct buffer *path)
{
    char self[4096];
    size_t len = platform_program(self, sizeof self);

    if (len == 0)
        return -1;
    buffer_append(path, self, len);
    drop_name(path);
    return 0;
}

int directory_of_internals(struct buffer *path)
{
    static const struct {
        const char *beside; /* NULL: the program's own directory, as with make O=DIR */
        const char *mark;   /* what exists there if it is the right one */
    } places[] = {{"/lib/rhythm", ""}, {"/lib", "/rhythm-net"}, {"/lib", "/net"},
                  {NULL, "/rhythm-net"}};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        size_t len;
        int is_there;

        buffer_truncate(path, 0);
        if (directory_of_program(path) != 0)
            break;
        if (places[i].beside) {
            drop_name(path);
            buffer_puts(path, places[i].beside);
        }
        len = path->len;
        buffer_puts(path, places[i].mark);
        is_there = access(path->bytes, F_OK) == 0;
        buffer_truncate(path, len);
        if (is_there)
            return i == 0;
    }
    buffer_set(path, RHYTHM_LIBDIR);
    return 1;
}
