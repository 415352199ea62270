#ifndef RHYTHM_TOKEN_PRINT_H
#define RHYTHM_TOKEN_PRINT_H

#include "token/acquire.h"

/* print: what a command prints once there is a token: claims, header, print, url, curl. */

/*
 * Checks the operands without a token, so that a wrong request is reported before a token is
 * fetched. *needs_claims is 1 if the answer needs more of the token than its bytes. STATUS_OK; or,
 * reported, as url_build.
 */
int print_check(const struct holder *holder, int *needs_claims);

/*
 * Appends the URL that the operands mean, filled from claims, key=value lines of a token; a
 * configured tenant is used instead of the token's. STATUS_OK; or, reported, as url_request_parse
 * and url_build.
 */
int print_fill_url(const struct options *options, const struct settings *settings,
                   const struct buffer *claims, struct buffer *url);

/*
 * Prints the answer. The token may be missing for a URL that needs no claims, or a dry run. STATUS_OK;
 * or, reported, STATUS_BAD_INPUT (an opaque token has no claims, a claim is missing), or as
 * output_lines.
 */
int print_answer(struct holder *holder);

#endif
