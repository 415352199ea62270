#include "token/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/clock.h"
#include "base/directories.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/platform.h"
#include "base/signals.h"
#include "base/text.h"
#include "token/identity.h"

#define ENTRY_MAX (32u << 20) /* bytes: a 1 MiB answer, its claims escaped, and room to spare */
#define TIME_MAX 1000000000000000 /* seconds */
#define FAILURE_MAX 8192
#define NAME_LEN_MAX 200 /* bytes: leaves room for suffixes below NAME_MAX */
#define RESERVED_SIZE 65536 /* bytes: many times a usual entry */

/* No identity contains a "+", and in a name that was cut, hexadecimal digits follow it. */
#define LOCK "+lock"
#define FAILED "+failed"
#define NEW "+new"
#define ASIDE "+aside"

void entry_wipe(struct entry *entry)
{
    buffer_wipe(&entry->token);
    buffer_wipe(&entry->refresh_token);
    buffer_wipe(&entry->ca_directory);
    buffer_wipe(&entry->ca_file);
    buffer_wipe(&entry->quota);
    buffer_wipe(&entry->payload);
    buffer_wipe(&entry->claims);
    *entry = (struct entry){0};
}

void failure_wipe(struct failure *failure)
{
    buffer_wipe(&failure->cause);
    buffer_wipe(&failure->message);
    *failure = (struct failure){0};
}

/* Appends the text; one that is too long is cut, and ends in its hash. */
static void put_name(struct buffer *name, const struct buffer *text)
{
    if (text->len <= NAME_LEN_MAX) {
        buffer_puts(name, text->bytes);
        return;
    }
    /* two with one hash share a file, which is no harm: an entry contains its whole identity */
    buffer_append(name, text->bytes, NAME_LEN_MAX - 17);
    buffer_printf(name, "+%016llx", (unsigned long long)text_hash(text->bytes, text->len));
}

int cache_open(struct cache *cache, const struct settings *settings, int create)
{
    enum directory where = settings_is_user(settings) ? DIRECTORY_SESSION : DIRECTORY_CACHE;

    *cache = (struct cache)CACHE_NONE;
    identity_of(settings, &cache->identity);
    put_name(&cache->name, &cache->identity);
    return directory_open(where, create, &cache->directory_fd, &cache->directory);
}

void cache_close(struct cache *cache)
{
    buffer_close(&cache->reserved_fd);
    buffer_close(&cache->lease_fd);
    buffer_close(&cache->directory_fd);
    buffer_wipe(&cache->directory);
    buffer_wipe(&cache->identity);
    buffer_wipe(&cache->name);
}

void cache_entry_path(const struct cache *cache, struct buffer *path)
{
    buffer_printf(path, "%s/%s", buffer_text(&cache->directory), cache->name.bytes);
}

/* Opens NAME + suffix, a file of ours; -1 with errno. */
static int open_beside(const struct cache *cache, const char *suffix, int flags)
{
    SCRATCH name = BUFFER_EMPTY;

    buffer_printf(&name, "%s%s", cache->name.bytes, suffix);
    return directory_open_file(cache->directory_fd, name.bytes, flags);
}

static void remove_beside(const struct cache *cache, const char *suffix)
{
    SCRATCH name = BUFFER_EMPTY;

    buffer_printf(&name, "%s%s", cache->name.bytes, suffix);
    unlinkat(cache->directory_fd, name.bytes, 0);
}

/* Reports what could not be done to NAME + suffix, with errno. */
static int fail_file(const struct cache *cache, const char *verb, const char *suffix)
{
    return message_fail(STATUS_CANNOT_CREATE, "cannot %s %s/%s%s: %s", verb,
                        buffer_text(&cache->directory), cache->name.bytes, suffix,
                        directory_reason(errno));
}

