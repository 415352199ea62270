#ifndef RHYTHM_ANSWER_H
#define RHYTHM_ANSWER_H

#include "cache.h"
#include "options.h"
#include "settings.h"

/*
 * answer: what a command prints once there is a token: claims, header, print, url, curl.
 *
 * Both programs end here, the front with a cached entry and the internal program with a new one,
 * so a user cannot tell which of them answered.
 */

/* 1 if the command's operands are a request, SERVICE PATH FIELD... or URL FIELD...: url, curl. */
int answer_is_request(const struct options *options);

/*
 * Judges the operands, whatever the token may hold: what is wrong with a request is said before a
 * token is fetched for it. STATUS_OK; or, reported, as url_build.
 */
int answer_check(const struct options *options, const struct settings *settings);

/* 1 if the answer needs the token; a URL without claims in it does not, nor does a dry run. */
int answer_needs_token(const struct options *options, const struct settings *settings);

/* 1 if it needs more of the token than its bytes. */
int answer_needs_claims(const struct options *options, const struct settings *settings);

/*
 * Prints the answer. entry may be empty if answer_needs_token said so. STATUS_OK; or, reported,
 * STATUS_BAD_INPUT (an opaque token has no claims, a claim is missing), or as output_lines.
 */
int answer_print(const struct options *options, const struct settings *settings,
                 struct entry *entry);

#endif
