#include "net/http.h"

#include <string.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/uri.h"

#define HEADERS_MAX (256u << 10) /* bytes */

_Static_assert(sizeof((struct http *)0)->error >= CURL_ERROR_SIZE, "room for libcurl's error text");

/* Appends the bytes. 1; or 0 if that exceeds the limit: libcurl then ends the transfer. */
static int take(struct http *http, struct buffer *into, size_t max, const char *bytes, size_t len)
{
    http->is_too_big |= into->len + len > max;
    if (!http->is_too_big)
        buffer_append(into, bytes, len);
    return !http->is_too_big;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    struct http *http = context;
    struct buffer *headers = &http->answer->headers;
    size_t len = size * count;
    size_t kept = len;

    if (len > 5 && memcmp(bytes, "HTTP/", 5) == 0)
        buffer_truncate(headers, 0); /* of 100 Continue or of a proxy */
    while (kept && (bytes[kept - 1] == '\r' || bytes[kept - 1] == '\n'))
        kept--;
    if (!take(http, headers, HEADERS_MAX, bytes, kept))
        return 0;
    buffer_puts(headers, "\n");
    return len;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct http *http = context;
    size_t len = size * count;

    return take(http, &http->answer->body, http->request->answer_max, bytes, len) ? len : 0;
}

/* libcurl's own directory of certificates, if its TLS library is OpenSSL; else NULL. */
static const char *default_directory(void)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    int has_openssl = info->ssl_version && strncmp(info->ssl_version, "OpenSSL/", 8) == 0;

    return has_openssl && info->age >= CURLVERSION_SEVENTH ? info->capath : NULL;
}

struct http http_for(const struct attributes *request)
{
    return (struct http){.certificates = certificates_choose(attribute(request, "ca_bundle"),
                                                             default_directory()),
                         .timeout_s = (long)attribute_number(request, "timeout", 30)};
}

static CURLcode set_up(struct http *http)
{
    const struct http_request *request = http->request;
    CURLcode code = CURLE_OK;

/* A macro, so that libcurl can check the value's type. It does nothing after a failure. */
#define SET(option, value)                                                                         \
    if (code == CURLE_OK)                                                                          \
    code = curl_easy_setopt(http->easy, option, value)
    SET(CURLOPT_ERRORBUFFER, http->error);
    SET(CURLOPT_NOSIGNAL, 1L); /* no SIGALRM: libcurl keeps the time limit without it */
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L); /* 307 and 308 would send the form, with secrets, elsewhere */
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* a proxy's headers are not the server's */
    SET(CURLOPT_USERAGENT, "rhythm/" RHYTHM_VERSION);
    SET(CURLOPT_CONNECTTIMEOUT, http->timeout_s);
    SET(CURLOPT_TIMEOUT, http->timeout_s);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, http);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, http);
    if (!http->certificates.is_default) {
        SET(CURLOPT_CAINFO, http->certificates.file);
        SET(CURLOPT_CAPATH, http->certificates.directory);
        SET(CURLOPT_PROXY_CAINFO, http->certificates.file);
        SET(CURLOPT_PROXY_CAPATH, http->certificates.directory);
    }
    for (int i = 0; request->headers && request->headers[i]; i++) {
        struct curl_slist *longer = curl_slist_append(http->lines, request->headers[i]);

        if (!longer)
            return CURLE_OUT_OF_MEMORY;
        http->lines = longer;
    }
    SET(CURLOPT_HTTPHEADER, http->lines);
    SET(CURLOPT_URL, request->url);
    /* libcurl applies http_proxy to loopback too: a proxy would read the client secret */
    SET(CURLOPT_NOPROXY, uri_is_plain_http(request->url) ? "*" : NULL);
    if (request->body) {
        SET(CURLOPT_POSTFIELDS, buffer_text(request->body)); /* not copied */
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body->len);
    } else {
        SET(CURLOPT_HTTPGET, 1L);
    }
    return code;
}

/*
 * What a failure of libcurl means for a request that may have cost something. If a proxy refused to
 * connect, the bytes that were sent were those of CONNECT.
 */
