#include "base/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/message.h"
#include "base/secrecy.h"
#include "base/text.h"

#define LINKS_MAX 40       /* the kernel's limit */
#define OVERFLOW_UID 65534 /* user_namespaces(7) */
#define STICKY 01000       /* S_ISVTX, which is X/Open */

/*
 * 1 if the owner is root, or what root looks like in a user namespace that does not map it, as in
 * many sandboxes: there the system's own directories belong to the overflow user. /proc is always
 * root's, so it tells what root looks like, however deeply namespaces are nested. Directories only,
 * whose content is judged next: a file could be that of any user who is not mapped. A directory
 * that we can write although its mode does not say so is that of a mapped user with the overflow
 * user's number, in whose namespace we are root.
 */
static int is_roots(const char *path, const struct stat *info)
{
    struct stat proc;

    if (info->st_uid != OVERFLOW_UID || !S_ISDIR(info->st_mode))
        return info->st_uid == 0;
    return stat("/proc", &proc) == 0 && proc.st_uid == OVERFLOW_UID &&
           ((info->st_mode & 022) || access(path, W_OK) != 0);
}

/* 1 if nobody can write what path leads to, whatever its mode says. */
static int is_read_only(const char *path)
{
    struct statvfs mount;

    return statvfs(path, &mount) == 0 && (mount.f_flag & ST_RDONLY);
}

/*
 * Appends a reason to why if others than the user and root can change what path is; the first
 * counts.
 */
static void judge(const char *path, const struct stat *info, struct buffer *why)
{
    int is_shared = S_ISDIR(info->st_mode) && (info->st_mode & STICKY);

    if (why->len)
        return;
    if (info->st_uid != geteuid() && !is_roots(path, info)) {
        buffer_printf(why, "%s belongs to user %lu, not to you or root; use a %s of your own",
                      path, (unsigned long)info->st_uid, S_ISDIR(info->st_mode) ? "directory" : "file");
    } else if ((info->st_mode & 022) && !is_shared && !S_ISLNK(info->st_mode) &&
               !is_read_only(path)) {
        buffer_printf(why, "others can change %s; run: chmod go-w ", path);
        text_quote_shell(why, path);
    }
}

/* Appends what the link at path leads to, seen from the root. 0, or -1 with errno. */
static int put_target(const char *path, struct buffer *out)
{
    char target[4096];
    ssize_t len = readlink(path, target, sizeof target);

    if (len < 0 || len == (ssize_t)sizeof target) {
        errno = len < 0 ? errno : ENAMETOOLONG;
        return -1;
    }
    if (*target != '/')
        buffer_append(out, path, (size_t)(strrchr(path, '/') + 1 - path));
    buffer_append(out, target, (size_t)len);
    return 0;
}

/*
 * Judges the root and then every name of the path; a link's target is judged in the same way, from
 * the root. The kernel resolves "..", as it does for open: all that comes before it was judged and
 * is not a link. 0 and *info; or -1 with errno.
 */
static int walk(const char *way, int links, struct stat *info, struct buffer *why)
{
    SCRATCH path = BUFFER_EMPTY, target = BUFFER_EMPTY;

    buffer_puts(&path, "/");
    for (;;) {
        size_t len;

        if (lstat(path.bytes, info) != 0)
            return -1;
        judge(path.bytes, info, why);
        if (S_ISLNK(info->st_mode)) {
            errno = ELOOP;
            if (links == LINKS_MAX || put_target(path.bytes, &target) != 0)
                return -1;
            buffer_puts(&target, way);
            return walk(target.bytes, links + 1, info, why);
        }
        way += strspn(way, "/");
        if (!*way)
            return 0;
        len = strcspn(way, "/");
        if (len > 1 || *way != '.')
            buffer_printf(&path, "%s%.*s", path.len > 1 ? "/" : "", (int)len, way);
        way += len;
    }
}

int trust_open(const char *path, struct buffer *why)
{
    struct stat walked;
    struct stat opened;
    CLOSED fd = -1;
    int result;

    if (walk(path, 0, &walked, why) != 0) {
        buffer_truncate(why, 0); /* no such file, so nothing that could do harm */
        return -1;
    }
    fd = why->len ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &opened) == 0 &&
        (walked.st_dev != opened.st_dev || walked.st_ino != opened.st_ino))
        buffer_printf(why, "%s was replaced while it was opened; try again", path);
    if (why->len) {
        errno = EPERM;
        return -1;
    }
    result = fd;
    fd = -1;
    return result;
}

/* Reports which command makes a secret's file private. */
static int fail_mode(const char *what, const char *path, const char *others, const char *mode)
{
    SCRATCH quoted = BUFFER_EMPTY;

    text_quote_shell(&quoted, path);
    return message_fail(STATUS_CONFIG, "others can %s %s %s; run: chmod %s %s", others, what, path,
                        mode, quoted.bytes);
}

static int judge_secret(const char *path, const char *what, const struct stat *info)
{
    int is_root = geteuid() == 0;

    if (S_ISFIFO(info->st_mode) || S_ISCHR(info->st_mode)) /* <(command), /dev/stdin */
        return STATUS_OK;
    if (!S_ISREG(info->st_mode))
        return message_fail(STATUS_CONFIG, "%s %s is not a file; give the name of a file", what,
                            path);
    if (info->st_uid != 0 && info->st_uid != geteuid())
        return message_fail(STATUS_CONFIG, "%s %s belongs to user %lu, not to you or root; copy it "
                            "to a file of your own", what, path, (unsigned long)info->st_uid);
    /* containers' secrets: they are root's, and only whoever mounts them can change them */
    if (info->st_uid == 0 && (is_root ? !(info->st_mode & 077) : !(info->st_mode & 022)))
        return STATUS_OK;
    if (info->st_uid == 0 && is_read_only(path))
        return STATUS_OK;
    if (info->st_uid == 0 && !is_root)
        return fail_mode(what, path, "write", "go-w");
    if (!(info->st_mode & 077))
        return STATUS_OK;
    if (is_read_only(path))
        return message_fail(STATUS_CONFIG, "others can read %s %s, and it is on a read-only mount; "
                            "mount it with mode 0400", what, path);
    return fail_mode(what, path, "read", "600");
}

static int fail_open(const char *path, const char *what)
{
    const char *error = strerror(errno);
    SCRATCH shown = BUFFER_EMPTY;

    if (secrecy_put_path(&shown, path))
        return message_fail(STATUS_CONFIG, "%s should be the name of a file, but no such file exists "
                            "(it is not shown because it may be the secret); create the file, or "
                            "correct the name", what);
    return message_fail(STATUS_CONFIG, "cannot read %s %s: %s", what, path, error);
}

int trust_open_secret(const char *path, const char *what)
{
    struct stat info;
    CLOSED fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int result = fd;

    if (fd < 0 || fstat(fd, &info) != 0) {
        fail_open(path, what);
        return -1;
    }
    if (judge_secret(path, what, &info) != STATUS_OK)
        return -1;
    (void)fcntl(fd, F_SETFL, 0); /* only open had to be kept from waiting for a writer */
    fd = -1;
    return result;
}

int trust_check_secret(const char *path, const char *what)
{
    struct stat info;

    return stat(path, &info) == 0 ? judge_secret(path, what, &info) : fail_open(path, what);
}
