#include "jwt/serve.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/harden.h"
#include "base/kv.h"
#include "base/message.h"
#include "jwt/jws.h"

#define REQUEST_MAX (32u << 20) /* bytes */
#define REQUEST_MS 600000 /* the disk may take its time for the line that comes before it in the ledger */

static int run(const struct verb *verb)
{
    WIPED_BY(attributes_wipe) struct attributes request = {0};
    SCRATCH answer = BUFFER_EMPTY;
    int status;

    kv_put(&answer, "version", RHYTHM_VERSION);
    if (attributes_send(&answer, STDIN_FILENO) != 0 ||
        attributes_receive(&request, STDIN_FILENO, REQUEST_MAX,
                           clock_steady_ms() + REQUEST_MS) != 0 ||
        !request.is_whole || /* it may lack its limits */
        attributes_peer_is_gone(STDIN_FILENO)) /* then nobody would store a token */
        return STATUS_BUG;
    buffer_truncate(&answer, 0);
    message_verbosity((enum verbosity)attribute_number(&request, "verbosity", NORMAL));
    message_program(*attribute(&request, "program") ? attribute(&request, "program")
                                                    : "rhythm-token");
    status = verb->run(&request, &answer);
    kv_put_number(&answer, "status", status);
    if (status != STATUS_OK)
        kv_put(&answer, "message", message_last_error());
    return attributes_send(&answer, STDIN_FILENO) == 0 ? status : STATUS_BUG;
}

int serve(const struct verb *verbs, size_t count, int argc, char **argv)
{
    size_t i = 0;

    harden();
    jws_prepare(); /* first: once libcrypto has allocated, it keeps its allocator */
    signal(SIGPIPE, SIG_IGN); /* whoever asked may have exited */
    while (argc == 2 && i < count && strcmp(verbs[i].name, argv[1]) != 0)
        i++;
    if (argc != 2 || i == count)
        return message_fail(STATUS_USAGE, "this is an internal program; run rhythm-token");
    return run(&verbs[i]);
}
