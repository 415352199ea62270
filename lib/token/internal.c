#include "token/internal.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/directories.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/signals.h"

#define ANSWER_MAX (64u << 20) /* bytes: the claims of a 1 MiB token, escaped twice */
#define START_MS 30000         /* for a cold disk */
#define END_MS 5000            /* after its answer */
#define MARGIN_S 10            /* it ends by itself; this is for when it does not */

void internal_request(const struct settings *settings, struct buffer *request)
{
    kv_put(request, "timeout", setting(settings, SETTING_TIMEOUT));
    kv_put(request, "ca_bundle", setting(settings, SETTING_CA_BUNDLE));
    kv_put_number(request, "verbosity", message_verbosity_now());
}

long long internal_limit_s(const struct settings *settings, int requests)
{
    return requests * setting_number(settings, SETTING_TIMEOUT) + MARGIN_S;
}

/* The program that has this verb: only rhythm-net uses the network, and it loads ten times as long. */
static const char *program_of(const char *verb)
{
    static const char *const offline[] = {"decode", "inspect", "digest", "seal", "open"};

    for (size_t i = 0; i < sizeof offline / sizeof *offline; i++)
        if (strcmp(verb, offline[i]) == 0)
            return "rhythm-jwt";
    return "rhythm-net";
}

/* Puts into path where it is, or should be; returns what a person does if it does not run. */
static const char *find(const char *program, struct buffer *path)
{
    int is_installed = directory_of_internals(path);

    buffer_printf(path, "/%s", program);
    return is_installed ? "install rhythm again" : "run make";
}

/* Reads its greeting, which it sends once the loader has found its libraries. */
static int check_version(const struct child *child)
{
    WIPED_BY(attributes_wipe) struct attributes greeting = {0};
    SCRATCH path = BUFFER_EMPTY;
    const char *remedy;
    int result = attributes_receive(&greeting, child->from, 4096, clock_steady_ms() + START_MS);

    if (result == 0 && strcmp(attribute(&greeting, "version"), RHYTHM_VERSION) == 0)
        return STATUS_OK;
    remedy = find(child->name, &path);
    if (result != 0 || !greeting.is_whole)
        return message_fail(STATUS_BUG, "%s does not run; %s, or run %s to see why", child->name,
                            remedy, path.bytes);
    return message_fail(STATUS_BUG, "%s has version %s, not " RHYTHM_VERSION "; %s", path.bytes,
                        attribute(&greeting, "version"), remedy);
}

int internal_launch(struct child *child, const char *verb, int output, int kept)
{
    const char *program = program_of(verb);
    SCRATCH path = BUFFER_EMPTY;
    const char *remedy = find(program, &path);
    const char *arguments[] = {path.bytes, verb, NULL};
    struct child_plan plan = {.arguments = arguments, .input = CHILD_SOCKET, .output = output,
                              .kept = kept};

    if (child_start(child, &plan) != 0)
        return message_fail(STATUS_BUG, "cannot run %s: %s; %s", path.bytes, strerror(errno), remedy);
    child->name = program;
    return STATUS_OK;
}

int internal_hand_over(struct child *child, struct buffer *request)
{
    int status = check_version(child);

    if (status == STATUS_OK && attributes_send(request, child->to) != 0)
        status = message_fail(STATUS_BUG, "cannot write to %s: %s", child->name, strerror(errno));
    buffer_wipe(request);
    if (status != STATUS_OK)
        child_kill(child);
    return status;
}

int internal_start(struct child *child, const char *verb, struct buffer *request)
{
    int status = internal_launch(child, verb, 0, 0);

    return status == STATUS_OK ? internal_hand_over(child, request) : status;
}

int internal_receive(struct child *child, struct attributes *message, long long limit_s)
{
    long long deadline_ms = clock_steady_ms() + limit_s * 1000;

    errno = 0; /* a stream that ends sets none: it died */
    if (attributes_receive(message, child->from, ANSWER_MAX, deadline_ms) == 0 && message->is_whole)
        return STATUS_OK;
    attributes_wipe(message);
    if (errno == EINTR || signals_noted())
        return STATUS_UNAVAILABLE; /* whoever sent the signal knows why */
    if (errno == ETIMEDOUT)
        return message_fail(STATUS_UNAVAILABLE, "%s did not answer within %lld s; try again",
                            child->name, limit_s);
    return message_fail(STATUS_UNAVAILABLE, "%s ended without an answer; try again", child->name);
}

int internal_status(const struct attributes *answer)
{
    int status = (int)attribute_number(answer, "status", STATUS_BUG);

    if (status != STATUS_OK)
        message_reported(attribute(answer, "message"));
    return status;
}

int internal_ask(const char *verb, struct buffer *request, struct attributes *answer,
                 long long limit_s)
{
    struct child child = CHILD_NONE;
    int status = internal_start(&child, verb, request);

    if (status != STATUS_OK)
        return status;
    status = internal_receive(&child, answer, limit_s);
    if (status != STATUS_OK)
        child_kill(&child);
    else
        (void)child_reap(&child, clock_steady_ms() + END_MS);
    return status == STATUS_OK ? internal_status(answer) : status;
}
