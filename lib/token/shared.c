#include "token/shared.h"

#include <string.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "token/credential.h"
#include "token/helper.h"
#include "token/internal.h"

#define DAY_S 86400
#define NUMBER_MAX 3000000000LL /* a time, in 2065, or a count; the product of two fits 64 bits */

int shared_is_on(const struct shared *shared)
{
    return shared->settings != NULL;
}

void shared_wipe(struct shared *shared)
{
    buffer_wipe(&shared->password);
    buffer_wipe(&shared->identity);
    buffer_wipe(&shared->customer);
    buffer_wipe(&shared->lock);
    buffer_wipe(&shared->place);
    buffer_wipe(&shared->refused);
}

int shared_prepare(struct shared *shared, const struct settings *settings, int no_shared)
{
    const char *name = setting(settings, SETTING_CACHE);
    enum setting where = strcmp(name, "redis") == 0 ? SETTING_REDIS_URL : SETTING_CACHE_URL;

    if (no_shared || !helper_is_set(settings))
        return STATUS_OK;
    if (!*setting(settings, where))
        return message_fail(STATUS_CONFIG, "cache=%s needs %s, the address of the store; set it", name,
                            setting_name(where));
    shared->settings = settings;
    return credential_store_password(settings, &shared->password);
}

int shared_open(struct shared *shared, const char *identity, const struct buffer *secret)
{
    SCRATCH request = BUFFER_EMPTY, issuer = BUFFER_EMPTY;
    WIPED_BY(attributes_wipe) struct attributes answer = {0};
    int status;

    if (!shared_is_on(shared))
        return STATUS_OK;
    shared->secret = secret;
    settings_issuer_url(shared->settings, &issuer);
    internal_request(shared->settings, &request);
    kv_put(&request, "identity", identity);
    kv_put(&request, "issuer", issuer.bytes);
    status = internal_ask("digest", &request, &answer, internal_limit_s(shared->settings, 0));
    attribute_take(&answer, "identity", &shared->identity);
    attribute_take(&answer, "customer", &shared->customer);
    return status;
}

/* A number from the store, which may lie: fallback if it is not one that any store could mean. */
static long long number_of(const struct attributes *answer, const char *key, long long fallback)
{
    long long number = attribute_number(answer, key, fallback);

    return number >= 0 && number <= NUMBER_MAX ? number : fallback;
}

/* Takes a name that the store gave; an empty one is none. 1 if there is one. */
static int take_name(const struct attributes *answer, const char *key, struct buffer *name)
{
    return *attribute(answer, key) && attribute_take(answer, key, name);
}

/* Asks the helper about our identity, with what else is in request. */
static int ask(struct shared *shared, const char *operation, struct buffer *request,
               struct attributes *answer)
{
    int status;

    kv_put(request, "identity", shared->identity.bytes);
    kv_put(request, "customer", shared->customer.bytes);
    kv_put(request, "lock", buffer_text(&shared->lock));
    status = helper_ask(shared->settings, &shared->password, operation, request, answer);
    shared->now = number_of(answer, "now", 0);
    return status;
}

/* Fills entry from an opened one: its age by the store's clock, its times by this host's. */
static void take_entry(const struct shared *shared, const struct attributes *opened,
                       struct entry *entry)
{
    long long age_s = shared->now - attribute_number(opened, "stored_at", 0);

    entry_wipe(entry);
    entry->begun_ns = clock_ns() - age_s * 1000000000;
    entry->received_at = entry->begun_ns / 1000000000;
    entry->expires_at = entry->received_at + attribute_number(opened, "life", 0);
    attribute_take(opened, "token", &entry->token);
    attribute_take(opened, "payload", &entry->payload);
    attribute_take(opened, "claims", &entry->claims);
    entry->token_exp = attribute_number(opened, "token_exp", 0);
}

/* Begins a request about a sealed entry. */
static void put_seal(const struct shared *shared, struct buffer *request)
{
    internal_request(shared->settings, request);
    kv_put(request, "client_secret", buffer_text(shared->secret));
    kv_put(request, "identity", shared->identity.bytes);
}

