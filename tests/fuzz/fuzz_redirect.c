/*
 * Fuzzes what reads a redirect: a request's head as the loopback port gets it, or a pasted line. It
 * includes the room itself, for its parser is nobody else's business.
 */

#include "login.c" /* NOLINT: see above */

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer head = BUFFER_EMPTY;
    struct redirect redirect = {0};
    struct attempt attempt = {0};

    if (!size)
        return 0;
    message_verbosity(QUIET);
    buffer_append(&head, data, size);
    buffer_set(&attempt.state, "0123456789abcdef");
    buffer_set(&attempt.issuer, "https://acme.example");
    parse_query(head.bytes, &redirect);
    /* nobody who does not know the state is believed */
    if (is_ours(&attempt, &redirect) && !strstr(head.bytes, "state="))
        abort();
    if (redirect.code.len > size || redirect.description.len > size)
        abort();
    redirect_wipe(&redirect);
    buffer_wipe(&head);
    buffer_wipe(&attempt.state);
    buffer_wipe(&attempt.issuer);
    return 0;
}
