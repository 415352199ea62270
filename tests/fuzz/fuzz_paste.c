/*
 * Fuzzes the reader of a pasted token: the facts about it are lines of key=value in UTF-8, of which
 * none is forged, and none contains a part of the token's signature.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/text.h"
#include "jwt/inspect.h"

#define SIGNATURE_MIN 12 /* bytes; a shorter one may appear in other text by chance */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static int contains(const struct buffer *text, const char *bytes, size_t len)
{
    return text->len && memmem(text->bytes, text->len, bytes, len) != NULL;
}

static void is_utf8_without_controls(const struct buffer *text)
{
    for (size_t i = 0, len; i < text->len; i += len) {
        len = (signed char)text->bytes[i] < 0 ? text_utf8_len(text->bytes + i, text->len - i) : 1;
        must(len > 0);
        must(text->bytes[i] == '\n' || !text_has_controls(text->bytes + i, len));
    }
}

/* There are only keys that inspect.h names, in lines that its reader accepts. */
static void lines_are_ours(struct buffer *facts)
{
    static const char *const keys[] = {
        "now", "form", "why", "word",
        "alg", "kid", "typ", "signature", "kind", "id_token", "iss", "aud", "exp", "iat", "nbf",
        "exp.kind", "iat.kind", "nbf.kind", "tenant_id", "customer_id", "contact_id",
        "tenant_id.state", "customer_id.state", "contact_id.state", NULL};
    struct kv_reader reader = kv_reader(facts->bytes, facts->len);
    struct kv_pair pair;
    int found, forms = 0;

    while ((found = kv_next(&reader, &pair)) != 0) {
        int i = 0;

        must(found == 1);
        while (keys[i] && strcmp(keys[i], pair.key) != 0)
            i++;
        must(keys[i] != NULL);
        forms += strcmp(pair.key, "form") == 0;
    }
    must(forms == 1);
}

static void no_signature(const struct buffer *token, const struct buffer *facts)
{
    const char *dot = strrchr(buffer_text(token), '.');

    if (dot && contains(facts, "form=jwt\n", 9) && strlen(dot + 1) >= SIGNATURE_MIN)
        must(!contains(facts, dot + 1, strlen(dot + 1)));
}

/* Asks as rhythm-token does and answers as rhythm-jwt does, including the messages between them. */
static void put_facts(const struct buffer *token, struct buffer *facts)
{
    struct buffer request = BUFFER_EMPTY, answer = BUFFER_EMPTY, same = BUFFER_EMPTY;
    struct attributes asked = {0}, answered = {0};

    kv_put_bytes(&request, "token", token->bytes, token->len);
    must(attributes_parse(&asked, &request) == 0);
    must(attribute_take(&asked, "token", &same) && same.len == token->len);
    must(!same.len || memcmp(same.bytes, token->bytes, same.len) == 0);
    must(inspect_token(&asked, &answer) == STATUS_OK);
    must(attributes_parse(&answered, &answer) == 0);
    must(attribute_take(&answered, "report", facts));
    attributes_wipe(&asked);
    attributes_wipe(&answered);
    buffer_wipe(&request);
    buffer_wipe(&answer);
    buffer_wipe(&same);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer token = BUFFER_EMPTY, facts = BUFFER_EMPTY;

    buffer_append(&token, data, size);
    put_facts(&token, &facts);
    must(facts.len && facts.bytes[facts.len - 1] == '\n');
    is_utf8_without_controls(&facts);
    no_signature(&token, &facts);
    lines_are_ours(&facts); /* last: the reader undoes escapes in place */
    buffer_wipe(&token);
    buffer_wipe(&facts);
    return 0;
}
