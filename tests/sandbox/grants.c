#include "grants.h"
#include "knobs.h"
#include "token.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { GRANTS_MAX = 512 };

static const struct client clients[] = {
    {"sandbox-client", false, " client_credentials "},
    {"sandbox-user-client", true,
     " authorization_code password http://auth0.com/oauth/grant-type/password-realm "
     "refresh_token "},
};

static const struct user users[] = {
    {"ada@acme.example", "correct horse", "auth0|ada", "Ada Ny\xc3\xa9ki", "contact-ada"},
    {"new@acme.example", "correct horse", "auth0|new", "New Person", NULL},
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct grant table[GRANTS_MAX]; /* a ring: a new one replaces the oldest */
static unsigned added;

const struct client *client_find(const char *id)
{
    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
        if (id && !strcmp(clients[i].id, id))
            return &clients[i];
    return NULL;
}

bool client_may(const struct client *client, const char *grant_type)
{
    char word[80];
    snprintf(word, sizeof word, " %.70s ", grant_type);
    return strstr(client->grants, word) != NULL;
}

const struct user *user_find(const char *email, const char *password)
{
    for (size_t i = 0; i < sizeof users / sizeof *users; i++)
        if (email && !strcmp(users[i].email, email))
            return !password || !strcmp(users[i].password, password) ? &users[i] : NULL;
    return NULL;
}

void grants_add(struct grant *g)
{
    char *value = token_random(32);
    snprintf(g->value, sizeof g->value, "%s", value);
    free(value);
    pthread_mutex_lock(&lock);
    if (!g->family)
        g->family = added + 1;
    table[added++ % GRANTS_MAX] = *g;
    pthread_mutex_unlock(&lock);
}

static void forget_family(unsigned family)
{
    for (int i = 0; i < GRANTS_MAX; i++)
        if (table[i].family == family)
            table[i] = (struct grant){.used = true};
}

static struct grant *find(bool refresh, const char *value)
{
    for (int i = 0; value && *value && i < GRANTS_MAX; i++)
        if (table[i].refresh == refresh && !strcmp(table[i].value, value))
            return &table[i];
    return NULL;
}

bool grants_use(bool refresh, const char *value, struct grant *found)
{
    pthread_mutex_lock(&lock);
    struct grant *g = find(refresh, value);
    bool good = g && !g->used;
    if (good) {
        g->used = true;
        *found = *g;
    } else if (g) {
        forget_family(g->family);
    }
    pthread_mutex_unlock(&lock);
    return good;
}

void grants_revoke(const char *value)
{
    pthread_mutex_lock(&lock);
    struct grant *g = find(true, value);
    if (g)
        forget_family(g->family);
    pthread_mutex_unlock(&lock);
}
