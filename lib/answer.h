#ifndef RHYTHM_ANSWER_H
#define RHYTHM_ANSWER_H

#include "cache.h"
#include "options.h"
#include "settings.h"

/*
 * answer: what a command prints once there is a token: claims, header, print, url.
 *
 * Both programs end here, the front with a cached entry and the internal program with a new one,
 * so a user cannot tell which of them answered.
 */

/*
 * 1 if the command's answer needs the token at all, 0 if not (a URL without claims in it), -1,
 * reported, if the command's operands are wrong (STATUS_USAGE).
 */
int answer_needs_token(const struct options *options, const struct settings *settings);

/* 1 if it needs more of the token than its bytes. */
int answer_needs_claims(const struct options *options);

/*
 * Prints the answer. entry may be empty if answer_needs_token said so. STATUS_OK; or, reported,
 * STATUS_BAD_INPUT (an opaque token has no claims, a claim is missing), or as output_lines.
 */
int answer_print(const struct options *options, const struct settings *settings,
                 struct entry *entry);

#endif
