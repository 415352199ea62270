#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "directories.h"
#include "identity.h"
#include "kv.h"
#include "message.h"

#define LEDGER_MAX (16u << 20) /* bytes; a thousand requests are some 250 KiB */

static const char *const outcome_names[] = {"unknown", "ok", "denied", "unsent"};

struct request {
    const char *id;
    const char *identity;
    long long at;
    int counts;
};

static void month_of(long long seconds, struct tm *month)
{
    time_t when = (time_t)seconds;

    gmtime_r(&when, month);
}

/* First second of the month that is offset months after that of seconds. */
static long long month_start(long long seconds, int offset)
{
    struct tm month;

    month_of(seconds, &month);
    month = (struct tm){.tm_year = month.tm_year, .tm_mon = month.tm_mon + offset, .tm_mday = 1};
    return (long long)timegm(&month);
}

static void file_name(const struct ledger *ledger, long long seconds, struct buffer *name)
{
    struct tm month;

    month_of(seconds, &month);
    buffer_printf(name, "%.200s.%04d-%02d", ledger->issuer.bytes, month.tm_year + 1900,
                  month.tm_mon + 1);
}

int ledger_open(struct ledger *ledger, const struct settings *settings, long long now_s, int create)
{
    int status;

    *ledger = (struct ledger){.directory_fd = -1, .settings = settings, .now_s = now_s};
    identity_issuer(settings, &ledger->issuer);
    status = directory_open(DIRECTORY_STATE, create, &ledger->directory_fd, &ledger->path);
    buffer_puts(&ledger->path, "/");
    file_name(ledger, now_s, &ledger->path);
    return status;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger->directory_fd >= 0)
        close(ledger->directory_fd);
    buffer_wipe(&ledger->path);
    buffer_wipe(&ledger->issuer);
}

static int fail_ledger(const struct ledger *ledger, const char *why)
{
    return message_fail(STATUS_CANNOT_CREATE, "the ledger %s: %s", ledger->path.bytes, why);
}

/* Opens the file of the month of seconds; -1 with errno. */
static int open_month(const struct ledger *ledger, long long seconds, int flags)
{
    SCRATCH name = BUFFER_EMPTY;

    file_name(ledger, seconds, &name);
    return directory_open_file(ledger->directory_fd, name.bytes, flags);
}

/* Marks the request that a second line names; they mostly follow each other closely. */
static void settle(struct request *requests, size_t count, const char *id, int counts)
{
    while (count-- > 0) {
        if (strcmp(requests[count].id, id) == 0) {
            requests[count].counts = counts;
            return;
        }
    }
}

/* Reads requests out of text, which they point into. The caller frees them. */
static struct request *parse(struct buffer *text, size_t *count)
{
    struct request *requests = calloc(text->len / 8 + 1, sizeof *requests); /* "begun.=\n" */
    struct kv_reader reader = kv_reader(text->bytes, text->len);
    struct kv_pair pair;
    int found;

    *count = 0;
    while (requests && (found = kv_next(&reader, &pair)) != 0) {
        const char *dot = found == 1 ? strchr(pair.key, '.') : NULL;

        if (!dot)
            continue; /* a line torn by a power cut */
        if (strncmp(pair.key, "begun.", 6) == 0)
            requests[(*count)++] = (struct request){dot + 1, pair.value, atoll(dot + 1),
                                                    identity_is_machine(pair.value)};
        else if (strncmp(pair.key, "denied.", 7) == 0 || strncmp(pair.key, "unsent.", 7) == 0)
            settle(requests, *count, dot + 1, 0);
    }
    return requests;
}

static int compare_times(const void *a, const void *b)
{
    long long x = *(const long long *)a;
    long long y = *(const long long *)b;

    return x < y ? -1 : x > y;
}

/* Adds what one month's file holds to *month, and the times of the last hour's requests to hour. */
static int count_file(struct ledger *ledger, int fd, const char *identity, long long *month,
                      struct buffer *hour)
{
    SCRATCH text = BUFFER_EMPTY;
    struct request *requests;
    size_t total = 0;

    if (buffer_read(&text, fd, LEDGER_MAX) != 0)
        return fail_ledger(ledger, strerror(errno));
    requests = text.len ? parse(&text, &total) : NULL;
    for (size_t i = 0; i < total; i++) {
        if (!requests[i].counts)
            continue;
        ++*month;
        if (strcmp(requests[i].identity, identity) == 0 && requests[i].at > ledger->now_s - 3600 &&
            requests[i].at <= ledger->now_s + 60)
            buffer_append(hour, &requests[i].at, sizeof requests[i].at);
    }
    free(requests);
    return STATUS_OK;
}

/* The ledger counted with this month's file at fd, which may be -1. */
static int count_with(struct ledger *ledger, int fd, const char *identity,
                      struct ledger_count *count)
{
    long long start = month_start(ledger->now_s, 0);
    int before = ledger->now_s - start < 3600 ? open_month(ledger, start - 1, O_RDONLY) : -1;
    int status = STATUS_OK;
    long long passed = ledger->now_s - start + 1;
    long long limit = setting_number(ledger->settings, SETTING_HOURLY_LIMIT);
    long long last_month = 0;
    SCRATCH hour = BUFFER_EMPTY;
    long long *times;

