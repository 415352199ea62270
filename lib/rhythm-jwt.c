/*
 * rhythm-jwt: the internal program for what needs libjwt or libcrypto, but no network: it decodes
 * tokens and seals entries.
 *
 *     rhythm-jwt VERB
 *
 * It is asked like rhythm-net (jwt/serve.h), and is linked without libcurl, whose 30 libraries take
 * longer to load than all of this. The libjwt 3 of Debian loads libcurl itself.
 */

#include "base/kv.h"
#include "base/message.h"
#include "jwt/claims.h"
#include "jwt/inspect.h"
#include "jwt/seal.h"
#include "jwt/serve.h"

static int decode(const struct attributes *request, struct buffer *answer)
{
    claims_put_decoded(answer, attribute(request, "token"));
    return STATUS_OK;
}

static const struct verb verbs[] = {
    {"decode", decode},   {"inspect", inspect_token}, {"digest", seal_digest},
    {"seal", seal_close}, {"open", seal_open},
};

int main(int argc, char **argv)
{
    return serve(verbs, sizeof verbs / sizeof *verbs, argc, argv);
}
