#ifndef RHYTHM_TOKEN_SHARED_H
#define RHYTHM_TOKEN_SHARED_H

#include "base/buffer.h"
#include "token/cache.h"
#include "token/ledger.h"
#include "token/settings.h"

/*
 * shared: one token and one budget for many hosts, in a store that a cache helper reaches
 * (rhythm-cache(7)). Entries are sealed by rhythm-jwt before they leave this host. All times are
 * the store's, so that no host's clock matters. Mints nothing and touches no file of this host.
 *
 *     shared_prepare(&shared, settings, 0)         before any lease: a command may ask a person
 *     shared_open(&shared, identity, secret)
 *     shared_get(&shared, &entry)
 *     shared_lock(&shared, &is_busy)                then once more shared_get, and if need be:
 *     shared_reserve(&shared)                      the request; then
 *     shared_keep(&shared, &entry)
 *     shared_settle(&shared, outcome)
 *     shared_unlock(&shared)
 *     shared_wipe(&shared)
 *
 * Without a shared cache every one of these does nothing and says STATUS_OK. Failures are reported, as
 * by helper_ask.
 */
struct shared {
    const struct settings *settings; /* NULL: there is no shared cache */
    const struct buffer *secret;
    struct buffer password; /* the store's */
    struct buffer identity; /* digests */
    struct buffer customer;
    struct buffer lock;  /* the fencing token; empty: not held */
    struct buffer place; /* in the month; empty: none reserved */
    struct buffer refused; /* what is wrong with the entry that was found; empty: nothing */
    long long now;         /* the store's clock when it was asked last */
    long long reserved_at;
};

int shared_is_on(const struct shared *shared);

/*
 * Gets the store's password, if there is a shared cache, unless no_shared. STATUS_OK; or, reported,
 * STATUS_CONFIG.
 */
int shared_prepare(struct shared *shared, const struct settings *settings, int no_shared);

/* Names identity and customer. secret must outlive shared. */
int shared_open(struct shared *shared, const char *identity, const struct buffer *secret);

/*
 * Puts the store's entry into entry, in this host's time; its token is empty if there is none. One
 * that is refused is named in one warning, and shared->refused says why.
 */
int shared_get(struct shared *shared, struct entry *entry);

/* Takes the lock; *is_busy is 1 if another host holds it. */
int shared_lock(struct shared *shared, int *is_busy);

/*
 * Reserves a place within the monthly and the hourly limit. STATUS_OK; STATUS_TRY_LATER, reported
 * with the figure and when it frees; or as above.
 */
int shared_reserve(struct shared *shared);

/*
 * Stores an entry that was just minted, if the lock is still held. What fails after the mint costs
 * the other hosts a token and not this one, so it is a warning only; likewise below.
 */
void shared_keep(struct shared *shared, const struct entry *entry);

/* Reports the outcome of the place, if one was reserved. */
void shared_settle(struct shared *shared, enum outcome outcome);

void shared_unlock(struct shared *shared);

/* Removes the store's entry. */
int shared_erase(struct shared *shared);

/*
 * Appends what all hosts spent this month, as fleet.* lines; with log a line for each mint, and
 * nothing else.
 */
int shared_put_totals(struct shared *shared, int log, struct buffer *out);

void shared_wipe(struct shared *shared);

#endif
