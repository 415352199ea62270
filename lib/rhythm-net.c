/*
 * rhythm-net: the internal program, with everything that needs libcurl, libjwt and libcrypto.
 *
 *     rhythm-net VERB
 *
 * rhythm-token starts it with a socket as standard input, on which both sides speak (see
 * base/attributes.h): it sends version=, gets one message with all that it needs, does what the
 * verb says, and answers once, with status= and, if it failed, message= as it was reported. It
 * keeps no state, reads no setting, opens no file of ours, and starts nothing. It is not a command
 * for people.
 */

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/clock.h"
#include "base/harden.h"
#include "base/kv.h"
#include "base/message.h"
#include "net/authorize.h"
#include "net/claims.h"
#include "net/inspect.h"
#include "net/issuer.h"
#include "net/jws.h"
#include "net/seal.h"
#include "net/verify.h"
#include "pages/calls.h"
#include "pages/pager.h"

#define REQUEST_MAX (32u << 20) /* bytes */
#define REQUEST_MS 600000 /* the disk may take its time for the line that comes before it in the ledger */

static int decode(const struct attributes *request, struct buffer *answer)
{
    claims_put_decoded(answer, attribute(request, "token"));
    return STATUS_OK;
}

static const struct {
    const char *name;
    int (*run)(const struct attributes *request, struct buffer *answer);
} verbs[] = {
    {"mint", issuer_mint},     {"revoke", issuer_revoke},     {"decode", decode},
    {"verify", verify_judge},  {"inspect", inspect_token},    {"authorize", authorize_login},
    {"pages", pages_run},      {"calls", calls_run},          {"digest", seal_digest},
    {"seal", seal_close},      {"open", seal_open},
};

enum { VERBS = sizeof verbs / sizeof *verbs };

/* 1 if nobody is left to take the answer: then nothing may be sent either. */
static int is_orphan(void)
{
    struct pollfd asker = {.fd = STDIN_FILENO};

    return poll(&asker, 1, 0) == 1 && (asker.revents & (POLLHUP | POLLERR));
}

static int run(size_t verb)
{
    WIPED_BY(attributes_wipe) struct attributes request = {0};
    SCRATCH answer = BUFFER_EMPTY;
    int status;

    kv_put(&answer, "version", RHYTHM_VERSION);
    if (attributes_send(&answer, STDIN_FILENO) != 0 ||
        attributes_receive(&request, STDIN_FILENO, REQUEST_MAX,
                           clock_steady_ms() + REQUEST_MS) != 0 ||
        !request.is_whole || is_orphan()) /* a cut request may lack its limits */
        return STATUS_BUG;
    buffer_truncate(&answer, 0);
    message_verbosity((enum verbosity)attribute_number(&request, "verbosity", NORMAL));
    message_program(*attribute(&request, "program") ? attribute(&request, "program")
                                                    : "rhythm-token");
    status = verbs[verb].run(&request, &answer);
    kv_put_number(&answer, "status", status);
    if (status != STATUS_OK)
        kv_put(&answer, "message", message_last_error());
    return attributes_send(&answer, STDIN_FILENO) == 0 ? status : STATUS_BUG;
}

int main(int argc, char **argv)
{
    size_t verb = 0;

    harden();
    jws_prepare(); /* first: once libcrypto has allocated, it keeps its allocator */
    signal(SIGPIPE, SIG_IGN); /* whoever asked may have exited */
    while (argc == 2 && verb < VERBS && strcmp(verbs[verb].name, argv[1]) != 0)
        verb++;
    if (argc != 2 || verb == VERBS)
        return message_fail(STATUS_USAGE, "rhythm-net is an internal program; run rhythm-token");
    return run(verb);
}
