#ifndef SANDBOX_PATCH_H
#define SANDBOX_PATCH_H

/* JSON Patch (RFC 6902), whole or not at all. Knows JSON and nothing else. */

#include <jansson.h>

enum patched { PATCH_DONE, PATCH_BAD, PATCH_TEST_FAILED };

/*
 * Apply the operations to *document, in their order. Unless it returns PATCH_DONE, *document is
 * unchanged. BAD: not a patch, or a path that does not exist.
 */
enum patched patch_apply(json_t **document, const json_t *operations);

#endif
