#include "quota.h"

#include <pthread.h>
#include <stdlib.h>

static struct bucket {
    const char *name;
    enum knob quota;
    long long span_s, began, taken;
} buckets[] = {{"per_hour", K_QUOTA_HOUR, 3600, 0, 0}, {"per_day", K_QUOTA_DAY, 86400, 0, 0}};
enum { BUCKETS = sizeof buckets / sizeof *buckets };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void begin_anew(struct bucket *b, long long now)
{
    if (b->began != now - now % b->span_s)
        b->taken = 0;
    b->began = now - now % b->span_s;
}

bool quota_take(void)
{
    long long now = sandbox_now();
    bool left = true;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < BUCKETS; i++) {
        long long quota = knob_number(buckets[i].quota);
        begin_anew(&buckets[i], now);
        left = left && (quota <= 0 || buckets[i].taken < quota || !knob_number(K_QUOTA_ENFORCE));
    }
    for (int i = 0; i < BUCKETS; i++)
        buckets[i].taken += left;
    pthread_mutex_unlock(&lock);
    return left;
}

void quota_tell(struct answer *a)
{
    long long now = sandbox_now();
    char text[200] = "";
    size_t len = 0;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < BUCKETS; i++) {
        struct bucket *b = &buckets[i];
        long long quota = knob_number(b->quota);
        begin_anew(b, now);
        if (quota > 0)
            len += (size_t)snprintf(text + len, sizeof text - len, "%sb=%s;q=%lld;r=%lld;t=%lld",
                                    len ? "," : "", b->name, quota,
                                    b->taken < quota ? quota - b->taken : 0,
                                    b->began + b->span_s - now);
    }
    pthread_mutex_unlock(&lock);
    if (*text)
        answer_header(a, "Auth0-Client-Quota-Limit", "%s", text);
}

void quota_reset(void)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < BUCKETS; i++)
        buckets[i].began = buckets[i].taken = 0;
    pthread_mutex_unlock(&lock);
}