static enum http_result classify(const struct http *http)
{
    long sent = 0;
    long connect_status = 0; /* of a proxy */

    if (http->is_too_big)
        return HTTP_TOO_BIG;
    switch (http->code) {
    case CURLE_OK:
        return HTTP_ANSWERED;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return HTTP_TLS;
    default:
        curl_easy_getinfo(http->easy, CURLINFO_REQUEST_SIZE, &sent);
        curl_easy_getinfo(http->easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);
        return sent && connect_status < 300 ? HTTP_LOST : HTTP_UNSENT;
    }
}

/* What to do about a failure whose remedy does not depend on the request; NULL: it does. */
static const char *remedy_of(const struct http *http, enum http_result result)
{
    long connect_status = 0; /* of a proxy */

    curl_easy_getinfo(http->easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);
    if (http->code == CURLE_SSL_CACERT_BADFILE)
        return "check the file in ca_bundle, CURL_CA_BUNDLE or SSL_CERT_FILE";
    if (result == HTTP_TLS)
        return "if a proxy or a private CA is in between, set ca_bundle";
    if (connect_status >= 300 || http->code == CURLE_COULDNT_RESOLVE_PROXY)
        return "check the proxy in https_proxy or all_proxy, and its username and password";
    return NULL;
}

/*
 * 1 if only libcurl's own directory was used. Compares the pointer and not the name: the same
 * directory in SSL_CERT_DIR is the user's choice, and then no bundle is tried after it.
 */
static int uses_default_directory(const struct http *http)
{
    const char *directory = http->certificates.directory;

    return directory && directory == default_directory();
}

/*
 * 1 if the directory of certificates lacks this server's issuer, by OpenSSL's verify results (2, 19 to
 * 21), or could not be read. Never for a wrong name or date. Nothing was sent yet but, at most, a
 * proxy's password.
 */
static int wants_bundle(const struct http *http)
{
    long result = 0;

    if (!uses_default_directory(http))
        return 0;
    curl_easy_getinfo(http->easy, CURLINFO_SSL_VERIFYRESULT, &result);
    return http->code == CURLE_SSL_CACERT_BADFILE ||
           (http->code == CURLE_PEER_FAILED_VERIFICATION && (result == 2 || (result >= 19 && result <= 21)));
}

/* Hands the request to libcurl, which sends what it can without waiting. */
static void start(struct http *http)
{
    int running = 0;

    http->code = (int)set_up(http);
    if (http->code == CURLE_OK && curl_multi_add_handle(http->multi, http->easy) != CURLM_OK)
        http->code = CURLE_OUT_OF_MEMORY;
    if (http->code == CURLE_OK)
        curl_multi_perform(http->multi, &running);
}

/* Waits until libcurl is done with it, or until a signal sets the request's stop and so ends the poll. */
static void wait_for_end(struct http *http)
{
    const volatile sig_atomic_t *stop = http->request->stop;
    const CURLMsg *message = NULL;
    int running = 0;
    int left = 0;

    while (http->code == CURLE_OK && !message) {
        if (stop && *stop)
            http->code = CURLE_ABORTED_BY_CALLBACK;
        else if (curl_multi_perform(http->multi, &running) != CURLM_OK)
            http->code = CURLE_OUT_OF_MEMORY;
        else if (running)
            curl_multi_poll(http->multi, NULL, 0, 1000, NULL); /* ms, for a signal just before it */
        else if ((message = curl_multi_info_read(http->multi, &left)) == NULL)
            http->code = CURLE_FAILED_INIT;
    }
    if (message)
        http->code = (int)message->data.result;
}

/* The handle stays with its answer, for the headers; the connection stays open for the next one. */
static void release_handle(struct http *http)
{
    if (!http->easy)
        return;
    curl_multi_remove_handle(http->multi, http->easy);
    curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, NULL); /* the handle outlives the list */
    curl_slist_free_all(http->lines);
    http->lines = NULL;
    http->easy = NULL;
}

