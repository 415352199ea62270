#include "token/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/uri.h"
#include "token/url.h"

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Appends the words of a scope (RFC 6749, section 3.3), sorted, each once. */
static void put_sorted_scope(struct buffer *out, const char *scope)
{
    SCRATCH copy = BUFFER_EMPTY, sorted = BUFFER_EMPTY;
    /* room for each word: it takes two bytes at least, with its space */
    char **words = memory_take((strlen(scope) / 2 + 1) * sizeof *words);
    size_t count = 0;

    buffer_set(&copy, scope);
    for (char *word = strtok(copy.bytes, " "); word; word = strtok(NULL, " ")) /* one thread */
        words[count++] = word;
    qsort(words, count, sizeof *words, compare_words);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(words[i], words[i - 1]) != 0)
            buffer_printf(&sorted, "%s%s", sorted.len ? " " : "", words[i]);
    uri_encode(out, buffer_text(&sorted), sorted.len);
    free(words);
}

static void put_part(struct buffer *out, const char *part)
{
    buffer_puts(out, ",");
    uri_encode(out, part, strlen(part));
}

void identity_issuer(const struct settings *settings, struct buffer *out)
{
    SCRATCH url = BUFFER_EMPTY;
    const char *host;

    settings_issuer_url(settings, &url);
    host = strstr(url.bytes, "://");
    host = host ? host + 3 : url.bytes;
    uri_encode(out, host, strlen(host));
}

void identity_of(const struct settings *settings, struct buffer *out)
{
    buffer_puts(out, setting(settings, SETTING_GRANT));
    buffer_puts(out, ",");
    identity_issuer(settings, out);
    put_part(out, setting(settings, SETTING_CLIENT_ID));
    put_part(out, setting(settings, SETTING_AUDIENCE));
    buffer_puts(out, ",");
    put_sorted_scope(out, setting(settings, SETTING_SCOPE));
    put_part(out, setting(settings, SETTING_USERNAME));
    if (settings_is_user(settings))
        put_part(out, settings->profile.bytes);
}

int identity_is_machine(const char *identity)
{
    return strncmp(identity, "client_credentials,", strlen("client_credentials,")) == 0;
}
