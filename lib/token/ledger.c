#include "token/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/directories.h"
#include "base/kv.h"
#include "base/message.h"
#include "token/identity.h"

#define DAY_S 86400
#define LEDGER_VERSION 1
#define LEDGER_MAX (16u << 20) /* bytes; a thousand requests are some 250 KiB */

static const char *const outcome_names[] = {"unknown", "ok", "denied", "unsent"};

const char *ledger_outcome_name(enum outcome outcome)
{
    return outcome_names[outcome];
}

enum outcome ledger_outcome(const char *name)
{
    for (int i = OUTCOME_OK; i <= OUTCOME_UNSENT; i++)
        if (strcmp(outcome_names[i], name) == 0)
            return (enum outcome)i;
    return OUTCOME_UNKNOWN;
}

struct request {
    const char *id;
    const char *identity;
    long long at;
    int counts; /* against the limits */
};

static void file_name(const struct ledger *ledger, long long seconds, struct buffer *name)
{
    char day[CLOCK_DAY_SIZE];

    clock_day(seconds, day);
    buffer_printf(name, "%.200s.%.7s", ledger->issuer.bytes, day); /* the day's year and month */
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

int ledger_check(const struct settings *settings)
{
    WIPED_BY(ledger_close) struct ledger ledger;

    return ledger_open(&ledger, settings, clock_s(), 0);
}

void ledger_close(struct ledger *ledger)
{
    buffer_close(&ledger->directory_fd);
    buffer_wipe(&ledger->path);
    buffer_wipe(&ledger->issuer);
}

/* Appends the path of the file of the month of seconds. Only its end differs from ledger->path. */
static void put_path(const struct ledger *ledger, long long seconds, struct buffer *path)
{
    char day[CLOCK_DAY_SIZE];

    clock_day(seconds, day);
    buffer_append(path, ledger->path.bytes, ledger->path.len - strlen("2026-01"));
    buffer_printf(path, "%.7s", day);
}

/* Reports why the file of the month of seconds cannot be used. */
static int fail_month(const struct ledger *ledger, long long seconds, const char *why)
{
    SCRATCH path = BUFFER_EMPTY;

    put_path(ledger, seconds, &path);
    return message_fail(STATUS_CANNOT_CREATE, "cannot use the ledger of token requests %s: %s",
                        path.bytes, why);
}

static int fail_ledger(const struct ledger *ledger)
{
    return fail_month(ledger, ledger->now_s, directory_reason(errno));
}

/* Opens the file of the month of seconds; -1 with errno. */
static int open_month(const struct ledger *ledger, long long seconds, int flags)
{
    SCRATCH name = BUFFER_EMPTY;

    file_name(ledger, seconds, &name);
    return directory_open_file(ledger->directory_fd, name.bytes, flags);
}

/*
 * Appends the file of the month of seconds, if there is one. Without a line for it, the version is
 * 1.
 */
static int read_month(const struct ledger *ledger, long long seconds, struct buffer *text)
{
    static const char key[] = "version=";
    CLOSED fd = open_month(ledger, seconds, O_RDONLY);
    size_t start = text->len;
    long version = LEDGER_VERSION;
    SCRATCH why = BUFFER_EMPTY;

    if (fd < 0)
        return errno == ENOENT ? STATUS_OK : fail_month(ledger, seconds, directory_reason(errno));
    if (buffer_read(text, fd, LEDGER_MAX) != 0)
        return fail_month(ledger, seconds, errno == EFBIG ? "it is over 16 MiB; move it away (its "
                                                            "tokens are then not counted)"
                                                          : directory_reason(errno));
    if (strncmp(buffer_text(text) + start, key, strlen(key)) == 0)
        version = atol(text->bytes + start + strlen(key));
    if (version == LEDGER_VERSION)
        return STATUS_OK;
    buffer_printf(&why, "it has format version %ld, but this rhythm reads only %d; install the "
                        "version that wrote it, or move it away (its tokens are then not counted)",
                  version, LEDGER_VERSION);
    return fail_month(ledger, seconds, why.bytes);
}

/* Makes the request not count. It is searched from the end, near which it mostly is. */
static void discount(struct request *requests, size_t count, const char *id)
{
    while (count-- > 0) {
        if (strcmp(requests[count].id, id) == 0) {
            requests[count].counts = 0;
            return;
        }
    }
}

/* Appends a struct request for each in text, into which they point. */
static void parse(struct buffer *text, struct buffer *requests)
{
    struct kv_reader reader = kv_reader(text->bytes, text->len);
    struct kv_pair pair;
    int found;

    while ((found = kv_next(&reader, &pair)) != 0) {
        const char *dot = found == 1 ? strchr(pair.key, '.') : NULL;

        if (!dot)
            continue; /* a line torn by a power cut */
        if (strncmp(pair.key, "begun.", 6) == 0) {
            struct request request = {dot + 1, pair.value, atoll(dot + 1),
                                      identity_is_machine(pair.value)};

            buffer_append(requests, &request, sizeof request);
        } else if (strncmp(pair.key, "denied.", 7) == 0 || strncmp(pair.key, "unsent.", 7) == 0) {
            discount((struct request *)(void *)requests->bytes,
                     requests->len / sizeof(struct request), dot + 1);
        }
    }
}

static int compare_times(const void *a, const void *b)
{
    const struct request *x = a;
    const struct request *y = b;

    return (x->at > y->at) - (x->at < y->at);
}

/*
 * Counts in text, which is this month's file from byte month_starts on. Requests of the hour are
 * moved to the array's beginning, which has been read already.
 */
static void count_requests(const struct ledger *ledger, struct buffer *text, size_t month_starts,
                           const char *identity, struct ledger_count *count)
{
    SCRATCH parsed = BUFFER_EMPTY;
    struct request *requests;
    size_t total;
    size_t hour = 0;
    long long limit = setting_number(ledger->settings, SETTING_HOURLY_LIMIT);

    parse(text, &parsed);
    requests = (struct request *)(void *)parsed.bytes;
    total = parsed.len / sizeof *requests;
    for (size_t i = 0; i < total; i++) {
        if (!requests[i].counts)
            continue;
        count->month += requests[i].id >= text->bytes + month_starts;
        /* one dated later, by a clock that was set back since, says nothing about this hour */
        if (strcmp(requests[i].identity, identity) == 0 && requests[i].at > ledger->now_s - 3600 &&
            requests[i].at <= ledger->now_s + 60)
            requests[hour++] = requests[i];
    }
    count->hour = (long long)hour;
    if (limit > 0 && count->hour >= limit) {
        qsort(requests, hour, sizeof *requests, compare_times);
        count->hour_frees_at = requests[count->hour - limit].at + 3600;
    }
}

long long ledger_projected(long long minted, long long starts_at, long long ends_at, long long now_s)
{
    long long passed_s = now_s - starts_at + 1;

    if (passed_s < DAY_S) /* a first day says little about the other thirty */
        passed_s = DAY_S;
    return minted * (ends_at - starts_at) / passed_s;
}

void ledger_put_month(struct buffer *out, const char *prefix, long long minted, long long limit,
                      long long projected)
{
    buffer_printf(out, "%sminted=%lld\n%slimit=%lld\n", prefix, minted, prefix, limit);
    if (limit)
        buffer_printf(out, "%sleft=%lld\n", prefix, limit > minted ? limit - minted : 0);
    buffer_printf(out, "%sprojected=%lld\n", prefix, projected);
}

int ledger_count(const struct ledger *ledger, const char *identity, struct ledger_count *count)
{
    long long start = clock_month_start(ledger->now_s, 0);
    SCRATCH text = BUFFER_EMPTY;
    size_t month_starts;
    int status = STATUS_OK;

    *count = (struct ledger_count){.month_frees_at = clock_month_start(ledger->now_s, 1)};
    if (ledger->now_s - start < 3600) /* the last hour began in the last month */
        status = read_month(ledger, start - 1, &text);
    buffer_puts(&text, "\n"); /* after a torn line */
    month_starts = text.len;
    if (status == STATUS_OK)
        status = read_month(ledger, ledger->now_s, &text);
    if (status == STATUS_OK)
        count_requests(ledger, &text, month_starts, identity, count);
    count->projected = ledger_projected(count->month, start, count->month_frees_at, ledger->now_s);
    return status;
}

int ledger_fail_limit(const struct settings *settings, enum setting which, const char *by_whom,
                      long long count, long long frees_in_s)
{
    int is_month = which == SETTING_MONTHLY_LIMIT;
    char day[CLOCK_DAY_SIZE];
    SCRATCH until = BUFFER_EMPTY, remedy = BUFFER_EMPTY;

    clock_day(clock_s() + frees_in_s, day);
    if (is_month)
        buffer_printf(&until, "until %s (UTC)", day);
    else
        buffer_printf(&until, "%lld min", (frees_in_s + 59) / 60);
    settings_put_remedy(settings, which, &remedy);
    return message_fail(STATUS_TRY_LATER, "%s is reached: %lld token%s minted%s %s; wait %s, or %s",
                        setting_name(which), count, count == 1 ? "" : "s", by_whom,
                        is_month ? "this month" : "in the last hour", until.bytes, remedy.bytes);
}

static int check_limits(const struct ledger *ledger, const struct ledger_count *count)
{
    const struct settings *settings = ledger->settings;
    long long monthly = setting_number(settings, SETTING_MONTHLY_LIMIT);

    if (monthly > 0 && count->month >= monthly)
        return ledger_fail_limit(settings, SETTING_MONTHLY_LIMIT, "", count->month,
                                 count->month_frees_at - ledger->now_s);
    if (count->hour_frees_at)
        return ledger_fail_limit(settings, SETTING_HOURLY_LIMIT, "", count->hour,
                                 count->hour_frees_at - ledger->now_s);
    return STATUS_OK;
}

/*
 * Appends a line to the month's file. 0, or -1 with errno. O_APPEND and one write keep lines of
 * several processes apart.
 */
static int append_line(int fd, const char *prefix, const char *id, const char *value)
{
    SCRATCH line = BUFFER_EMPTY, key = BUFFER_EMPTY;
    char last = '\n';
    off_t size = lseek(fd, 0, SEEK_END);

    if (size == 0)
        kv_put_number(&line, "version", LEDGER_VERSION);
    if (size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n')
        buffer_puts(&line, "\n"); /* after a torn line */
    buffer_printf(&key, "%s.%s", prefix, id);
    kv_put(&line, key.bytes, value);
    return buffer_write(&line, fd);
}

int ledger_begin(struct ledger *ledger, const char *identity, struct buffer *id)
{
    struct ledger_count count;
    struct timespec now;
    long long limit = setting_number(ledger->settings, SETTING_MONTHLY_LIMIT);
    int is_machine = identity_is_machine(identity);
    CLOSED fd = open_month(ledger, ledger->now_s, O_RDWR | O_CREAT | O_APPEND);
    int status;

    /* counted and recorded under one lock: no two processes get the last place */
    if (fd < 0 || flock(fd, LOCK_EX) != 0)
        return fail_ledger(ledger);
    status = ledger_count(ledger, identity, &count);
    if (status == STATUS_OK && is_machine)
        status = check_limits(ledger, &count);
    if (status != STATUS_OK)
        return status;
    ledger->is_near_limit = limit > 0 && (count.month + is_machine) * 10 >= limit * 9;
    clock_gettime(CLOCK_REALTIME, &now); /* its nanoseconds and our PID make the name unique */
    buffer_printf(id, "%lld.%09ld.%ld", ledger->now_s, now.tv_nsec, (long)getpid());
    return append_line(fd, "begun", id->bytes, identity) == 0 ? STATUS_OK : fail_ledger(ledger);
}

int ledger_flush(const struct ledger *ledger)
{
    CLOSED fd = open_month(ledger, ledger->now_s, O_RDWR);

    /* the directory too: the file may be new */
    return fd >= 0 && fsync(fd) == 0 && fsync(ledger->directory_fd) == 0 ? STATUS_OK
                                                                         : fail_ledger(ledger);
}

void ledger_end(struct ledger *ledger, const char *id, enum outcome outcome, const char *why)
{
    CLOSED fd = open_month(ledger, ledger->now_s, O_RDWR | O_APPEND);

    if (fd < 0 || append_line(fd, outcome_names[outcome], id, why) != 0)
        message_warn("this request counts as unknown: cannot write to the ledger of token requests %s: "
                     "%s", ledger->path.bytes, directory_reason(errno));
}

int ledger_text(const struct ledger *ledger, struct buffer *out)
{
    return read_month(ledger, ledger->now_s, out);
}
