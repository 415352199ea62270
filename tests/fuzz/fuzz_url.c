/*
 * Fuzzes the URL builder against libcurl, which parses the URL for the request: it must be below
 * api_base, with its scheme, host and port, with the path as written, and without a user or a
 * fragment.
 *
 * The input is lines: api_base, the token's tenant_id, then the operands.
 */

#include <curl/curl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/message.h"
#include "token/url.h"

#define LINES_MAX 8
#define HOLE "{service}"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static char *part(CURLU *url, CURLUPart which)
{
    char *text = NULL;

    (void)curl_url_get(url, which, &text, which == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0);
    return text;
}

static int same_part(CURLU *a, CURLU *b, CURLUPart which)
{
    char *one = part(a, which);
    char *other = part(b, which);
    int same = one && other && strcasecmp(one, other) == 0;

    curl_free(one);
    curl_free(other);
    return same;
}

/* 1 if the path is the base's, or continues it after a slash. */
static int goes_on(CURLU *url, CURLU *base)
{
    char *path = part(url, CURLUPART_PATH);
    char *start = part(base, CURLUPART_PATH);
    size_t len = strlen(start);
    int goes_on;

    while (len && start[len - 1] == '/')
        len--;
    goes_on = strncmp(path, start, len) == 0 && (path[len] == '/' || path[len] == '\0');
    curl_free(path);
    curl_free(start);
    return goes_on;
}

/* 1 if url is below the base with these len bytes as the service, as libcurl parses both. */
static int is_below(CURLU *url, const char *api_base, const char *service, size_t len)
{
    const char *hole = strstr(api_base, HOLE);
    struct buffer text = BUFFER_EMPTY;
    CURLU *base = curl_url();
    int below;

    buffer_append(&text, api_base, hole ? (size_t)(hole - api_base) : strlen(api_base));
    buffer_append(&text, service, hole ? len : 0);
    buffer_puts(&text, hole ? hole + strlen(HOLE) : "");
    below = curl_url_set(base, CURLUPART_URL, text.bytes, 0) == CURLUE_OK &&
            same_part(url, base, CURLUPART_SCHEME) && same_part(url, base, CURLUPART_HOST) &&
            same_part(url, base, CURLUPART_PORT) && goes_on(url, base);
    curl_url_cleanup(base);
    buffer_wipe(&text);
    return below;
}

/* The same for any service, because the builder does not tell which one it found in a complete URL. */
static int is_below_any(CURLU *url, const char *api_base)
{
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    char *text = part(url, CURLUPART_URL);
    int below = 0;

    for (const char *c = text; *c && !below; c++)
        for (size_t len = 1; len <= strspn(c, bytes) && !below; len++)
            below = is_below(url, api_base, c, len);
    curl_free(text);
    return below;
}

static int is_allowed(CURLU *url, const char *api_base, const char *service)
{
    static const char *const published[] = {"https://" HOLE ".api.rhythmsoftware.com",
                                            "https://api.rhythmsoftware.com/" HOLE "-v1"};
    size_t len = strlen(api_base);
    int is_published = 0;

    while (len && api_base[len - 1] == '/')
        len--;
    for (int i = 0; i < 2; i++)
        is_published |= strlen(published[i]) == len && memcmp(api_base, published[i], len) == 0;
    if (service)
        return is_below(url, api_base, service, strlen(service));
    return is_below_any(url, api_base) ||
           (is_published && (is_below_any(url, published[0]) || is_below_any(url, published[1])));
}

/* The path that libcurl sends is the one in the text, with no dot segments removed. */
static void path_as_written(CURLU *url, const char *text)
{
    const char *start = strstr(text, "://") + 3;
    char *path = part(url, CURLUPART_PATH);
    size_t len;

    start += strcspn(start, "/?");
    len = strcspn(start, "?");
    must(path && (len == 0 ? strcmp(path, "/") == 0
                           : strlen(path) == len && memcmp(path, start, len) == 0));
    curl_free(path);
}

static void judge(const char *text, const char *api_base, const char *service)
{
    CURLU *url = curl_url();

    for (const char *c = text; *c; c++)
        must(*c > ' ' && *c < 127);
    must(curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK);
    must(!part(url, CURLUPART_USER) && !part(url, CURLUPART_PASSWORD) &&
         !part(url, CURLUPART_OPTIONS) && !part(url, CURLUPART_FRAGMENT));
    path_as_written(url, text);
    must(is_allowed(url, api_base, service));
    curl_url_cleanup(url);
}

/* Splits text, which is changed, into its lines. */
static int split(char *text, const char **lines)
{
    int count = 0;

    for (char *next; text && count < LINES_MAX; text = next) {
        next = strchr(text, '\n');
        if (next)
            *next++ = '\0';
        lines[count++] = text;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer text = BUFFER_EMPTY, url = BUFFER_EMPTY;
    struct url_request request;
    const char *lines[LINES_MAX];
    int count;

    message_verbosity(QUIET);
    buffer_append(&text, data, size);
    count = split(text.bytes, lines);
    if (count > 2 && !url_base_problem(lines[0]) &&
        url_request_parse(&request, lines + 2, count - 2) == STATUS_OK) {
        request.claims[0] = *lines[1] ? lines[1] : NULL;
        if (url_build(&request, lines[0], &url) == STATUS_OK)
            judge(url.bytes, lines[0], request.service);
    }
    buffer_wipe(&text);
    buffer_wipe(&url);
    return 0;
}
