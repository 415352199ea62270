/*
 * rhythm-net: the internal program that uses the network, with everything that needs libcurl.
 *
 *     rhythm-net VERB
 *
 * rhythm-token starts it and asks it as jwt/serve.h says. It keeps no state, reads no setting, opens
 * no file of ours, and starts nothing. It is not a command for people.
 */

#include "jwt/serve.h"
#include "net/authorize.h"
#include "net/issuer.h"
#include "net/verify.h"
#include "pages/calls.h"
#include "pages/pager.h"

static const struct verb verbs[] = {
    {"mint", issuer_mint},          {"revoke", issuer_revoke}, {"verify", verify_judge},
    {"authorize", authorize_login}, {"pages", pages_run},      {"calls", calls_run},
};

int main(int argc, char **argv)
{
    return serve(verbs, sizeof verbs / sizeof *verbs, argc, argv);
}
