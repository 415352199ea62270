/*
 * Fuzzes the key=value reader, which reads cache entries, profiles, the ledger and the answers of
 * helpers: a pair that is read is written as the same pair.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/kv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same_again(const struct kv_pair *pair)
{
    struct buffer line = BUFFER_EMPTY;
    struct kv_reader reader;
    struct kv_pair again;

    /* a key is read escaped and would be escaped again: only a plain one is written as the same */
    if (strchr(pair->key, '%'))
        return;
    kv_put_bytes(&line, pair->key, pair->value, pair->value_len);
    reader = kv_reader(line.bytes, line.len);
    if (kv_next(&reader, &again) != 1 || strcmp(again.key, pair->key) != 0 ||
        again.value_len != pair->value_len ||
        memcmp(again.value, pair->value, pair->value_len) != 0 || kv_next(&reader, &again) != 0)
        abort();
    buffer_wipe(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer text = BUFFER_EMPTY;
    struct kv_reader reader;
    struct kv_pair pair;
    long long number;
    int found;

    if (!size)
        return 0;
    buffer_append(&text, data, size);
    reader = kv_reader(text.bytes, text.len);
    while ((found = kv_next(&reader, &pair)) != 0) {
        if (found != 1)
            continue;
        (void)kv_number(pair.value, &number);
        same_again(&pair);
    }
    buffer_wipe(&text);
    return 0;
}
