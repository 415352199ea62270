#include "token/internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/directories.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/signals.h"

#define ANSWER_MAX (64u << 20) /* bytes: the claims of a 1 MiB token, escaped twice */
#define START_MS 30000         /* for a cold disk */
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

/* Where it may be, seen from the running program's directory, and what a person does if it fails. */
static const struct place {
    const char *directory;
    const char *sign; /* is there even if it is missing */
    const char *remedy;
} places[] = {
    {"/../lib/rhythm", "", "install rhythm again"},
    {"/../lib", "/net", "run make"},
    {"", NULL, "run make"}, /* make O=DIR */
    {RHYTHM_LIBDIR, NULL, "install rhythm again"},
};
#define PLACES (sizeof places / sizeof *places)

static void put_place(const struct place *place, const char *name, struct buffer *path)
{
    const char *directory = place->directory;
    const char *slash;

    buffer_truncate(path, 0);
    if (place < &places[PLACES - 1] && directory_of_program(path) == 0 &&
        strncmp(directory, "/..", 3) == 0 && (slash = strrchr(path->bytes, '/')) != NULL) {
        buffer_truncate(path, (size_t)(slash - path->bytes));
        directory += 3;
    }
    buffer_printf(path, "%s%s", directory, name);
}

/* Whether something of that name is in the place, whose path is left in path. */
static int place_has(const struct place *place, const char *name, struct buffer *path)
{
    put_place(place, name, path);
    return access(path->bytes, F_OK) == 0;
}

/* The place that has it, or else the one where it is missing; its path. */
static const struct place *find(struct buffer *path)
{
    const struct place *place;

    for (place = places; place < &places[PLACES]; place++)
        if (place_has(place, "/rhythm-net", path))
            return place;
    for (place = places; place < &places[PLACES - 1]; place++)
        if (place->sign && place_has(place, place->sign, path))
            break;
    put_place(place, "/rhythm-net", path);
    return place;
}

/* The first thing that it says, once the loader has found its libraries. */
static int check_version(struct child *net)
{
    WIPED_BY(attributes_wipe) struct attributes greeting = {0};
    SCRATCH path = BUFFER_EMPTY;
    const char *remedy = find(&path)->remedy;

    if (attributes_receive(&greeting, net->from, 4096, clock_steady_ms() + START_MS) != 0 ||
        !greeting.is_whole)
        return message_fail(STATUS_BUG, "rhythm-net does not run; %s, or run %s to see why", remedy,
                            path.bytes);
    if (strcmp(attribute(&greeting, "version"), RHYTHM_VERSION) != 0)
        return message_fail(STATUS_BUG, "%s is of version %s, not " RHYTHM_VERSION "; %s", path.bytes,
                            attribute(&greeting, "version"), remedy);
    return STATUS_OK;
}

int internal_launch(struct child *net, const char *verb, int output, int kept)
{
    SCRATCH path = BUFFER_EMPTY;
    const char *remedy = find(&path)->remedy;
    const char *arguments[] = {path.bytes, verb, NULL};
    struct child_plan plan = {.arguments = arguments, .input = CHILD_SOCKET, .output = output,
                              .kept = kept};

    if (child_start(net, &plan) == 0)
        return STATUS_OK;
    return message_fail(STATUS_BUG, "cannot run %s: %s; %s", path.bytes, strerror(errno), remedy);
}

int internal_hand_over(struct child *net, struct buffer *request)
{
    int status = check_version(net);

    if (status == STATUS_OK && attributes_send(request, net->to) != 0)
        status = message_fail(STATUS_BUG, "cannot speak to rhythm-net: %s", strerror(errno));
    buffer_wipe(request);
    if (status != STATUS_OK)
        child_kill(net);
    return status;
}

int internal_start(struct child *net, const char *verb, struct buffer *request)
{
    int status = internal_launch(net, verb, 0, 0);

    return status == STATUS_OK ? internal_hand_over(net, request) : status;
}

int internal_receive(struct child *net, struct attributes *message, long long limit_s)
{
    errno = 0;
    if (attributes_receive(message, net->from, ANSWER_MAX, clock_steady_ms() + limit_s * 1000) == 0 &&
        message->is_whole)
        return STATUS_OK;
    attributes_wipe(message);
    if (errno == EINTR || signals_noted())
        return STATUS_UNAVAILABLE; /* whoever sent the signal knows why */
    if (errno == ETIMEDOUT)
        return message_fail(STATUS_UNAVAILABLE, "rhythm-net came to no answer within %lld s", limit_s);
    return message_fail(STATUS_UNAVAILABLE, "rhythm-net ended without an answer");
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
    struct child net = CHILD_NONE;
    int status = internal_start(&net, verb, request);

    if (status != STATUS_OK)
        return status;
    status = internal_receive(&net, answer, limit_s);
    if (status != STATUS_OK)
        child_kill(&net);
    else
        (void)child_reap(&net, clock_steady_ms() + START_MS);
    return status == STATUS_OK ? internal_status(answer) : status;
}
