#include "token/helper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/directories.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/signals.h"

#define ANSWER_MAX (1u << 20) /* bytes */
#define REQUEST_MAX 60000     /* bytes: what a pipe accepts while nobody reads it */
#define MARGIN_MS 5000        /* it ends by itself; this is for when it does not */

int helper_is_set(const struct settings *settings)
{
    return strcmp(setting(settings, SETTING_CACHE), "file") != 0 && !settings_is_user(settings);
}

/* Starts it from that directory. 0, or -1 with errno. */
static int start_in(struct child *child, const char *directory, size_t directory_len,
                    const char *name, const char *operation)
{
    SCRATCH path = BUFFER_EMPTY;
    const char *arguments[] = {NULL, operation, NULL};
    struct child_plan plan = {.arguments = arguments, .input = CHILD_PIPE};

    buffer_append(&path, directory, directory_len);
    buffer_printf(&path, "/rhythm-cache-%s", name);
    arguments[0] = path.bytes;
    if (child_start(child, &plan) == 0)
        return 0;
    if (errno == ENOTDIR || (errno == EACCES && access(path.bytes, F_OK) != 0))
        errno = ENOENT; /* it is the directory that cannot be searched */
    return -1;
}

/*
 * Starts it from the folder cache beside rhythm-net, whose name may have a colon and so cannot be in
 * PATH's list, or from PATH; one that is not executable is skipped.
 */
static int start(struct child *child, const char *name, const char *operation)
{
    const char *path = getenv("PATH");
    SCRATCH ours = BUFFER_EMPTY;
    int is_denied;
    size_t len;

    (void)directory_of_internals(&ours);
    buffer_puts(&ours, "/cache");
    if (start_in(child, ours.bytes, ours.len, name, operation) == 0)
        return 0;
    is_denied = errno == EACCES;
    for (; path && *path && (errno == ENOENT || errno == EACCES); path += len + (path[len] == ':')) {
        len = strcspn(path, ":");
        if (*path == '/' && start_in(child, path, len, name, operation) == 0)
            return 0;
        is_denied |= errno == EACCES;
    }
    if (errno == ENOENT && is_denied)
        errno = EACCES;
    return -1;
}

/* what: what is wrong; and, after a semicolon, what to do about it. */
static int fail(const struct settings *settings, const char *what)
{
    return message_fail(STATUS_UNAVAILABLE, "the cache helper rhythm-cache-%s %s, or use --no-shared to "
                        "bypass the shared cache", setting(settings, SETTING_CACHE), what);
}

/* Reads its answer to the end and waits for it. STATUS_OK with an answer to be judged. */
static int receive(const struct settings *settings, struct child *child, struct attributes *answer)
{
    long long limit_s = setting_number(settings, SETTING_TIMEOUT);
    long long deadline_ms = clock_steady_ms() + limit_s * 1000 + MARGIN_MS;
    const char *wrong = NULL;
    char ended[64];
    int how;

    if (attributes_receive(answer, child->from, ANSWER_MAX, deadline_ms) != 0)
        wrong = errno == ETIMEDOUT ? "did not answer in time; try again"
                : errno == EFBIG   ? "answered with more than 1 MiB; correct the helper"
                : errno == EINTR   ? "was interrupted; try again"
                                   : "answered with a line that is incomplete or not key=value; correct the "
                                     "helper";
    if (wrong && errno != EPROTO) {
        child_kill(child);
        return fail(settings, wrong);
    }
    how = child_reap(child, deadline_ms);
    if (how >= 0 && WIFEXITED(how) && WEXITSTATUS(how) == STATUS_CONFIG) {
        message_reported("the settings of the cache helper are wrong");
        return STATUS_CONFIG;
    }
    if (how != 0) {
        snprintf(ended, sizeof ended, how < 0 || !WIFEXITED(how) ? "was killed; try again"
                                                              : "failed (exit %d); correct what it reported",
                 WEXITSTATUS(how));
        return fail(settings, ended);
    }
    return wrong ? fail(settings, wrong) : STATUS_OK;
}

int helper_ask(const struct settings *settings, const struct buffer *password,
               const char *operation, struct buffer *request, struct attributes *answer)
{
    int is_redis = strcmp(setting(settings, SETTING_CACHE), "redis") == 0;
    SCRATCH text = BUFFER_EMPTY, why = BUFFER_EMPTY;
    WIPED_BY(attributes_wipe) struct attributes asked = {0};
    struct child child = CHILD_NONE;
    int status;

    kv_put(&text, "version", "1");
    kv_put(&text, "url", setting(settings, is_redis ? SETTING_REDIS_URL : SETTING_CACHE_URL));
    kv_put(&text, "password", buffer_text(password));
    kv_put(&text, "ca_bundle", setting(settings, SETTING_REDIS_CA_BUNDLE));
    kv_put(&text, "timeout", setting(settings, SETTING_TIMEOUT));
    buffer_append(&text, buffer_text(request), request->len);
    attributes_parse(&asked, request); /* for its identity, which the answer must repeat */
    if (text.len > REQUEST_MAX)
        return fail(settings, "was not run, because the token is too large to share; request a smaller one");
    signals_hold(1); /* it may end without reading, or be waited for in vain */
    if (start(&child, setting(settings, SETTING_CACHE), operation) != 0) {
        buffer_printf(&why, "cannot be run: %s; correct that", strerror(errno));
        status = fail(settings, errno == ENOENT   ? "was found neither in lib/rhythm/cache nor in PATH; "
                                                    "install it"
                                : errno == EACCES ? "is not executable; run chmod +x on it"
                                                  : why.bytes);
    } else {
        (void)buffer_write(&text, child.to); /* if it has ended, receive tells how */
        buffer_close(&child.to); /* the end of its input */
        status = receive(settings, &child, answer);
    }
    signals_release();
    if (status != STATUS_OK)
        return status;
    if (strcmp(attribute(answer, "version"), "1") != 0)
        return fail(settings, "uses another version of the protocol (rhythm-cache(7)); install another release of it");
    if (strcmp(attribute(answer, "identity"), attribute(&asked, "identity")) != 0)
        return fail(settings, "returned the entry of another identity; correct the helper");
    return STATUS_OK;
}