int shared_get(struct shared *shared, struct entry *entry)
{
    SCRATCH request = BUFFER_EMPTY;
    WIPED_BY(attributes_wipe) struct attributes answer = {0}, opened = {0};
    int status;

    entry_wipe(entry);
    if (!shared_is_on(shared))
        return STATUS_OK;
    status = ask(shared, "get", &request, &answer);
    if (status != STATUS_OK || !*attribute(&answer, "entry"))
        return status;
    put_seal(shared, &request);
    kv_put(&request, "entry", attribute(&answer, "entry"));
    kv_put_number(&request, "now", shared->now);
    status = internal_ask("open", &request, &opened, internal_limit_s(shared->settings, 0));
    if (status != STATUS_OK)
        return status;
    if (*attribute(&opened, "token")) {
        take_entry(shared, &opened, entry);
        return STATUS_OK;
    }
    if (!shared->refused.len)
        message_warn("the token in the shared cache is ignored, because it %s", attribute(&opened, "refused"));
    buffer_set(&shared->refused, attribute(&opened, "refused"));
    return STATUS_OK;
}

int shared_lock(struct shared *shared, int *is_busy)
{
    SCRATCH request = BUFFER_EMPTY;
    WIPED_BY(attributes_wipe) struct attributes answer = {0};
    int status;

    *is_busy = 0;
    if (!shared_is_on(shared))
        return STATUS_OK;
    kv_put_number(&request, "ttl", internal_limit_s(shared->settings, 2));
    status = ask(shared, "lock", &request, &answer);
    *is_busy = status == STATUS_OK && !take_name(&answer, "lock", &shared->lock);
    return status;
}

