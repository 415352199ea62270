#include "token/minting.h"

#include <stdlib.h>
#include <string.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "token/backoff.h"
#include "token/internal.h"

#define UNKNOWN_LIFE_S 3600   /* of a token that nobody says anything about */
#define LIFE_MAX_S 1000000000 /* as issuer.c's for expires_in: more is no lifetime */
#define SKEW_S 60             /* by which two clocks may differ without a warning */
#define END_MS 5000           /* for rhythm-net to end after its answer */

void minting_request(const struct settings *settings, const struct buffer *secret,
                     const char *grant, struct buffer *request)
{
    SCRATCH issuer = BUFFER_EMPTY;

    settings_issuer_url(settings, &issuer);
    internal_request(settings, request);
    kv_put(request, "issuer", issuer.bytes);
    kv_put(request, "client_id", setting(settings, SETTING_CLIENT_ID));
    kv_put(request, "client_secret", buffer_text(secret));
    kv_put(request, "grant", grant);
}

void minting_take_decoded(const struct attributes *answer, struct entry *entry)
{
    attribute_take(answer, "payload", &entry->payload);
    attribute_take(answer, "claims", &entry->claims);
    entry->token_exp = attribute_number(answer, "token_exp", 0);
}

/* When the token ends: by expires_in on the local clock, else by its own claims, else a guess. */
static long long expires_at(const struct attributes *answer, const struct entry *entry,
                            long long begun_s)
{
    long long expires_in = attribute_number(answer, "expires_in", 0);
    long long issued_at = attribute_number(answer, "iat", 0);
    long long life_s = entry->token_exp - issued_at;

    if (expires_in)
        return begun_s + expires_in;
    if (!issued_at || life_s <= 0 || life_s >= LIFE_MAX_S)
        life_s = UNKNOWN_LIFE_S;
    message_warn("the issuer did not say how long the token is valid; it is kept for %lld s", life_s);
    return begun_s + life_s;
}

static void warn_of_clocks(const struct attributes *answer, long long begun_s, long long now_s)
{
    long long issued_at = attribute_number(answer, "iat", 0);

    if (issued_at && (issued_at > now_s + SKEW_S || issued_at < begun_s - SKEW_S))
        message_warn("this machine's clock is %lld s %s the issuer's; set the clock",
                     llabs(now_s - issued_at), now_s > issued_at ? "ahead of" : "behind");
}

/* Fills entry from what the issuer granted. A refresh token that is not replaced stays. */
static void fill_entry(struct entry *entry, const struct attributes *answer, long long begun_ns)
{
    SCRATCH refresh_token = BUFFER_EMPTY;

    /* RFC 6749, section 6: the response may have a new one, else the old one remains valid */
    buffer_puts(&refresh_token, buffer_text(&entry->refresh_token));
    entry_wipe(entry);
    buffer_puts(&entry->refresh_token, refresh_token.bytes);
    entry->begun_ns = begun_ns;
    entry->received_at = clock_s();
    attribute_take(answer, "token", &entry->token);
    attribute_take(answer, "refresh_token", &entry->refresh_token);
    attribute_take(answer, "ca_directory", &entry->ca_directory);
    attribute_take(answer, "ca_file", &entry->ca_file);
    attributes_put(answer, "quota.", &entry->quota);
    if (*attribute(answer, "wrong"))
        message_warn("the token %s; check the setting audience", attribute(answer, "wrong"));
    minting_take_decoded(answer, entry);
    warn_of_clocks(answer, begun_ns / 1000000000, entry->received_at);
    entry->expires_at = expires_at(answer, entry, begun_ns / 1000000000);
}

/* One request, and what came of it. */
struct mint {
    struct cache *cache;
    const struct settings *settings;
    struct buffer *request;
    struct child net; /* after an answer it is about to end */
    struct attributes answer;
    enum outcome outcome;
    const char *cause; /* rhythm-check's word for a failure */
};

/*
 * The request itself. rhythm-net loads its libraries while the disk takes what was written, some
 * milliseconds each; it gets the request, without which it can ask nobody, only when all of that is
 * on the disk. Its standard output, which it does not use, is the lease: if we are killed, no other
 * process asks while it does.
 */
static int ask(struct mint *mint, const struct ledger *ledger)
{
    int status = internal_launch(&mint->net, "mint", mint->cache->lease_fd, 0);

    if (status == STATUS_OK)
        status = cache_flush(mint->cache);
    if (status == STATUS_OK)
        status = ledger_flush(ledger);
    if (status == STATUS_OK)
        status = internal_hand_over(&mint->net, mint->request);
    if (status == STATUS_OK) {
        mint->outcome = OUTCOME_UNKNOWN;
        status = internal_receive(&mint->net, &mint->answer, internal_limit_s(mint->settings, 1));
    }
    if (status != STATUS_OK) {
        child_kill(&mint->net);
        return status;
    }
    mint->outcome = ledger_outcome(attribute(&mint->answer, "outcome"));
    return internal_status(&mint->answer);
}

/* The same, recorded in the ledger before and after. */
static int ask_and_record(struct mint *mint)
{
    WIPED_BY(ledger_close) struct ledger ledger;
    SCRATCH id = BUFFER_EMPTY;
    int status = ledger_open(&ledger, mint->settings, clock_s(), 1);
    const char *word;

    if (status == STATUS_OK)
        status = ledger_begin(&ledger, mint->cache->identity.bytes, &id);
    if (status == STATUS_TRY_LATER)
        mint->cause = "quota";
    if (status != STATUS_OK)
        return status;
    if (ledger.is_near_limit)
        kv_put(mint->request, "near_limit", "yes");
    status = ask(mint, &ledger);
    word = attribute(&mint->answer, "word");
    ledger_end(&ledger, id.bytes, mint->outcome, *word ? word : "rhythm-net");
    if (*attribute(&mint->answer, "cause"))
        mint->cause = attribute(&mint->answer, "cause");
    return status;
}

int minting_ask(struct cache *cache, const struct settings *settings, struct buffer *request,
                int keep, struct entry *entry, enum outcome *outcome)
{
    struct mint mint = {.cache = cache, .settings = settings, .request = request,
                        .net = CHILD_NONE, .outcome = OUTCOME_UNSENT, .cause = "config"};
    long long begun_ns = clock_ns();
    int status = cache_reserve(cache);

    if (status == STATUS_OK) {
        status = ask_and_record(&mint);
        if (status != STATUS_OK)
            backoff_record(cache, status, mint.cause);
    }
    if (status == STATUS_OK)
        fill_entry(entry, &mint.answer, begun_ns);
    if (status == STATUS_OK && keep)
        minting_keep(cache, entry);
    if (mint.net.pid > 0) /* unloading its libraries takes as long as storing the entry */
        (void)child_reap(&mint.net, clock_steady_ms() + END_MS);
    attributes_wipe(&mint.answer);
    *outcome = mint.outcome;
    return status;
}

void minting_keep(struct cache *cache, const struct entry *entry)
{
    if (cache_store(cache, entry) != STATUS_OK)
        message_warn("the new token is used only this once; the next call requests another one");
}