void http_begin(struct http *http, const struct http_request *request, struct http_answer *answer)
{
    buffer_truncate(&answer->headers, 0); /* their memory is reused for the next page */
    buffer_truncate(&answer->body, 0);
    buffer_truncate(&answer->error, 0);
    answer->status = 0;
    answer->remedy = NULL;
    http->request = request;
    http->answer = answer;
    http->is_too_big = 0;
    if (!answer->easy)
        answer->easy = curl_easy_init();
    if (!http->multi)
        http->multi = curl_multi_init();
    http->easy = http->multi ? answer->easy : NULL;
    if (http->easy)
        start(http);
}

enum http_result http_finish(struct http *http)
{
    const struct http_request *request = http->request;
    struct http_answer *answer = http->answer;
    enum http_result result;

    if (!http->easy) {
        buffer_puts(&answer->error, "libcurl cannot be set up");
        return HTTP_UNSENT;
    }
    wait_for_end(http);
    if (wants_bundle(http)) {
        message_detail("%s: its issuer is not among the hashed certificates; trying the bundle",
                       request->url);
        http->certificates = (struct certificates){.is_default = 1};
        release_handle(http);
        http->easy = answer->easy;
        curl_easy_reset(http->easy); /* or it would keep using the directory */
        start(http);
        wait_for_end(http);
    }
    result = classify(http);
    answer->remedy = result == HTTP_ANSWERED ? NULL : remedy_of(http, result);
    curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &answer->status);
    if (result == HTTP_TOO_BIG)
        buffer_printf(&answer->error, "the response exceeds %zu bytes", request->answer_max);
    else if (result != HTTP_ANSWERED)
        buffer_puts(&answer->error, *http->error ? http->error
                                                 : curl_easy_strerror((CURLcode)http->code));
    release_handle(http);
    message_detail("%s: status %ld, %zu bytes", request->url, answer->status, answer->body.len);
    return result;
}

void http_cancel(struct http *http)
{
    release_handle(http);
}

enum http_result http_perform(struct http *http, const struct http_request *request,
                              struct http_answer *answer)
{
    http_begin(http, request, answer);
    return http_finish(http);
}

/* -1: the last request. CURLH_HEADER: the server's own headers, not a proxy's or trailers. */
int http_header(const struct http_answer *answer, const char *name, struct buffer *value)
{
    struct curl_header *header;

    if (!answer->easy ||
        curl_easy_header(answer->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return 0;
    buffer_puts(value, header->value);
    return 1;
}

long long http_retry_after_s(const struct http_answer *answer)
{
    SCRATCH value = BUFFER_EMPTY, date = BUFFER_EMPTY;
    long long after_s = -1;

    if (http_header(answer, "Retry-After", &value) && kv_number(value.bytes, &after_s) != 0) {
        long long until_s = curl_getdate(value.bytes, NULL); /* -1: no date */
        long long now_s = http_header(answer, "Date", &date) ? curl_getdate(date.bytes, NULL) : -1;

        if (now_s < 0)
            now_s = clock_s();
        after_s = until_s < 0 ? -1 : until_s > now_s ? until_s - now_s : 0;
    }
    return after_s < 0 ? -1 : after_s;
}

void http_put_certificates(const struct http *http, struct buffer *answer)
{
    const char *directory = http->certificates.directory;
    SCRATCH hashed = BUFFER_EMPTY;

    if (!uses_default_directory(http) || certificates_find_hashed(directory, &hashed) != 0)
        return;
    kv_put(answer, "ca_directory", directory);
    kv_put(answer, "ca_file", hashed.bytes);
}

void http_answer_wipe(struct http_answer *answer)
{
    buffer_wipe(&answer->headers);
    buffer_wipe(&answer->body);
    buffer_wipe(&answer->error);
    curl_easy_cleanup(answer->easy);
    *answer = (struct http_answer){0};
}

void http_close(struct http *http)
{
    release_handle(http);
    curl_multi_cleanup(http->multi);
    http->multi = NULL;
}
