/*
 * Fuzzes the reader of a redirect: a request's head as the loopback port gets it, or a pasted line.
 * Includes the room's source, because its parser is private.
 */

#include "net/authorize.c" /* NOLINT: see above */

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer head = BUFFER_EMPTY;
    struct attempt attempt = {0};

    if (!size)
        return 0;
    message_verbosity(QUIET);
    buffer_append(&head, data, size);
    buffer_set(&attempt.state, "0123456789abcdef");
    attempt.issuer = "https://acme.example";
    parse_query(&attempt, head.bytes);
    /* no request without the state is accepted */
    if (is_ours(&attempt) && !strstr(head.bytes, "state="))
        abort();
    if (strlen(attribute(&attempt.redirect, "code")) > size)
        abort();
    attempt_wipe(&attempt);
    buffer_wipe(&head);
    return 0;
}
