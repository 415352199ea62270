#ifndef SANDBOX_BATCH_H
#define SANDBOX_BATCH_H

/*
 * POST /RESOURCE/{tenantId}/batch: at most 100 operations under the key "operations", patch and
 * delete and no create, answered with error_count, success_count and results (Rhythm's reference;
 * a public connector). Each stands for itself: a 200 can hold failures.
 *
 * The form of one operation and of one result is not public. Here an operation may have id, op
 * ("patch", "delete") and patch; what it does not have is not missed. A result is the operation's
 * id, its status, and an error if there is one; or, by a knob, the id alone.
 */

#include "answer.h"
#include "store.h"

void batch_answer(const struct request *r, struct answer *a, const struct place *at);

#endif
