#ifndef SANDBOX_STORE_H
#define SANDBOX_STORE_H

/*
 * What was written, kept until the sandbox ends or is reset: records that were created, replaced,
 * patched or deleted lie over those of items.h. A collection is named "rolodex/contacts".
 *
 * Safe from any thread: each function is one step, and what it returns is a copy.
 */

#include "knobs.h"

#include <jansson.h>

/* Which record: tenant is that of the path. */
struct place {
    char collection[200];
    const char *tenant, *id;
};

enum stored { STORED_DONE, STORED_MISSING, STORED_BAD, STORED_CONFLICT };

/* The record as JSON, reduced to the fields ",a,b," (NULL: all); for the caller to free. NULL:
 * none. */
char *store_get(const struct place *at, const char *fields);

/*
 * Keep a record under a new id; under at->id in the place of the one there; or change that by a
 * JSON Patch. The system fields are the sandbox's own: id, sys_version, sys_last_modified_at. On
 * STORED_DONE *json is what is now kept, for the caller to free; else it is not touched.
 */
enum stored store_create(struct place *at, const json_t *body, char **json);
enum stored store_replace(const struct place *at, const json_t *body, char **json);
enum stored store_patch(const struct place *at, const json_t *patch, char **json);

enum stored store_delete(const struct place *at);

/* A copy of what lies over a collection: id to record, null where it was deleted. For json_decref.
 */
json_t *store_overlay(const char *collection);

/* JSON text of a record, reduced to fields; for the caller to free. */
char *store_text(const json_t *record, const char *fields);

/* Forget everything. */
void store_reset(void);

#endif
