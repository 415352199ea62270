#include "ask.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bearer.h"
#include "message.h"

#define FIELD "Authorization: "

/* rhythm-token beside this program, in place or installed, or where it was meant to be. */
static int find_program(struct buffer *path)
{
    static const char *const places[] = {"/../bin/rhythm-token", "/../../bin/rhythm-token"};
    char self[4096];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash;

    self[len < 0 ? 0 : len] = '\0';
    slash = strrchr(self, '/');
    for (int i = 0; slash && i < 2; i++) {
        *slash = '\0';
        buffer_set(path, self);
        buffer_puts(path, places[i]);
        if (access(path->bytes, X_OK) == 0)
            return STATUS_OK;
    }
    buffer_set(path, RHYTHM_LIBDIR "/../../bin/rhythm-token");
    if (access(path->bytes, X_OK) == 0)
        return STATUS_OK;
    return message_fail(STATUS_BUG, "cannot find rhythm-token; install rhythm again");
}

/* Starts the program with its output on fd. SIGPIPE, which we ignore, is its default again. */
static int start(const char *path, char *const *arguments, int fd, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t signals;
    int error;

    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    if (posix_spawn_file_actions_init(&actions) != 0)
        return message_fail(STATUS_BUG, "out of memory");
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return message_fail(STATUS_BUG, "out of memory");
    }
    error = posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
    if (!error)
        error = posix_spawnattr_setsigdefault(&attributes, &signals);
    if (!error)
        error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    if (!error)
        error = posix_spawn(pid, path, &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error)
        return message_fail(STATUS_BUG, "cannot run %s: %s", path, strerror(error));
    return STATUS_OK;
}

/* The program's exit status as ours; a signal's is the shell's. */
static int await(pid_t pid)
{
    int how = 0;

    while (waitpid(pid, &how, 0) < 0)
        if (errno != EINTR)
            return message_fail(STATUS_BUG, "cannot wait for rhythm-token: %s", strerror(errno));
    if (WIFEXITED(how))
        return WEXITSTATUS(how);
    return message_fail(STATUS_BUG, "rhythm-token was ended by signal %d", WTERMSIG(how));
}

static int run(const char *path, char *const *arguments, struct buffer *output)
{
    int ends[2];
    pid_t pid = -1;
    int status;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return message_fail(STATUS_BUG, "cannot make a pipe: %s", strerror(errno));
    status = start(path, arguments, ends[1], &pid);
    close(ends[1]);
    if (status == STATUS_OK) {
        (void)buffer_read(output, ends[0], BEARER_MAX); /* what is missing shows below */
        status = await(pid);
    }
    close(ends[0]);
    return status;
}

int ask_authorization(const char *profile, const char *token, int is_quiet, struct buffer *line)
{
    static char name[] = "rhythm-token", command[] = "header";
    static char quiet[] = "--quiet", profile_option[] = "--profile", token_option[] = "--token";
    char *arguments[8] = {name, command};
    int count = 2;
    SCRATCH path = BUFFER_EMPTY, output = BUFFER_EMPTY;
    int status = find_program(&path);

    if (is_quiet)
        arguments[count++] = quiet;
    if (profile) {
        arguments[count++] = profile_option;
        arguments[count++] = (char *)(uintptr_t)profile; /* posix_spawn does not write to it */
    }
    if (token) {
        arguments[count++] = token_option;
        arguments[count++] = (char *)(uintptr_t)token;
    }
    if (status == STATUS_OK)
        status = run(path.bytes, arguments, &output);
    if (status == STATUS_OK) {
        const char *text = buffer_text(&output);
        size_t len = strcspn(text, "\n");

        if (strncmp(text, FIELD, strlen(FIELD)) != 0 || len + 1 != output.len)
            status = message_fail(STATUS_BUG, "%s printed no Authorization line", path.bytes);
        buffer_truncate(&output, len);
    }
    if (status == STATUS_OK)
        buffer_set(line, output.bytes);
    return status;
}

int ask_may_repeat(const char *token)
{
    struct stat info;

    return !token || (strcmp(token, "-") != 0 && stat(token, &info) == 0 && S_ISREG(info.st_mode));
}
