#ifndef SANDBOX_ITEMS_H
#define SANDBOX_ITEMS_H

/*
 * Generated records: number N of every resource, 1 to the api.items knob, always with the same bytes.
 * They contain values that readers get wrong: 19.99, an integer beyond 2^53, JSON escapes, a trailing
 * zero. Every record has id, sys_last_modified_at and sys_version (Rhythm's reference).
 */

#include <stdbool.h>
#include <stddef.h>

enum { ITEM_MAX = 4096 };

/* The number of the record with this id, or 0 if there is none. */
unsigned long long item_number(const char *id);

/* Its id; for the caller to free. */
char *item_id(unsigned long long number);

/* The number in the email address of a record, or 0. */
unsigned long long item_by_email(const char *email);

/* The record as JSON, reduced to the fields ",a,b," (NULL: all); for the caller to free. */
char *item_json(const char *tenant, const char *id, unsigned long long number, const char *fields);

/* text as a JSON string; for the caller to free. */
char *item_quote(const char *text);

/* Does the list ",a,b," contain name? NULL contains everything. */
bool item_wanted(const char *fields, const char *name);

#endif
