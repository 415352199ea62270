#ifndef SANDBOX_GRANTS_H
#define SANDBOX_GRANTS_H

/*
 * Clients and users of the issuer, and the codes and refresh tokens that it issued.
 *
 * Clients and users are fixed. Authorization codes and refresh tokens share one bounded table; all
 * from one login are a family. Using one twice revokes its family (RFC 6749, 10.5;
 * refresh token rotation). Safe from any thread.
 */

#include <stdbool.h>

struct user {
    const char *email, *password, *sub, *name;
    const char *contact_id; /* NULL: never logged in to the Rhythm UI */
};

struct client {
    const char *id;
    bool public_client; /* needs no secret */
    const char *grants; /* space on both sides of each */
};

struct grant {
    bool refresh; /* a refresh token, not a code */
    char value[64];
    unsigned family; /* 0 when added: a new one */
    bool used;
    const struct user *user;
    char client_id[64], scope[256], audience[256];
    char redirect_uri[512], challenge[64], nonce[128]; /* of a code */
};

const struct client *client_find(const char *id);
bool client_may(const struct client *client, const char *grant_type);

/* NULL unless the password is correct; password NULL: not checked. */
const struct user *user_find(const char *email, const char *password);

/* Keep a copy of g under a new random value, which is written to g->value. */
void grants_add(struct grant *g);

/* Use a code or refresh token. False if it is unknown, revoked or used (which revokes its family). */
bool grants_use(bool refresh, const char *value, struct grant *found);

/* Revoke the family of a refresh token. */
void grants_revoke(const char *value);

#endif
