#include "keyset.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "cache.h"
#include "http.h"
#include "life.h"
#include "message.h"
#include "url.h"

#define KEYSET_MAX (1u << 20) /* bytes */
#define KEPT_S 600
#define REFETCH_S 60

/* 1 if text is a JSON object with an array "keys". */
static int is_keyset(const struct buffer *text)
{
    json_auto_t *json = json_loadb(buffer_text(text), text->len, 0, NULL);

    return json_is_array(json_object_get(json, "keys"));
}

static int has_kid(const struct buffer *text, const char *kid)
{
    json_auto_t *json = json_loadb(buffer_text(text), text->len, 0, NULL);
    size_t index;
    json_t *key;
    int has = 0;

    json_array_foreach(json_object_get(json, "keys"), index, key)
    {
        const char *name = json_string_value(json_object_get(key, "kid"));

        has |= name && strcmp(name, kid) == 0;
    }
    return has;
}

static int fetch(const struct settings *settings, const char *url, struct buffer *json)
{
    struct http_request request = {.url = url, .answer_max = KEYSET_MAX};
    WIPED_BY(http_answer_wipe) struct http_answer answer = {0};

    buffer_truncate(json, 0);
    if (http_once(settings, &request, &answer) != HTTP_ANSWERED)
        return message_fail(STATUS_UNAVAILABLE, "no key set from %s: %s", url, answer.error.bytes);
    if (answer.status != 200)
        return message_fail(STATUS_UNAVAILABLE, "no key set from %s: status %ld", url,
                            answer.status);
    if (!is_keyset(&answer.body))
        return message_fail(STATUS_UNAVAILABLE, "no key set from %s: the answer is no JSON object "
                            "with \"keys\"", url);
    buffer_append(json, answer.body.bytes, answer.body.len);
    return STATUS_OK;
}

static int read_file(const char *path, struct buffer *json)
{
    if (buffer_read_file(json, path, KEYSET_MAX) != 0)
        return message_fail(STATUS_BAD_INPUT, "cannot read the key set %s: %s", path,
                            errno == EFBIG ? "it is over 1 MiB" : strerror(errno));
    if (!is_keyset(json))
        return message_fail(STATUS_BAD_INPUT, "%s is no key set: no JSON object with \"keys\"",
                            path);
    return STATUS_OK;
}

/* The issuer's set: from the disk while it is fresh and holds the key, else fetched. */
static int get_issuers(const struct settings *settings, const char *wanted_kid, int offline,
                       struct buffer *json)
{
    SCRATCH url = BUFFER_EMPTY;
    long long fetched_at = 0;
    long long age_s;
    int status = STATUS_OK;

    cache_load_keyset(settings, json, &fetched_at);
    if (!is_keyset(json))
        buffer_truncate(json, 0);
    age_s = clock_s() - fetched_at;
    if (json->len && (offline || (age_s >= 0 && age_s < KEPT_S &&
                                  (!wanted_kid || age_s < REFETCH_S || has_kid(json, wanted_kid)))))
        return STATUS_OK;
    if (offline)
        return message_fail(STATUS_UNAVAILABLE, "--offline, and no key set of the issuer is kept; "
                            "run rhythm-token verify once without it");
    settings_issuer_url(settings, &url);
    buffer_puts(&url, "/.well-known/jwks.json");
    status = fetch(settings, url.bytes, json);
    if (status == STATUS_OK)
        cache_store_keyset(settings, json, clock_s());
    return status;
}

int keyset_get(const struct settings *settings, const char *source, const char *wanted_kid,
               int offline, struct buffer *json)
{
    const char *problem;

    if (source && !strstr(source, "://"))
        return read_file(source, json);
    if (source && (problem = url_base_problem(source)) != NULL)
        return message_fail(STATUS_CONFIG, "--jwks=%s should be a file or %s", source, problem);
    if (source && offline)
        return message_fail(STATUS_UNAVAILABLE, "--offline, and --jwks=%s is on the network",
                            source);
    if (source)
        return fetch(settings, source, json);
    if (!*setting(settings, SETTING_AUTH0_DOMAIN))
        return message_fail(STATUS_CONFIG, "auth0_domain is not set, so there is no issuer whose "
                            "keys to use; set it, or name a key set with --jwks");
    return get_issuers(settings, wanted_kid, offline, json);
}
