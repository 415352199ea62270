#ifndef RHYTHM_TOKEN_INTERNAL_H
#define RHYTHM_TOKEN_INTERNAL_H

#include "base/attributes.h"
#include "base/child.h"
#include "token/ledger.h"
#include "token/settings.h"

/*
 * internal: asks the internal programs: rhythm-net, or for verbs that use no network rhythm-jwt,
 * which loads no libcurl. They are found relative to the running program and then at the compiled-in
 * PREFIX. It reports its failures on standard error itself.
 *
 *     SCRATCH request = BUFFER_EMPTY;
 *     internal_request(&settings, &request);
 *     kv_put(&request, "token", ...);
 *     status = internal_ask("verify", &request, &answer);
 */

/* Appends what every verb needs: time limit, CA bundle, verbosity. */
void internal_request(const struct settings *settings, struct buffer *request);

/*
 * Starts the program that has this verb and sends it the request, which is empty afterwards.
 * STATUS_OK; or, reported, STATUS_BUG: it could not be started (nothing was sent to anybody), or is
 * of another version. The message names its path and says whether to run make or to install.
 */
int internal_start(struct child *child, const char *verb, struct buffer *request);

/*
 * The same in two steps, to do other work while rhythm-net loads its libraries: launch starts it, and
 * hand_over sends the request, before which it does nothing. It talks to us on its standard input,
 * so its output is free: for what it prints itself, or to hold the lease as long as it lives. kept
 * is as in struct child_plan. Each as internal_start.
 */
int internal_launch(struct child *child, const char *verb, int output, int kept);
int internal_hand_over(struct child *child, struct buffer *request);

/*
 * Takes the next message of rhythm-net. STATUS_OK; or, reported, STATUS_UNAVAILABLE: it did not answer
 * within limit_s, or it died.
 */
int internal_receive(struct child *child, struct attributes *message, long long limit_s);

/* The answer's own status=; its message= is the last error then (message_last_error). */
int internal_status(const struct attributes *answer);

/*
 * One question and its answer. The answer's own status=, with a message that was reported; or, also
 * reported, that of internal_start or internal_receive. The answer is empty if there was none.
 */
int internal_ask(const char *verb, struct buffer *request, struct attributes *answer,
                 long long limit_s);

/*
 * How long a verb with that many requests may take, in seconds. For two that is also how long the
 * lease, or the lock of a shared cache, may be held.
 */
long long internal_limit_s(const struct settings *settings, int requests);

#endif
