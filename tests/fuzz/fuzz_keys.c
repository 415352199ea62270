/*
 * Fuzzes jws_verify on key sets: no set from the fuzzer verifies the tokens below, because nobody
 * can find a key for them. The first byte chooses the token.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "jwt/jwk.h"
#include "jwt/jws.h"

/* Headers of every algorithm, with and without kid, and signatures of the right lengths. */
static const char *const heads[] = {
    "eyJhbGciOiJSUzI1NiJ9",                 /* {"alg":"RS256"} */
    "eyJhbGciOiJQUzM4NCJ9",                 /* {"alg":"PS384"} */
    "eyJhbGciOiJFUzI1NiJ9",                 /* {"alg":"ES256"} */
    "eyJhbGciOiJFUzUxMiJ9",                 /* {"alg":"ES512"} */
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ",   /* {"alg":"RS256","kid":"a"} */
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImEifQ"};  /* {"alg":"ES256","kid":"a"} */
static const size_t bytes_of[] = {256, 256, 64, 132, 256, 64};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer token = BUFFER_EMPTY, keys = BUFFER_EMPTY;
    struct jws jws;
    json_t *set;
    size_t which = size ? data[0] % 6 : 0;

    if (!size)
        return 0;
    buffer_printf(&token, "%s.e30.", heads[which]);
    for (size_t i = 0; i < bytes_of[which] / 3; i++)
        buffer_puts(&token, "MTIz");
    buffer_puts(&token, bytes_of[which] % 3 == 1 ? "MQ" : "");
    buffer_append(&keys, data + 1, size - 1);
    set = jwk_set(&keys);
    if (jws_decode(token.bytes, &jws) || jws_choose_algorithm(&jws))
        abort();
    if (!jws_verify(&jws, set))
        abort();
    jws_wipe(&jws);
    json_decref(set);
    buffer_wipe(&keys);
    buffer_wipe(&token);
    return 0;
}
