#include "directories.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"

static const char *session_directory;

static const struct {
    const char *variable;
    const char *below_home; /* NULL: no place in HOME will do */
} homes[] = {
    [DIRECTORY_CACHE] = {"XDG_CACHE_HOME", ".cache"},
    [DIRECTORY_STATE] = {"XDG_STATE_HOME", ".local/state"},
    [DIRECTORY_SESSION] = {"XDG_RUNTIME_DIR", NULL},
};

void directory_use_session(const char *path)
{
    session_directory = path && *path ? path : NULL;
}

/* Appends the base directory; *home is HOME if it was used, else NULL. */
static int base_directory(const char *variable, const char *below_home, struct buffer *path,
                          const char **home)
{
    const char *base = getenv(variable);

    *home = NULL;
    if (base && base[0] == '/') {
        buffer_puts(path, base);
        return STATUS_OK;
    }
    *home = getenv("HOME");
    if (!*home || (*home)[0] != '/')
        return message_fail(STATUS_CONFIG, "neither HOME nor %s is set to an absolute path; "
                            "set one of them", variable);
    buffer_printf(path, "%s/%s", *home, below_home);
    return STATUS_OK;
}

int directory_config(struct buffer *path)
{
    const char *home;
    int status = base_directory("XDG_CONFIG_HOME", ".config", path, &home);

    buffer_puts(path, "/rhythm");
    return status;
}

/* mkdir -p with 0700 for what is missing. 0, or -1 with errno. */
static int make_directories(const char *path)
{
    SCRATCH part = BUFFER_EMPTY;
    int result = 0;

    for (const char *slash = path; slash && result == 0;) {
        slash = strchr(slash + 1, '/');
        buffer_truncate(&part, 0);
        buffer_append(&part, path, slash ? (size_t)(slash - path) : strlen(path));
        if (mkdir(part.bytes, 0700) != 0 && errno != EEXIST && errno != EISDIR)
            result = -1;
    }
    return result;
}

/*
 * Opens the directory at path and makes sure that it is ours alone. One that the user named is
 * not changed: it may be there for more than tokens.
 */
static int open_private(const char *path, int named, int *fd)
{
    struct stat info;
    int status = STATUS_OK;

    *fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0 && errno == ENOENT)
        return STATUS_OK;
    if (*fd < 0 && (errno == ELOOP || errno == ENOTDIR))
        return message_fail(STATUS_CANNOT_CREATE, "%s is a symbolic link or no directory; "
                            "remove it", path);
    if (*fd < 0)
        return message_fail(STATUS_CANNOT_CREATE, "cannot open %s: %s", path, strerror(errno));
    if (fstat(*fd, &info) != 0)
        status = message_fail(STATUS_CANNOT_CREATE, "cannot look at %s: %s", path, strerror(errno));
    else if (info.st_uid != geteuid())
        status = message_fail(STATUS_CANNOT_CREATE, "%s belongs to user %lu, not to you; remove it "
                              "or set another directory", path, (unsigned long)info.st_uid);
    else if ((info.st_mode & 077) && (named || fchmod(*fd, 0700) != 0))
        status = message_fail(STATUS_CANNOT_CREATE, "others can enter %s; run: chmod 700 %s", path,
                              path);
    if (status != STATUS_OK) {
        close(*fd);
        *fd = -1;
    }
    return status;
}

/* After su or sudo these still name the places of whoever was there before. */
static int refuse_foreign(const char *variable, const char *base)
{
    struct stat info;

    if (!base || stat(base, &info) != 0 || info.st_uid == geteuid())
        return STATUS_OK;
    return message_fail(STATUS_CANNOT_CREATE, "%s=%s belongs to user %lu, so nothing is created "
                        "there; set %s to your own (with sudo: sudo -H)", variable, base,
                        (unsigned long)info.st_uid, variable);
}

int directory_open(enum directory which, int create, int *fd, struct buffer *path)
{
    const char *home = NULL;
    const char *runtime = getenv(homes[which].variable);
    int named = which == DIRECTORY_SESSION && session_directory;
    int status = STATUS_OK;

    *fd = -1;
    if (named) {
        buffer_puts(path, session_directory);
    } else if (which == DIRECTORY_SESSION && !(runtime && runtime[0] == '/')) {
        buffer_printf(path, "/tmp/rhythm-%lu", (unsigned long)geteuid());
        if (create)
            message_warn("XDG_RUNTIME_DIR is not set, so user tokens go to %s, which may outlive "
                         "your login; rhythm-token logout removes them, --session-dir names "
                         "another place", path->bytes);
    } else {
        status = base_directory(homes[which].variable, homes[which].below_home, path, &home);
        buffer_puts(path, "/rhythm");
    }
    if (status == STATUS_OK)
        status = open_private(path->bytes, named, fd);
    if (status != STATUS_OK || *fd >= 0 || !create)
        return status;
    status = refuse_foreign("HOME", home);
    if (status == STATUS_OK && which == DIRECTORY_SESSION && !named)
        status = refuse_foreign("XDG_RUNTIME_DIR", runtime);
    if (status != STATUS_OK)
        return status;
    if (make_directories(path->bytes) != 0)
        return message_fail(STATUS_CANNOT_CREATE, "cannot make %s: %s", path->bytes,
                            strerror(errno));
    status = open_private(path->bytes, named, fd);
    if (status == STATUS_OK && *fd < 0)
        status = message_fail(STATUS_CANNOT_CREATE, "%s vanished while it was being made",
                              path->bytes);
    return status;
}

int directory_open_file(int directory_fd, const char *name, int flags)
{
    struct stat info;
    int fd = -1;

    errno = ENOENT;
    if (directory_fd >= 0)
        fd = openat(directory_fd, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd >= 0 && (fstat(fd, &info) != 0 || info.st_uid != geteuid() || !S_ISREG(info.st_mode))) {
        close(fd);
        fd = -1;
        errno = EPERM;
    }
    return fd;
}
