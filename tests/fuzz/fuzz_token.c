/*
 * Fuzzes what takes a token apart: jws_decode and claims_of, the key=value lines that come out, and
 * jws_parse. Whatever the token holds, each line of its claims is one that kv_next reads.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/kv.h"
#include "net/claims.h"
#include "net/jws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_lines(struct buffer *claims)
{
    struct kv_reader reader = kv_reader(claims->bytes, claims->len);
    struct kv_pair pair;
    int found;

    while (claims->len && (found = kv_next(&reader, &pair)) != 0)
        if (found != 1)
            abort();
}

static void show(const char *payload)
{
    struct buffer claims = BUFFER_EMPTY;
    struct buffer json = BUFFER_EMPTY;
    long long exp = 0;

    if (claims_of(payload, &claims, &json, &exp) == 0)
        read_lines(&claims);
    buffer_wipe(&claims);
    buffer_wipe(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer token = BUFFER_EMPTY;
    struct buffer header = BUFFER_EMPTY;
    struct buffer payload = BUFFER_EMPTY;
    struct jws jws;

    buffer_append(&token, data, size);
    if (!jws_decode(buffer_text(&token), &header, &payload))
        show(payload.bytes);
    (void)jws_parse(buffer_text(&token), &jws);
    jws_wipe(&jws);
    show(buffer_text(&token)); /* the same bytes as a payload that is decoded already */
    buffer_wipe(&token);
    buffer_wipe(&header);
    buffer_wipe(&payload);
    return 0;
}