/* 1 if the token can be part of a header line, and no arithmetic with the times overflows. */
static int is_sound(const struct entry *entry)
{
    const long long times[] = {entry->received_at, entry->expires_at, entry->token_exp};

    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (times[i] < -TIME_MAX || times[i] > TIME_MAX)
            return 0;
    return entry->token.len && strlen(entry->token.bytes) == entry->token.len &&
           !strpbrk(entry->token.bytes, "\r\n");
}

/*
 * Parses the file's text. NULL if it is an entry of this identity, else what is wrong. The claims
 * are taken as they are: the warm path only prints them.
 */
static const char *parse_entry(const struct cache *cache, const struct buffer *text,
                               struct entry *entry)
{
    const char *last = strstr(buffer_text(text), "\nclaims="); /* no value holds a newline */
    const char *end = last ? strchr(last + 1, '\n') : NULL;
    size_t head_len = end ? (size_t)(end + 1 - text->bytes) : text->len;
    WIPED_BY(attributes_wipe) struct attributes head = {0};
    SCRATCH head_text = BUFFER_EMPTY;

    if (text->len == 0)
        return "it is empty";
    buffer_append(&head_text, text->bytes, head_len);
    (void)attributes_parse(&head, &head_text); /* a damaged line shows in what is missing */
    if (attribute_number(&head, "version", 0) != ENTRY_VERSION)
        return "it has another format version";
    entry->begun_ns = attribute_number(&head, "begun_ns", 0);
    entry->received_at = attribute_number(&head, "received_at", 0);
    entry->expires_at = attribute_number(&head, "expires_at", 0);
    entry->token_exp = attribute_number(&head, "token_exp", 0);
    attribute_take(&head, "token", &entry->token);
    attribute_take(&head, "refresh_token", &entry->refresh_token);
    attribute_take(&head, "ca_directory", &entry->ca_directory);
    attribute_take(&head, "ca_file", &entry->ca_file);
    attribute_take(&head, "payload", &entry->payload);
    attributes_put(&head, "quota.", &entry->quota);
    if (attribute_number(&head, "claims", -1) != (long long)(text->len - head_len) ||
        !is_sound(entry))
        return "it is incomplete or damaged";
    if (strcmp(attribute(&head, "identity"), cache->identity.bytes) != 0)
        return "it belongs to another identity";
    buffer_append(&entry->claims, text->bytes + head_len, text->len - head_len);
    return NULL;
}

int cache_load(struct cache *cache, struct entry *entry)
{
    SCRATCH text = BUFFER_EMPTY;
    CLOSED fd = open_beside(cache, "", O_RDONLY);
    const char *wrong;

    entry_wipe(entry);
    if (fd < 0)
        return errno == ENOENT ? STATUS_OK : fail_file(cache, "read", "");
    if (buffer_read(&text, fd, ENTRY_MAX) == 0)
        wrong = parse_entry(cache, &text, entry);
    else if (errno == EFBIG)
        wrong = "it is over 32 MiB";
    else
        return fail_file(cache, "read", ""); /* a read error says nothing about the token */
    if (wrong && !cache->reported)
        message_warn("cache entry %s/%s is ignored: %s", cache->directory.bytes,
                     cache->name.bytes, wrong);
    if (wrong)
        entry_wipe(entry);
    return STATUS_OK;
}

/*
 * flock(2), polled for wait_s seconds or until a signal is noted: a blocking one could be ended
 * only by a signal. 0; or -1 with errno, EWOULDBLOCK if it is held.
 */
static int lock_within(int fd, long long wait_s)
{
    static const struct timespec pause = {0, 10000000};
    long long deadline_ms = clock_steady_ms() + wait_s * 1000;

    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || signals_noted() || clock_steady_ms() >= deadline_ms)
            return -1;
        nanosleep(&pause, NULL);
    }
    return 0;
}

/*
 * 1 if the file that fd locks still is the one at the path. If it was removed or replaced during
 * the wait, the next process locks another file, and both would hold a lease.
 */
