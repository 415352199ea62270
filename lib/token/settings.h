#ifndef RHYTHM_TOKEN_SETTINGS_H
#define RHYTHM_TOKEN_SETTINGS_H

#include "base/buffer.h"
#include "token/values.h"

/*
 * settings: what the user configured, from where, and whether it makes sense.
 *
 * A setting comes from a flag, else the environment, else the profile's file, else its default; an
 * empty value counts as unset. A profile chosen with -p reverses that: its file overrides the
 * environment, and the settings for who calls, where a token goes and where it is kept (issuer,
 * client, secret, grant, audience, tenant, user, api_base, ca_bundle, token_file, cache, redis_url,
 * redirect_uri) never come from the environment.
 *
 *     struct settings settings = {0};
 *     status = settings_load(&settings, profile_flag, token_flag);
 *     ...
 *     settings_wipe(&settings);
 */

struct settings {
    struct buffer profile;      /* the profile's name */
    struct buffer profile_path; /* the file that was read; empty if there was none */
    struct buffer value[SETTING_COUNT];
    struct buffer from[SETTING_COUNT]; /* "flag", "env", "file:PATH", "default"; empty: unset */
};

/*
 * Resolves every setting. profile_flag is the argument of -p, token_flag that of --token; both may
 * be NULL. STATUS_OK; or, reported, STATUS_CONFIG (a value, the file's syntax or its permissions).
 * What only a mint needs is not asked for here: see settings_need_client.
 */
int settings_load(struct settings *settings, const char *profile_flag, const char *token_flag);

/*
 * Its steps, for a profile that is not written yet. settings_name_profile takes the profile's name,
 * from the flag or RHYTHM_PROFILE, and checks it. settings_take sets one setting as a line of a
 * profile would, unless it is a secret, which nobody may see among arguments; from is where it
 * comes from. settings_complete checks all that is set, and sets the defaults. STATUS_OK, or
 * STATUS_CONFIG, reported.
 */
int settings_name_profile(struct settings *settings, const char *profile_flag);
int settings_take(struct settings *settings, const char *key, const char *value, const char *from);
int settings_complete(struct settings *settings);

/* The value as a string, "" if unset. It belongs to settings. */
const char *setting(const struct settings *settings, enum setting which);

/* The setting's name as in a profile. */
const char *setting_name(enum setting which);

/* A whole-number setting; settings_load has checked that it is one. */
long long setting_number(const struct settings *settings, enum setting which);

/* STATUS_OK if issuer and client are set, else STATUS_CONFIG, reported with where to find them. */
int settings_need_client(const struct settings *settings);

/* STATUS_CONFIG, reported: no client secret is set, and where to put it. */
int settings_need_secret(const struct settings *settings);

/*
 * Appends the issuer's base URL, without a final slash: https://acme-org.us.auth0.com. settings
 * has checked it: HTTPS, or HTTP to a literal loopback address.
 */
void settings_issuer_url(const struct settings *settings, struct buffer *url);

/* 1 if the grant gets a user's token, 0 if a machine's. */
int settings_is_user(const struct settings *settings);

/* Appends how to raise a limit: in the profile if it is set there, else by its variable. */
void settings_put_remedy(const struct settings *settings, enum setting which, struct buffer *out);

/* Appends what `rhythm-token config` shows, as key=value, secrets as ***. */
void settings_describe(const struct settings *settings, struct buffer *out);

void settings_wipe(struct settings *settings);

#endif
