#ifndef RHYTHM_TOKEN_SETUP_H
#define RHYTHM_TOKEN_SETUP_H

#include "token/options.h"

/*
 * setup: `config --init`, which writes a profile from KEY=VALUE arguments and from what a person
 * answers on the terminal.
 *
 * All questions come before anything is written, so an interruption leaves nothing behind. The
 * environment does not affect what is written. token/settings.h checks the values.
 */

/*
 * Writes the profile (0600, its directory 0700), and NAME.secret beside it if the secret was typed.
 * After a yes, or with --test, it changes options to the command that gets a token, claims or
 * login, which the caller then runs. STATUS_OK; or, reported, STATUS_USAGE (an argument),
 * STATUS_CONFIG (no answer, no terminal for a question), STATUS_CANNOT_CREATE (what exists, without
 * --yes).
 */
int setup_run(struct options *options);

#endif