static int is_current(const struct cache *cache, int fd)
{
    SCRATCH name = BUFFER_EMPTY;
    struct stat by_name;
    struct stat by_fd;

    buffer_printf(&name, "%s" LOCK, cache->name.bytes);
    return fstatat(cache->directory_fd, name.bytes, &by_name, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstat(fd, &by_fd) == 0 && by_name.st_dev == by_fd.st_dev &&
           by_name.st_ino == by_fd.st_ino;
}

int cache_fail_lease(const struct cache *cache, long long wait_s)
{
    return message_fail(STATUS_TRY_LATER, "another process has been requesting this token for %lld "
                        "s; try again (its lease is %s/%s" LOCK ")", wait_s, cache->directory.bytes,
                        cache->name.bytes);
}

int cache_lease(struct cache *cache, long long wait_s)
{
    int status = STATUS_OK;

    while (cache->lease_fd < 0 && status == STATUS_OK) {
        int fd = open_beside(cache, LOCK, O_RDWR | O_CREAT);

        if (fd < 0)
            return fail_file(cache, "open", LOCK);
        if (lock_within(fd, wait_s) != 0)
            status = errno == EWOULDBLOCK ? STATUS_TRY_LATER : fail_file(cache, "lock", LOCK);
        else if (is_current(cache, fd))
            cache->lease_fd = fd;
        if (cache->lease_fd < 0)
            close(fd);
    }
    return status;
}

void cache_release(struct cache *cache)
{
    buffer_close(&cache->lease_fd);
}

/* Opens a fresh NAME+new, whatever a crash left there; -1 with errno. */
static int open_new(const struct cache *cache)
{
    remove_beside(cache, NEW);
    return open_beside(cache, NEW, O_RDWR | O_CREAT | O_EXCL);
}

/* Gives up what was reserved, if there is an error. */
static int check_reserved(struct cache *cache, int error)
{
    if (!error)
        return STATUS_OK;
    buffer_close(&cache->reserved_fd);
    remove_beside(cache, NEW);
    return message_fail(STATUS_CANNOT_CREATE, "no token was requested, because there is no room for it "
                        "in %s: %s", cache->directory.bytes, directory_reason(error));
}

int cache_reserve(struct cache *cache)
{
    cache->reserved_fd = open_new(cache);
    if (cache->reserved_fd < 0)
        return fail_file(cache, "create", NEW);
    return check_reserved(cache, platform_reserve(cache->reserved_fd, RESERVED_SIZE));
}

int cache_flush(struct cache *cache)
{
    return check_reserved(cache, fsync(cache->reserved_fd) == 0 ? 0 : errno);
}

/*
 * Replaces NAME + suffix with text, by way of NAME+new, whether or not that was reserved. 0, or -1
 * with errno.
 */
static int commit(struct cache *cache, const struct buffer *text, const char *suffix)
{
    SCRATCH from = BUFFER_EMPTY, to = BUFFER_EMPTY;
    CLOSED fd = cache->reserved_fd >= 0 ? cache->reserved_fd : open_new(cache);

    buffer_printf(&from, "%s" NEW, cache->name.bytes);
    buffer_printf(&to, "%s%s", cache->name.bytes, suffix);
    cache->reserved_fd = -1;
    return directory_replace_file(cache->directory_fd, to.bytes, from.bytes, fd, text);
}

/* Keeps an entry of another format version for the rhythm that wrote it, which will look for it. */
static void set_aside(const struct cache *cache)
{
    static const char key[] = "version=";
    CLOSED fd = open_beside(cache, "", O_RDONLY);
    SCRATCH aside = BUFFER_EMPTY;
    char head[32] = "";

    /* only a version that is another one: a damaged entry is worth nothing to any rhythm */
    if (fd < 0 || pread(fd, head, sizeof head - 1, 0) < 0 ||
        strncmp(head, key, strlen(key)) != 0 || atol(head + strlen(key)) == ENTRY_VERSION)
        return;
    buffer_printf(&aside, "%s" ASIDE, cache->name.bytes);
    if (renameat(cache->directory_fd, cache->name.bytes, cache->directory_fd, aside.bytes) == 0)
        message_warn("the cache entry of another format version is kept as %s/%s",
                     cache->directory.bytes, aside.bytes);
}

int cache_store(struct cache *cache, const struct entry *entry)
{
    SCRATCH text = BUFFER_EMPTY;

    set_aside(cache);
    kv_put_number(&text, "version", ENTRY_VERSION);
    kv_put(&text, "identity", cache->identity.bytes);
    kv_put_number(&text, "begun_ns", entry->begun_ns);
    kv_put_number(&text, "received_at", entry->received_at);
    kv_put_number(&text, "expires_at", entry->expires_at);
    kv_put_number(&text, "token_exp", entry->token_exp);
    kv_put(&text, "token", entry->token.bytes);
    if (entry->refresh_token.len)
        kv_put(&text, "refresh_token", entry->refresh_token.bytes);
    if (entry->ca_file.len) {
        kv_put(&text, "ca_directory", entry->ca_directory.bytes);
        kv_put(&text, "ca_file", entry->ca_file.bytes);
    }
    buffer_append(&text, buffer_text(&entry->quota), entry->quota.len);
    kv_put_bytes(&text, "payload", buffer_text(&entry->payload), entry->payload.len);
    kv_put_number(&text, "claims", (long long)entry->claims.len);
    buffer_append(&text, buffer_text(&entry->claims), entry->claims.len);

    if (commit(cache, &text, "") != 0)
        return fail_file(cache, "write", "");
    remove_beside(cache, FAILED); /* last: a kill may leave a failure that is over, never lose one */
    return STATUS_OK;
}

int cache_erase(struct cache *cache, int *found)
{
    *found = 0;
    if (cache->directory_fd < 0)
        return STATUS_OK;
    remove_beside(cache, FAILED);
    remove_beside(cache, NEW);
    remove_beside(cache, ASIDE);
    *found = unlinkat(cache->directory_fd, cache->name.bytes, 0) == 0;
    if (!*found && errno != ENOENT)
        return fail_file(cache, "delete", "");
    return STATUS_OK;
}

int cache_load_failure(struct cache *cache, struct failure *failure)
{
    SCRATCH text = BUFFER_EMPTY;
    WIPED_BY(attributes_wipe) struct attributes record = {0};
    CLOSED fd = open_beside(cache, FAILED, O_RDONLY);

    failure_wipe(failure);
    if (fd < 0 || buffer_read(&text, fd, FAILURE_MAX) != 0)
        return 0;
    (void)attributes_parse(&record, &text); /* a damaged line shows in what is missing */
    failure->failed_ns = attribute_number(&record, "failed_ns", 0);
    failure->count = attribute_number(&record, "count", 0);
    failure->status = attribute_number(&record, "status", 0);
    attribute_take(&record, "cause", &failure->cause);
    attribute_take(&record, "message", &failure->message);
    if (failure->failed_ns > 0 && failure->count > 0 && failure->count < 1000000 &&
        failure->message.len > 0 && failure->status > 0 && failure->status < 128)
        return 1;
    failure_wipe(failure); /* or its count would go on in the next record */
    return 0;
}

void cache_store_failure(struct cache *cache, const struct failure *failure)
{
    SCRATCH text = BUFFER_EMPTY;

    kv_put_number(&text, "failed_ns", failure->failed_ns);
    kv_put_number(&text, "count", failure->count);
    kv_put_number(&text, "status", failure->status);
    kv_put(&text, "cause", buffer_text(&failure->cause));
    kv_put(&text, "message", buffer_text(&failure->message));
    if (commit(cache, &text, FAILED) != 0)
        message_detail("cannot record the failed request in %s: %s", cache->directory.bytes,
                       strerror(errno));
}