/* This host's name, in the characters that a helper takes. */
static void put_host(struct buffer *request)
{
    char name[64] = "";

    if (gethostname(name, sizeof name - 1) != 0 || !*name)
        strcpy(name, "unknown");
    for (char *c = name; *c; c++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", *c))
            *c = '_';
    kv_put(request, "host", name);
}

/* Reports which limit of the fleet is reached, and when it frees. */
static int fail_full(const struct shared *shared, const struct attributes *answer)
{
    int is_month = strcmp(attribute(answer, "full"), "month") == 0;
    enum setting limit = is_month ? SETTING_MONTHLY_LIMIT : SETTING_HOURLY_LIMIT;
    long long minted = number_of(answer, is_month ? "minted" : "hour", 0);

    if (minted == 0)
        return message_fail(STATUS_TRY_LATER, "rhythm-cache-%s says that %s is reached, but not by "
                                              "how many tokens; try again later, or use --no-shared",
                            setting(shared->settings, SETTING_CACHE), setting_name(limit));
    return ledger_fail_limit(shared->settings, limit, " by all hosts", minted,
                             number_of(answer, "frees_in", 0));
}

int shared_reserve(struct shared *shared)
{
    SCRATCH request = BUFFER_EMPTY;
    WIPED_BY(attributes_wipe) struct attributes answer = {0};
    int status;

    if (!shared_is_on(shared))
        return STATUS_OK;
    kv_put(&request, "monthly_limit", setting(shared->settings, SETTING_MONTHLY_LIMIT));
    kv_put(&request, "hourly_limit", setting(shared->settings, SETTING_HOURLY_LIMIT));
    kv_put(&request, "profile", shared->settings->profile.bytes);
    put_host(&request);
    status = ask(shared, "mint", &request, &answer);
    if (status != STATUS_OK)
        return status;
    shared->reserved_at = shared->now;
    if (take_name(&answer, "place", &shared->place))
        return STATUS_OK;
    if (*attribute(&answer, "full"))
        return fail_full(shared, &answer);
    return message_fail(STATUS_TRY_LATER, "the lock of the shared cache was lost before a token was "
                        "requested; try again");
}

void shared_keep(struct shared *shared, const struct entry *entry)
{
    SCRATCH request = BUFFER_EMPTY;
    WIPED_BY(attributes_wipe) struct attributes answer = {0}, sealed = {0};
    long long life_s = entry->expires_at - entry->begun_ns / 1000000000;

    if (!shared_is_on(shared) || life_s <= 0)
        return;
    put_seal(shared, &request);
    kv_put(&request, "token", entry->token.bytes);
    kv_put_number(&request, "stored_at", shared->reserved_at);
    kv_put_number(&request, "life", life_s);
    if (internal_ask("seal", &request, &sealed, internal_limit_s(shared->settings, 0)) == STATUS_OK) {
        kv_put(&request, "entry", attribute(&sealed, "entry"));
        /* rhythm-cache(7) limits a ttl to 31 days; a longer life only means an earlier mint */
        kv_put_number(&request, "ttl", life_s < 31 * DAY_S ? life_s : 31 * DAY_S);
        if (ask(shared, "store", &request, &answer) == STATUS_OK && *attribute(&answer, "stored"))
            return;
    }
    message_warn("the new token is not shared%s; other hosts request their own",
                 *attribute(&answer, "lost") ? ": the lock was lost" : "");
}

void shared_settle(struct shared *shared, enum outcome outcome)
{
    SCRATCH request = BUFFER_EMPTY;
    WIPED_BY(attributes_wipe) struct attributes answer = {0};

    if (!shared->place.len)
        return;
    kv_put(&request, "place", shared->place.bytes);
    kv_put(&request, "outcome", ledger_outcome_name(outcome));
    if (ask(shared, "settle", &request, &answer) != STATUS_OK)
        message_warn("the shared cache counts this request as unknown");
    buffer_wipe(&shared->place);
}

void shared_unlock(struct shared *shared)
{
    SCRATCH request = BUFFER_EMPTY;
    WIPED_BY(attributes_wipe) struct attributes answer = {0};

    if (!shared->lock.len)
        return;
    if (ask(shared, "unlock", &request, &answer) != STATUS_OK)
        message_warn("the lock of the shared cache was not released; other hosts wait until it "
                     "expires");
    buffer_wipe(&shared->lock);
}

int shared_erase(struct shared *shared)
{
    SCRATCH request = BUFFER_EMPTY;
    WIPED_BY(attributes_wipe) struct attributes answer = {0};

    return shared_is_on(shared) ? ask(shared, "erase", &request, &answer) : STATUS_OK;
}

/* The month's figures, and at this pace the day on which no token is left. */
static void put_projection(const struct shared *shared, const struct attributes *totals,
                           struct buffer *out)
{
    long long minted = number_of(totals, "minted", 0);
    long long starts = number_of(totals, "month_starts", 0);
    long long ends = number_of(totals, "month_ends", 0);
    long long limit = setting_number(shared->settings, SETTING_MONTHLY_LIMIT);
    long long projected = ledger_projected(minted, starts, ends, shared->now);
    char day[CLOCK_DAY_SIZE];

    ledger_put_month(out, "fleet.", minted, limit, projected);
    if (limit && (minted >= limit || projected > limit)) {
        clock_day(minted < limit ? starts + (ends - starts) * limit / projected : shared->now, day);
        kv_put(out, "fleet.runs_out", day);
    }
}

int shared_put_totals(struct shared *shared, int log, struct buffer *out)
{
    SCRATCH request = BUFFER_EMPTY;
    WIPED_BY(attributes_wipe) struct attributes answer = {0};
    const struct kv_pair *pair;
    int status;

    if (!shared_is_on(shared))
        return STATUS_OK;
    kv_put(&request, "log", log ? "yes" : "no");
    status = ask(shared, "totals", &request, &answer);
    if (status != STATUS_OK)
        return status;
    if (!log)
        put_projection(shared, &answer, out);
    for (size_t i = 0; (pair = attributes_pair(&answer, i)) != NULL; i++) {
        int is_mint = strncmp(pair->key, "mint.", strlen("mint.")) == 0;
        int is_share = strncmp(pair->key, "host.", strlen("host.")) == 0 ||
                       strncmp(pair->key, "profile.", strlen("profile.")) == 0;

        if (log ? !is_mint : !is_share)
            continue;
        buffer_puts(out, "fleet.");
        kv_put_pair(out, pair);
    }
    return STATUS_OK;
}
