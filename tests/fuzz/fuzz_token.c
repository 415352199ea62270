/*
 * Fuzzes the decoding of a token: jws_decode, and claims_put_lines, which writes key=value lines.
 * Whatever the token contains, kv_next reads each line of its claims.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/kv.h"
#include "jwt/claims.h"
#include "jwt/jws.h"

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

static void show(json_t *payload)
{
    struct buffer claims = BUFFER_EMPTY;

    if (json_is_object(payload) && claims_put_lines(&claims, payload) == 0)
        read_lines(&claims);
    buffer_wipe(&claims);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer token = BUFFER_EMPTY;
    struct jws jws;
    json_t *same;

    buffer_append(&token, data, size);
    if (!jws_decode_jwt(buffer_text(&token), &jws)) {
        show(jws.payload);
        (void)jws_choose_algorithm(&jws);
    }
    jws_wipe(&jws);
    /* the same bytes as a decoded payload */
    same = json_loadb((const char *)data, size, JSON_ALLOW_NUL, NULL);
    show(same);
    json_decref(same);
    buffer_wipe(&token);
    return 0;
}
