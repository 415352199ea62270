#ifndef RHYTHM_TOKEN_CACHE_H
#define RHYTHM_TOKEN_CACHE_H

#include "base/buffer.h"
#include "token/settings.h"

/*
 * cache: the only room that touches cache files: a token's entry, its lease, its last failure.
 *
 * One private directory contains, named after the identity:
 *
 *     NAME          the entry: attributes as key=value, then the claims as they are printed
 *     NAME+lock     the lease: its holder may ask the issuer for a token
 *     NAME+failed   the last failed request, for those who waited for it
 *     NAME+new      an entry being written by the holder of the lease
 *     NAME+aside    the last entry of another format version that was replaced by one of ours
 *
 * NAME is the identity, which is percent-encoded and so never contains a "+": no profile, username
 * or scope can make one identity's file another's lock, failure or new entry. Version 1.0 wrote
 * .lock, .failed and .new, which could; its entries are read, its other files are left alone.
 *
 * An entry is replaced by writing, fsync, rename and fsync of the directory, so after a crash at
 * any moment the old entry or the new one is there, whole. An entry that is empty, cut, of another
 * format version or of another identity counts as none, with a warning that names it.
 *
 *     cache_open(&cache, &settings, create)
 *     cache_load(&cache, &entry)                           anybody, at any time
 *     cache_lease(&cache, seconds)                         then, still to be checked again:
 *     cache_load(&cache, &entry)
 *     cache_reserve(&cache), cache_flush(&cache)           before the request: is there room?
 *     cache_store(&cache, &entry)  or  cache_store_failure(&cache, &failure)
 *     cache_close(&cache)                                  releases the lease
 */

#define ENTRY_VERSION 1

struct cache {
    int directory_fd; /* -1: the directory does not exist (and was not to be made) */
    int lease_fd;     /* -1: not held */
    int reserved_fd;  /* -1: nothing reserved */
    int reported;     /* a damaged entry is named once, in the first cache_load */
    struct buffer directory;
    struct buffer identity;
    struct buffer name; /* the entry's file name, with which the others' begin */
};

#define CACHE_NONE {.directory_fd = -1, .lease_fd = -1, .reserved_fd = -1}

/* A token and what is known of it. Times are seconds since the epoch unless they say otherwise. */
struct entry {
    struct buffer token;
    struct buffer refresh_token; /* of a login; empty for machines */
    long long begun_ns;          /* local clock when the request for it began, in nanoseconds */
    long long received_at;
    long long expires_at; /* by the local clock: begun + the answer's expires_in */
    long long token_exp;  /* the token's own exp, 0 if it has none */
    struct buffer ca_directory; /* hashed certificates that were enough to get it, and one of them */
    struct buffer ca_file;
    struct buffer quota;  /* key=value lines quota.* from the issuer's headers, or empty */
    struct buffer payload; /* the claims as one line of JSON; empty if the token is opaque */
    struct buffer claims;  /* the claims as sorted key=value lines */
};

struct failure {
    long long failed_ns;       /* local clock when the request failed, in nanoseconds */
    long long count;           /* failures in a row */
    long long status;          /* enum status */
    struct buffer cause;       /* rhythm-check's word for it */
    struct buffer message;     /* as it was reported */
};

void entry_wipe(struct entry *entry);
void failure_wipe(struct failure *failure);

/* Opens the directory for these settings' identity. As directory_open. */
int cache_open(struct cache *cache, const struct settings *settings, int create);

/* Appends the entry's path. */
void cache_entry_path(const struct cache *cache, struct buffer *path);

/*
 * Reads the entry; its token is empty if there is none that is whole and ours. STATUS_OK; or,
 * reported, STATUS_CANNOT_CREATE for a symbolic link or another user's file.
 */
int cache_load(struct cache *cache, struct entry *entry);

/*
 * Takes the lease, waiting for at most wait_s seconds, or until a signal is noted; 0 only tries.
 * STATUS_OK; STATUS_TRY_LATER when the wait ended, which is not reported: cache_fail_lease does
 * that, for a caller without another way; or, reported, STATUS_CANNOT_CREATE.
 */
int cache_lease(struct cache *cache, long long wait_s);
int cache_fail_lease(const struct cache *cache, long long wait_s);

/* Releases the lease before the end. */
void cache_release(struct cache *cache);

/*
 * Creates NAME+new and reserves its space; some file systems do so only when it is flushed, which
 * takes milliseconds. Each STATUS_OK, or STATUS_CANNOT_CREATE, reported.
 */
int cache_reserve(struct cache *cache);
int cache_flush(struct cache *cache);

/*
 * Stores entry, in the reserved file. An old entry of another format version is kept for the rhythm
 * that wrote it, with a warning that says where. STATUS_OK, or STATUS_CANNOT_CREATE, reported.
 */
int cache_store(struct cache *cache, const struct entry *entry);

/* Removes the entry, one kept aside, and its last failure; *found is 1 if there was an entry. */
int cache_erase(struct cache *cache, int *found);

/* 1 and the last failure, or 0: there was none, or its record is damaged. */
int cache_load_failure(struct cache *cache, struct failure *failure);
void cache_store_failure(struct cache *cache, const struct failure *failure);

/* Closes everything. The lease ends with its last descriptor. */
void cache_close(struct cache *cache);

#endif