    *count = (struct ledger_count){.month_frees_at = month_start(ledger->now_s, 1)};
    if (before >= 0) {
        status = count_file(ledger, before, identity, &last_month, &hour);
        close(before);
    }
    if (status == STATUS_OK && fd >= 0)
        status = count_file(ledger, fd, identity, &count->month, &hour);
    times = (long long *)(void *)hour.bytes;
    count->hour = (long long)(hour.len / sizeof *times);
    if (limit > 0 && count->hour >= limit) {
        qsort(times, (size_t)count->hour, sizeof *times, compare_times);
        count->hour_frees_at = times[count->hour - limit] + 3600;
    }
    if (passed < 86400) /* a first day says little about the other thirty */
        passed = 86400;
    count->projected = count->month * (count->month_frees_at - start) / passed;
    return status;
}

int ledger_count(struct ledger *ledger, const char *identity, struct ledger_count *count)
{
    int fd = open_month(ledger, ledger->now_s, O_RDONLY);
    int status;

    if (fd < 0 && errno != ENOENT)
        return fail_ledger(ledger, strerror(errno));
    status = count_with(ledger, fd, identity, count);
    if (fd >= 0)
        close(fd);
    return status;
}

static int check_limits(const struct ledger *ledger, const struct ledger_count *count)
{
    long long hourly = setting_number(ledger->settings, SETTING_HOURLY_LIMIT);
    long long monthly = setting_number(ledger->settings, SETTING_MONTHLY_LIMIT);
    long long wait_min = (count->hour_frees_at - ledger->now_s + 59) / 60;
    char date[16] = "";
    struct tm frees;

    if (monthly > 0 && count->month >= monthly) {
        month_of(count->month_frees_at, &frees);
        strftime(date, sizeof date, "%Y-%m-%d", &frees);
        return message_fail(STATUS_TRY_LATER, "%lld token%s minted this month, the limit; wait "
                            "until %s (UTC), or set RHYTHM_MONTHLY_LIMIT", count->month,
                            count->month == 1 ? "" : "s", date);
    }
    if (hourly > 0 && count->hour >= hourly)
        return message_fail(STATUS_TRY_LATER, "%lld token%s minted in the last hour, the limit; "
                            "wait %lld min, or set RHYTHM_HOURLY_LIMIT", count->hour,
                            count->hour == 1 ? "" : "s", wait_min);
    return STATUS_OK;
}

/* Appends a line to the month's file and waits until it is on the disk. 0, or -1 with errno. */
static int append_line(int fd, const char *prefix, const char *id, const char *value)
{
    SCRATCH line = BUFFER_EMPTY, key = BUFFER_EMPTY;
    char last = '\n';
    off_t size = lseek(fd, 0, SEEK_END);

    if (size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n')
        buffer_puts(&line, "\n"); /* after a torn line */
    buffer_printf(&key, "%s.%s", prefix, id);
    kv_put(&line, key.bytes, value);
    return buffer_write(&line, fd) == 0 && fsync(fd) == 0 ? 0 : -1;
}

int ledger_begin(struct ledger *ledger, const char *identity, struct buffer *id)
{
    struct ledger_count count;
    struct timespec now;
    int status;
    int fd = open_month(ledger, ledger->now_s, O_RDWR | O_CREAT | O_APPEND);

    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        status = fail_ledger(ledger, strerror(errno));
        if (fd >= 0)
            close(fd);
        return status;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    buffer_printf(id, "%lld.%09ld.%ld", ledger->now_s, now.tv_nsec, (long)getpid());
    status = count_with(ledger, fd, identity, &count);
    if (status == STATUS_OK && identity_is_machine(identity))
        status = check_limits(ledger, &count);
    if (status == STATUS_OK &&
        (append_line(fd, "begun", id->bytes, identity) != 0 || fsync(ledger->directory_fd) != 0))
        status = fail_ledger(ledger, strerror(errno));
    close(fd);
    return status;
}

void ledger_end(struct ledger *ledger, const char *id, enum outcome outcome, const char *why)
{
    int fd = open_month(ledger, ledger->now_s, O_RDWR | O_APPEND);

    if (fd < 0 || append_line(fd, outcome_names[outcome], id, why) != 0)
        message_warn("the ledger %s: %s; this request counts as unknown", ledger->path.bytes,
                     strerror(errno));
    if (fd >= 0)
        close(fd);
}

void ledger_text(struct ledger *ledger, struct buffer *out)
{
    int fd = open_month(ledger, ledger->now_s, O_RDONLY);

    if (fd < 0)
        return;
    if (buffer_read(out, fd, LEDGER_MAX) != 0)
        message_warn("the ledger %s: %s", ledger->path.bytes, strerror(errno));
    close(fd);
}
