#include "base/attributes.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/child.h"

/* Cuts the text into pairs. 0, or -1 with EPROTO. */
static int split(struct attributes *message)
{
    struct kv_reader reader = kv_reader(message->text.bytes, message->text.len);
    struct kv_pair pair;
    int found;

    while ((found = kv_next(&reader, &pair)) == 1)
        buffer_append(&message->pairs, &pair, sizeof pair);
    if (found == 0)
        return 0;
    errno = EPROTO;
    return -1;
}

/* 1 if the text is a whole message, ended by an empty line, which is taken off. */
static int take_end(struct buffer *text)
{
    size_t len = text->len;

    /* the newline of the last pair and one more; a message without pairs is that one alone */
    if (len == 0 || text->bytes[len - 1] != '\n' || (len > 1 && text->bytes[len - 2] != '\n'))
        return 0;
    buffer_truncate(text, len - 1);
    return 1;
}

int attributes_receive(struct attributes *message, int fd, size_t max, long long deadline_ms)
{
    int got = 1;

    attributes_wipe(message);
    while (!message->is_whole && got > 0) {
        got = child_read(fd, max, deadline_ms, &message->text);
        if (got < 0)
            return -1;
        message->is_whole = take_end(&message->text);
    }
    return split(message);
}

int attributes_send(struct buffer *text, int fd)
{
    buffer_puts(text, "\n");
    return buffer_write(text, fd);
}

int attributes_peer_is_gone(int fd)
{
    struct pollfd peer = {.fd = fd};

    return poll(&peer, 1, 0) > 0 && peer.revents & (POLLHUP | POLLERR);
}

int attributes_parse(struct attributes *message, struct buffer *text)
{
    attributes_wipe(message);
    message->text = *text;
    *text = (struct buffer)BUFFER_EMPTY;
    return split(message);
}

const struct kv_pair *attributes_pair(const struct attributes *message, size_t index)
{
    /* by way of void, because the compiler cannot know that a buffer is aligned as malloc aligns */
    const struct kv_pair *pairs = (const struct kv_pair *)(const void *)message->pairs.bytes;

    return index < message->pairs.len / sizeof *pairs ? &pairs[index] : NULL;
}

static const struct kv_pair *find(const struct attributes *message, const char *key)
{
    const struct kv_pair *pair;

    for (size_t i = 0; (pair = attributes_pair(message, i)) != NULL; i++)
        if (strcmp(pair->key, key) == 0)
            return pair;
    return NULL;
}

const char *attribute(const struct attributes *message, const char *key)
{
    const struct kv_pair *pair = find(message, key);

    return pair ? pair->value : "";
}

long long attribute_number(const struct attributes *message, const char *key, long long fallback)
{
    long long number;

    return kv_number(attribute(message, key), &number) == 0 ? number : fallback;
}

int attribute_take(const struct attributes *message, const char *key, struct buffer *out)
{
    const struct kv_pair *pair = find(message, key);

    if (!pair)
        return 0;
    buffer_truncate(out, 0);
    buffer_append(out, pair->value, pair->value_len);
    return 1;
}

void attributes_put(const struct attributes *message, const char *prefix, struct buffer *out)
{
    const struct kv_pair *pair;

    for (size_t i = 0; (pair = attributes_pair(message, i)) != NULL; i++)
        if (strncmp(pair->key, prefix, strlen(prefix)) == 0)
            kv_put_pair(out, pair);
}

void attributes_wipe(struct attributes *message)
{
    buffer_wipe(&message->text);
    buffer_wipe(&message->pairs);
    message->is_whole = 0;
}
