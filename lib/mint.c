#include "mint.h"

#include "claims.h"
#include "http.h"
#include "issuer.h"
#include "jws.h"
#include "ledger.h"
#include "life.h"
#include "message.h"

#define UNKNOWN_LIFE_S 3600
#define SKEW_S 60

const char *mint_decode(struct entry *entry)
{
    SCRATCH header = BUFFER_EMPTY, payload = BUFFER_EMPTY;
    const char *wrong = jws_decode(entry->token.bytes, &header, &payload);

    if (!wrong && claims_of(payload.bytes, &entry->claims, &entry->payload, &entry->token_exp) != 0)
        wrong = "has a payload that cannot be read";
    return wrong;
}

/* Fills entry from what the issuer granted. */
static void fill_entry(struct entry *entry, struct issuer_answer *granted, long long begun_ns)
{
    long long begun_s = begun_ns / 1000000000;
    long long issued_at;
    const char *wrong;

    entry->token = granted->access_token;
    entry->refresh_token = granted->refresh_token;
    entry->quota = granted->quota;
    granted->access_token = granted->refresh_token = granted->quota = (struct buffer)BUFFER_EMPTY;
    entry->begun_ns = begun_ns;
    entry->received_at = clock_s();
    wrong = mint_decode(entry);
    if (wrong)
        message_warn("the token %s; was an audience set?", wrong);
    issued_at = wrong ? 0 : claims_number(entry->payload.bytes, "iat");
    if (issued_at && (issued_at > entry->received_at + SKEW_S || issued_at < begun_s - SKEW_S))
        message_warn("this machine's clock and the issuer's differ by %lld s",
                     entry->received_at - issued_at);
    if (granted->expires_in)
        entry->expires_at = begun_s + granted->expires_in;
    else if (issued_at && entry->token_exp > issued_at)
        entry->expires_at = begun_s + entry->token_exp - issued_at;
    else
        entry->expires_at = begun_s + UNKNOWN_LIFE_S;
    if (!granted->expires_in)
        message_warn("the issuer did not say how long the token lives; it is kept for %lld s",
                     entry->expires_at - begun_s);
}

/* The request itself, entered in the ledger before and after. */
static int ask(struct cache *cache, const struct settings *settings, const struct buffer *form,
               const struct buffer *secret, struct issuer_answer *answer)
{
    struct http *http = http_open(settings);
    struct ledger ledger = {.directory_fd = -1};
    SCRATCH id = BUFFER_EMPTY;
    int status = http ? ledger_open(&ledger, settings, clock_s(), 1) : STATUS_BUG;

    answer->cause = "config";
    if (status == STATUS_OK) {
        status = ledger_begin(&ledger, cache->identity.bytes, &id);
        if (status == STATUS_TRY_LATER)
            answer->cause = "quota";
    }
    if (status == STATUS_OK) {
        status = issuer_request_token(http, settings, form, secret, answer);
        ledger_end(&ledger, id.bytes, answer->outcome, answer->word.bytes);
    }
    ledger_close(&ledger);
    http_close(http);
    return status;
}

int mint_with_form(struct cache *cache, const struct settings *settings, struct buffer *form,
                   const struct buffer *secret, struct entry *entry)
{
    WIPED_BY(issuer_answer_wipe) struct issuer_answer answer = {0};
    struct buffer old_refresh_token = entry->refresh_token;
    long long begun_ns = clock_ns();
    int status = cache_reserve(cache);

    if (status != STATUS_OK)
        return status;
    entry->refresh_token = (struct buffer)BUFFER_EMPTY;
    issuer_put_field(form, "client_id", setting(settings, SETTING_CLIENT_ID));
    issuer_put_field(form, "client_secret", buffer_text(secret));
    status = ask(cache, settings, form, secret, &answer);
    if (status == STATUS_OK) {
        entry_wipe(entry);
        fill_entry(entry, &answer, begun_ns);
        if (!entry->refresh_token.len && settings_is_user(settings))
            buffer_set(&entry->refresh_token, buffer_text(&old_refresh_token));
        status = cache_store(cache, entry);
    } else {
        life_record_failure(cache, status, answer.cause);
    }
    buffer_wipe(&old_refresh_token);
    return status;
}

int mint_machine_token(struct cache *cache, const struct settings *settings,
                       const struct buffer *secret, struct entry *entry)
{
    SCRATCH form = BUFFER_EMPTY;

    issuer_put_field(&form, "grant_type", "client_credentials");
    issuer_put_field(&form, "audience", setting(settings, SETTING_AUDIENCE));
    issuer_put_field(&form, "scope", setting(settings, SETTING_SCOPE));
    return mint_with_form(cache, settings, &form, secret, entry);
}

int mint_refresh(struct cache *cache, const struct settings *settings, const struct buffer *secret,
                 struct entry *entry)
{
    SCRATCH form = BUFFER_EMPTY;
    int status = cache_load(cache, entry);

    if (status != STATUS_OK)
        return status;
    if (!entry->refresh_token.len)
        return message_fail(STATUS_REFUSED, "%s; run rhythm-token login -p %s",
                            entry->token.len
                                ? "the issuer gave no refresh token, so this login is over"
                                : "nobody is logged in",
                            settings->profile.bytes);
    issuer_put_field(&form, "grant_type", "refresh_token");
    issuer_put_field(&form, "refresh_token", entry->refresh_token.bytes);
    return mint_with_form(cache, settings, &form, secret, entry);
}
