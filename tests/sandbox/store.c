#include "store.h"
#include "items.h"
#include "patch.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static json_t *collections; /* name -> id -> record, or null where one was deleted */
static unsigned created;

static json_t *collection(const char *name)
{
    if (!collections)
        collections = need(json_object());
    if (!json_object_get(collections, name))
        json_object_set_new(collections, name, json_object());
    return json_object_get(collections, name);
}

/* People who can log in have records too. */
static bool is_person(const struct place *at)
{
    return !strcmp(at->collection, "rolodex/contacts") && !strcmp(at->id, "contact-ada");
}

/* The record, for json_decref(); NULL if there is none. */
static json_t *find(const struct place *at)
{
    json_t *kept = json_object_get(collection(at->collection), at->id);
    unsigned long long n = item_number(at->id);
    if (kept)
        return json_is_null(kept) ? NULL : json_deep_copy(kept);
    if (!n && !is_person(at))
        return NULL;
    char *text = item_json(at->tenant, at->id, n, NULL);
    json_t *record = need(json_loads(text, 0, NULL));
    free(text);
    return record;
}

char *store_text(const json_t *record, const char *fields)
{
    json_t *part = need(json_object()), *value;
    const char *name;
    json_object_foreach((json_t *)(uintptr_t)record, name, value) if (item_wanted(fields, name))
        json_object_set(part, name, value);
    /* 15 digits return a decimal as it was sent. */
    char *text = need(json_dumps(part, JSON_COMPACT | JSON_REAL_PRECISION(15)));
    json_decref(part);
    return text;
}

char *store_get(const struct place *at, const char *fields)
{
    char *text = NULL;
    pthread_mutex_lock(&lock);
    json_t *kept = json_object_get(collection(at->collection), at->id);
    unsigned long long n = kept ? 0 : item_number(at->id);
    if (kept && !json_is_null(kept))
        text = store_text(kept, fields);
    else if (n || (!kept && is_person(at)))
        text = item_json(at->tenant, at->id, n, fields);
    pthread_mutex_unlock(&lock);
    return text;
}

static void stamp(json_t *record, const char *id, json_int_t version)
{
    char text[40] = "";
    time_t now = (time_t)sandbox_now();
    struct tm tm;
    if (gmtime_r(&now, &tm))
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &tm);
    json_object_set_new(record, "id", json_string(id));
    json_object_set_new(record, "sys_last_modified_at", json_string(text));
    json_object_set_new(record, "sys_version", json_integer(version));
}

/* Takes ownership of record. */
static enum stored keep(const struct place *at, json_t *record, json_int_t version, char **json)
{
    stamp(record, at->id, version);
    *json = store_text(record, NULL);
    json_object_set_new(collection(at->collection), at->id, record);
    return STORED_DONE;
}

static json_int_t next_version(const json_t *record)
{
    return 1 + json_integer_value(json_object_get(record, "sys_version"));
}

/* Creating with an id is an error (Rhythm's reference, in each text on creation). */
enum stored store_create(struct place *at, const json_t *body, char **json)
{
    static _Thread_local char id[64];
    if (!json_is_object(body) || json_object_get(body, "id"))
        return STORED_BAD;
    pthread_mutex_lock(&lock);
    snprintf(id, sizeof id, "new-%u", ++created);
    at->id = id;
    json_t *record = need(json_object());
    stamp(record, id, 1); /* the id comes first */
    json_object_update(record, (json_t *)(uintptr_t)body);
    enum stored how = keep(at, record, 1, json);
    pthread_mutex_unlock(&lock);
    return how;
}

enum stored store_replace(const struct place *at, const json_t *body, char **json)
{
    const char *id = json_string_value(json_object_get(body, "id"));
    if (!json_is_object(body) || (id && strcmp(id, at->id) != 0))
        return STORED_BAD;
    pthread_mutex_lock(&lock);
    json_t *old = find(at);
    enum stored how =
        old ? keep(at, json_deep_copy(body), next_version(old), json) : STORED_MISSING;
    json_decref(old);
    pthread_mutex_unlock(&lock);
    return how;
}

enum stored store_patch(const struct place *at, const json_t *patch, char **json)
{
    enum stored how = STORED_MISSING;
    pthread_mutex_lock(&lock);
    json_t *old = find(at), *record = old ? json_deep_copy(old) : NULL;
    if (old) {
        enum patched patched = patch_apply(&record, patch);
        how = patched == PATCH_DONE && json_is_object(record) ? STORED_DONE
              : patched == PATCH_TEST_FAILED                  ? STORED_CONFLICT
                                                              : STORED_BAD;
    }
    if (how == STORED_DONE)
        keep(at, record, next_version(old), json);
    else
        json_decref(record);
    json_decref(old);
    pthread_mutex_unlock(&lock);
    return how;
}

enum stored store_delete(const struct place *at)
{
    pthread_mutex_lock(&lock);
    json_t *old = find(at);
    if (old)
        json_object_set_new(collection(at->collection), at->id, json_null());
    enum stored how = old ? STORED_DONE : STORED_MISSING;
    json_decref(old);
    pthread_mutex_unlock(&lock);
    return how;
}

json_t *store_overlay(const char *name)
{
    pthread_mutex_lock(&lock);
    json_t *copy = need(json_deep_copy(collection(name)));
    pthread_mutex_unlock(&lock);
    return copy;
}

void store_reset(void)
{
    pthread_mutex_lock(&lock);
    json_decref(collections);
    collections = NULL;
    created = 0;
    pthread_mutex_unlock(&lock);
}
