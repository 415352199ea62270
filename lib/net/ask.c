#include "net/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/directories.h"
#include "base/message.h"
#include "token/bearer.h"

#define FIELD "Authorization: "

/* Becomes rhythm-token: beside this program, in place or installed, or where it was meant to be. */
static int become(char **arguments)
{
    directory_exec("/../bin/rhythm-token", arguments);
    directory_exec("/../../bin/rhythm-token", arguments);
    execv(RHYTHM_LIBDIR "/../../bin/rhythm-token", arguments);
    return message_fail(STATUS_BUG, "cannot find rhythm-token; install rhythm again");
}

/* Runs rhythm-token and takes its output. Its exit status is ours. */
static int run(char **arguments, struct buffer *output)
{
    int ends[2];
    int how = 0;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return message_fail(STATUS_BUG, "cannot make a pipe: %s", strerror(errno));
    pid = fork();
    if (pid == 0) {
        signal(SIGPIPE, SIG_DFL); /* we ignore it */
        _exit(dup2(ends[1], STDOUT_FILENO) < 0 ? STATUS_BUG : become(arguments));
    }
    if (pid < 0)
        return message_fail(STATUS_BUG, "cannot run rhythm-token: %s", strerror(errno));
    close(ends[1]);
    (void)buffer_read(output, ends[0], BEARER_MAX); /* what is missing shows below */
    close(ends[0]);
    while (waitpid(pid, &how, 0) < 0)
        if (errno != EINTR)
            return message_fail(STATUS_BUG, "cannot wait for rhythm-token: %s", strerror(errno));
    if (WIFEXITED(how))
        return WEXITSTATUS(how);
    return message_fail(STATUS_BUG, "rhythm-token was ended by signal %d", WTERMSIG(how));
}

int ask_authorization(const char *profile, const char *token, int is_quiet, struct buffer *line)
{
    const char *arguments[8] = {"rhythm-token", "header"};
    int count = 2;
    SCRATCH output = BUFFER_EMPTY;
    const char *text;
    int status;

    if (is_quiet)
        arguments[count++] = "--quiet";
    if (profile) {
        arguments[count++] = "--profile";
        arguments[count++] = profile;
    }
    if (token) {
        arguments[count++] = "--token";
        arguments[count++] = token;
    }
    status = run((char **)(uintptr_t)arguments, &output); /* execv does not write to them */
    if (status != STATUS_OK)
        return status;
    text = buffer_text(&output);
    if (strncmp(text, FIELD, strlen(FIELD)) != 0 || strchr(text, '\n') != text + output.len - 1)
        return message_fail(STATUS_BUG, "rhythm-token printed no Authorization line");
    buffer_truncate(&output, output.len - 1);
    buffer_set(line, output.bytes);
    return STATUS_OK;
}

int ask_may_repeat(const char *token)
{
    struct stat info;

    return !token || (strcmp(token, "-") != 0 && stat(token, &info) == 0 && S_ISREG(info.st_mode));
}
