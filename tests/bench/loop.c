/*
 * loop: downloads the pages of a list on one connection and does nothing with them.
 *
 *     rhythm-token header | loop CA_BUNDLE URL PAGES PAGE_SIZE PREFIX SUFFIX
 *
 * This is the minimum work of any pager with libcurl. It does not read the responses, so the cursors
 * must be predictable: PREFIX, the number of the last item so far, SUFFIX, all percent-encoded.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

static size_t drop(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes, (void)context;
    return size * count;
}

int main(int argc, char **argv)
{
    char header[8192];
    char url[4096];
    long pages = argc == 7 ? atol(argv[3]) : 0;
    long status;
    struct curl_slist *headers;
    CURL *easy = curl_easy_init();

    if (!pages || !easy || !fgets(header, sizeof header, stdin))
        return 64;
    header[strcspn(header, "\n")] = '\0';
    headers = curl_slist_append(NULL, header);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_CAINFO, argv[1]);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    for (long page = 0; page < pages; page++) {
        if (page == 0)
            snprintf(url, sizeof url, "%s", argv[2]);
        else
            snprintf(url, sizeof url, "%s?exclusiveStartKey=%s%ld%s", argv[2], argv[5],
                     page * atol(argv[4]), argv[6]);
        curl_easy_setopt(easy, CURLOPT_URL, url);
        if (curl_easy_perform(easy) != CURLE_OK ||
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status != 200) {
            fprintf(stderr, "loop: page %ld failed\n", page + 1);
            return 1;
        }
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    return 0;
}
