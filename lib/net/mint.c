#include "net/mint.h"

#include "base/clock.h"
#include "base/message.h"
#include "net/claims.h"
#include "net/issuer.h"
#include "net/jws.h"
#include "token/expiry.h"
#include "token/ledger.h"

#define UNKNOWN_LIFE_S 3600
#define LIFE_MAX_S 1000000000
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
static void fill_entry(struct entry *entry, struct issuer_request *request, long long begun_ns)
{
    long long begun_s = begun_ns / 1000000000;
    long long issued_at;
    const char *wrong;

    if (!request->granted.refresh_token.len && settings_is_user(request->settings))
        buffer_set(&request->granted.refresh_token, buffer_text(&entry->refresh_token));
    entry_wipe(entry);
    *entry = request->granted;
    request->granted = (struct entry){0};
    entry->begun_ns = begun_ns;
    entry->received_at = clock_s();
    wrong = mint_decode(entry);
    if (wrong)
        message_warn("the token %s; was an audience set?", wrong);
    issued_at = wrong ? 0 : claims_number(entry->payload.bytes, "iat");
    if (issued_at && (issued_at > entry->received_at + SKEW_S || issued_at < begun_s - SKEW_S))
        message_warn("this machine's clock and the issuer's differ by %lld s",
                     entry->received_at - issued_at);
    if (request->expires_in)
        entry->expires_at = begun_s + request->expires_in;
    else if (issued_at && entry->token_exp > issued_at && entry->token_exp - issued_at < LIFE_MAX_S)
        entry->expires_at = begun_s + entry->token_exp - issued_at;
    else
        entry->expires_at = begun_s + UNKNOWN_LIFE_S;
    if (!request->expires_in)
        message_warn("the issuer did not say how long the token lives; it is kept for %lld s",
                     entry->expires_at - begun_s);
}

/* The request itself, entered in the ledger before and after. */
static int ask(const struct cache *cache, struct issuer_request *request)
{
    struct ledger ledger;
    SCRATCH id = BUFFER_EMPTY;
    int status = ledger_open(&ledger, request->settings, clock_s(), 1);

    request->cause = "config";
    if (status == STATUS_OK)
        status = ledger_begin(&ledger, cache->identity.bytes, &id);
    if (status == STATUS_TRY_LATER)
        request->cause = "quota";
    if (status == STATUS_OK) {
        request->near_limit = ledger_is_near_limit(&ledger);
        status = issuer_request_token(request);
        ledger_end(&ledger, id.bytes, request->outcome, request->word.bytes);
    }
    ledger_close(&ledger);
    return status;
}

int mint_with_form(struct cache *cache, const struct settings *settings, struct buffer *form,
                   const struct buffer *secret, struct entry *entry)
{
    WIPED_BY(issuer_request_wipe) struct issuer_request request = {
        .settings = settings, .form = form, .secret = secret};
    long long begun_ns = clock_ns();
    int status = cache_reserve(cache);

    if (status != STATUS_OK)
        return status;
    status = ask(cache, &request);
    if (status != STATUS_OK) {
        life_record_failure(cache, status, request.cause);
        return status;
    }
    fill_entry(entry, &request, begun_ns);
    return cache_store(cache, entry);
}

int mint_token(struct cache *cache, const struct settings *settings, const struct buffer *secret,
               struct entry *entry)
{
    SCRATCH form = BUFFER_EMPTY;
    int status;

    if (!settings_is_user(settings)) {
        issuer_put_field(&form, "grant_type", "client_credentials");
        issuer_put_field(&form, "audience", setting(settings, SETTING_AUDIENCE));
        issuer_put_field(&form, "scope", setting(settings, SETTING_SCOPE));
        return mint_with_form(cache, settings, &form, secret, entry);
    }
    status = cache_load(cache, entry);
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
