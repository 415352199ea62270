#ifndef SANDBOX_STORE_H
#define SANDBOX_STORE_H

/*
 * Written records, kept until the sandbox ends or is reset: those created, replaced, patched or
 * deleted override those of items.h. A collection is named "rolodex/contacts".
 *
 * Safe from any thread: each function is one step, and what it returns is a copy.
 */

#include "knobs.h"

#include <jansson.h>

/* Names a record; tenant is that of the path. */
struct place {
    char collection[200];
    const char *tenant, *id;
};

enum stored { STORED_DONE, STORED_MISSING, STORED_BAD, STORED_CONFLICT };

/* The record as JSON, reduced to the fields ",a,b," (NULL: all); for the caller to free. NULL:
 * none. */
char *store_get(const struct place *at, const char *fields);

/*
 * Store a record under a new id; replace the one at at->id; or change it by a JSON Patch. The sandbox
 * sets the system fields: id, sys_version, sys_last_modified_at. On STORED_DONE *json is the stored
 * record, for the caller to free; else it is unchanged.
 */
enum stored store_create(struct place *at, const json_t *body, char **json);
enum stored store_replace(const struct place *at, const json_t *body, char **json);
enum stored store_patch(const struct place *at, const json_t *patch, char **json);

enum stored store_delete(const struct place *at);

/* A copy of the overrides of a collection: id to record, null if deleted. For json_decref. */
json_t *store_overlay(const char *collection);

/* JSON text of a record, reduced to fields; for the caller to free. */
char *store_text(const json_t *record, const char *fields);

/* Forget everything. */
void store_reset(void);

#endif
