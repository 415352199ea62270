#ifndef SANDBOX_BATCH_H
#define SANDBOX_BATCH_H

/*
 * POST /RESOURCE/{tenantId}/batch: at most 100 operations under the key "operations", patch and
 * delete and no create; it returns error_count, success_count and results (Rhythm's reference; a
 * public connector). Each operation fails by itself: a 200 can contain failures.
 *
 * The form of one operation and of one result is not public. Here an operation may have id, op
 * ("patch", "delete") and patch; none is required. A result is the operation's id, its
 * status, and an error if there is one; or, by a knob, only the id.
 */

#include "answer.h"
#include "store.h"

void batch_answer(const struct request *r, struct answer *a, const struct place *at);

#endif
