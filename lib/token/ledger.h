#ifndef RHYTHM_TOKEN_LEDGER_H
#define RHYTHM_TOKEN_LEDGER_H

#include "base/buffer.h"
#include "token/settings.h"

/*
 * ledger: what this month's tokens have cost, and the two limits.
 *
 * One append-only file per month (UTC) and issuer. A request is two lines:
 *
 *     begun.SECONDS.NANOSECONDS.PID=IDENTITY     on the disk before the request leaves
 *     ok.SECONDS.NANOSECONDS.PID=WHY             or denied, unknown, unsent: the outcome
 *
 * The first line is version=1; version 1.0 of rhythm wrote none, and ignores it. A file of another
 * version is not counted and not written to: STATUS_CANNOT_CREATE, reported.
 *
 * A request without a second line (the process was killed) is unknown. What counts against the
 * limits are the machine requests that were, or may have been, answered with a token: ok and
 * unknown. The issuer keeps the true account; this is one machine's view of it.
 */

enum outcome { OUTCOME_UNKNOWN, OUTCOME_OK, OUTCOME_DENIED, OUTCOME_UNSENT };

/* The outcome of that name; unknown for any other. */
enum outcome ledger_outcome(const char *name);

struct ledger {
    int directory_fd; /* -1: there is no ledger yet */
    struct buffer path; /* of this month's file */
    struct buffer issuer;
    const struct settings *settings;
    long long now_s;
    int is_near_limit; /* from ledger_begin: nine tenths of the month are used up */
};

struct ledger_count {
    long long month;          /* counted this month, all identities of the issuer */
    long long hour;           /* counted in the last hour for one identity */
    long long hour_frees_at;  /* when the hour's limit lets one more pass; epoch, 0 if it does */
    long long month_frees_at; /* first second of the next month, UTC */
    long long projected;      /* the month's end at this month's pace */
};

/* Opens the ledger of the settings' issuer for the month of now_s. As directory_open. */
int ledger_open(struct ledger *ledger, const struct settings *settings, long long now_s,
                int create);

/* Whether it could be opened, before anything is run for a request. As ledger_open. */
int ledger_check(const struct settings *settings);

/* Counts. STATUS_OK, or STATUS_CANNOT_CREATE, reported. */
int ledger_count(const struct ledger *ledger, const char *identity, struct ledger_count *count);

/* How many tokens the month will have cost at its end, at the pace of those minted until now_s. */
long long ledger_projected(long long minted, long long starts_at, long long ends_at, long long now_s);

/*
 * Appends a month's figures, of this host or of all: minted, limit, left, projected, each after
 * prefix.
 */
void ledger_put_month(struct buffer *out, const char *prefix, long long minted, long long limit,
                      long long projected);

/*
 * Reports that the monthly or hourly limit is reached, by this host ("") or by_whom, and when it
 * frees. STATUS_TRY_LATER.
 */
int ledger_fail_limit(const struct settings *settings, enum setting which, const char *by_whom,
                      long long count, long long frees_in_s);

/*
 * Records a request that is about to be made, and puts its name into id. No two processes get the
 * last free place. STATUS_OK; or, reported, STATUS_TRY_LATER (over a limit: with the figure and
 * when it frees) or STATUS_CANNOT_CREATE; then no request may be made.
 */
int ledger_begin(struct ledger *ledger, const char *identity, struct buffer *id);

/*
 * Waits until the record is on the disk; before that no request may be sent. STATUS_OK, or
 * STATUS_CANNOT_CREATE, reported.
 */
int ledger_flush(const struct ledger *ledger);

/*
 * Records the outcome; why is a word or two without secrets. It is not flushed: if a power cut takes
 * it, the request counts as unknown.
 */
void ledger_end(struct ledger *ledger, const char *id, enum outcome outcome, const char *why);

/* An outcome's word, in the ledger and for a cache helper. */
const char *ledger_outcome_name(enum outcome outcome);

/* Appends this month's file as it is. As ledger_count. */
int ledger_text(const struct ledger *ledger, struct buffer *out);

void ledger_close(struct ledger *ledger);

#endif
