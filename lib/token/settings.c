#include "token/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/directories.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/nearest.h"
#include "base/secrecy.h"
#include "base/text.h"
#include "base/trust.h"
#include "token/url.h"

extern char **environ; /* POSIX has no header for it */

#define PROFILE_VERSION "1" /* of a profile that names none, too */
#define PROFILE_MAX 65536

enum {
    OWN = 1,    /* who calls, where a token goes and is kept: with -p never from the environment */
    SECRET = 2, /* shown as ***, and makes its profile a secret file */
    VERBATIM = 4, /* quotes and blanks at its ends may be meant */
    SECRET_PATH = 8, /* of a file with a secret; some put the secret here instead */
    /* only one of each may be set in one place, and a place that overrides it replaces it */
    CLIENT_SECRET = 16, PASSWORD = 32, REDIRECT = 64, STORE = 128,
    ALTERNATIVES = CLIENT_SECRET | PASSWORD | REDIRECT | STORE
};

#define PREFIX "RHYTHM_"
#define ROW(SETTING, name, ...) [SETTING_##SETTING] = {name, PREFIX #SETTING "=", __VA_ARGS__}

static const struct {
    const char *name;
    const char *variable; /* with its =, as in the environment */
    const char *fallback;
    int flags;
} table[SETTING_COUNT] = {
    ROW(AUTH0_DOMAIN, "auth0_domain", "", OWN),
    ROW(CLIENT_ID, "client_id", "", OWN),
    ROW(CLIENT_SECRET, "client_secret", "", OWN | SECRET | CLIENT_SECRET),
    ROW(CLIENT_SECRET_FILE, "client_secret_file", "", OWN | SECRET_PATH | CLIENT_SECRET),
    ROW(CLIENT_SECRET_COMMAND, "client_secret_command", "", OWN | VERBATIM | CLIENT_SECRET),
    ROW(AUDIENCE, "audience", "https://api.rhythmsoftware.com", OWN),
    ROW(TENANT_ID, "tenant_id", "", OWN),
    ROW(API_BASE, "api_base", "https://{service}.api.rhythmsoftware.com", OWN),
    ROW(GRANT, "grant", "client_credentials", OWN),
    ROW(USERNAME, "username", "", OWN),
    ROW(PASSWORD, "password", "", OWN | SECRET | VERBATIM | PASSWORD),
    ROW(PASSWORD_FILE, "password_file", "", OWN | SECRET_PATH | PASSWORD),
    ROW(PASSWORD_COMMAND, "password_command", "", OWN | VERBATIM | PASSWORD),
    ROW(SCOPE, "scope", "", 0),
    ROW(REDIRECT_URI, "redirect_uri", URL_REDIRECT, OWN | REDIRECT),
    ROW(REDIRECT_PORT, "redirect_port", "", OWN | REDIRECT),
    ROW(TOKEN_FILE, "token_file", "", OWN | SECRET_PATH),
    ROW(CACHE, "cache", "file", OWN),
    ROW(REDIS_URL, "redis_url", "", OWN),
    ROW(REDIS_PASSWORD_FILE, "redis_password_file", "", OWN | SECRET_PATH | STORE),
    ROW(REDIS_PASSWORD_COMMAND, "redis_password_command", "", OWN | VERBATIM | STORE),
    ROW(REDIS_CA_BUNDLE, "redis_ca_bundle", "", OWN),
    ROW(CACHE_URL, "cache_url", "", OWN),
    ROW(MONTHLY_LIMIT, "monthly_limit", "1000", 0),
    ROW(HOURLY_LIMIT, "hourly_limit", "10", 0),
    ROW(READ_ONLY, "read_only", "no", 0),
    ROW(TIMEOUT, "timeout", "30", 0),
    ROW(CA_BUNDLE, "ca_bundle", "", OWN),
};

const char *setting(const struct settings *settings, enum setting which)
{
    return buffer_text(&settings->value[which]);
}

const char *setting_name(enum setting which)
{
    return table[which].name;
}

long long setting_number(const struct settings *settings, enum setting which)
{
    long long number = 0;

    (void)kv_number(setting(settings, which), &number);
    return number;
}

int settings_is_user(const struct settings *settings)
{
    return strcmp(setting(settings, SETTING_GRANT), "client_credentials") != 0;
}

/* 1 if the value has quotes or blanks around it, which a shell would have removed. */
static int is_wrapped(const char *value, size_t len)
{
    return len && (strchr(" \t", value[0]) || strchr(" \t", value[len - 1]) ||
                   (len > 1 && strchr("'\"", value[0]) && value[0] == value[len - 1]));
}

static void set(struct settings *settings, int i, const char *value, const char *from)
{
    buffer_set(&settings->value[i], value);
    buffer_set(&settings->from[i], from);
}

/* Takes one pair. where is its line, for messages. STATUS_OK, or STATUS_CONFIG, reported. */
static int take_pair(struct settings *settings, const struct kv_pair *pair, const char *where,
                     const char *from)
{
    struct nearest nearest = nearest_to(pair->key, strlen(pair->key));
    int i = 0;

    if (strcmp(pair->key, "version") == 0)
        return strcmp(pair->value, PROFILE_VERSION) == 0 ? STATUS_OK : message_fail(STATUS_CONFIG,
            "%s has format version %s, but this rhythm reads only " PROFILE_VERSION "; install the "
            "version that wrote it", settings->profile_path.bytes, pair->value);
    while (i < SETTING_COUNT && strcmp(pair->key, table[i].name) != 0)
        i++;
    if (i == SETTING_COUNT) {
        for (i = 0; i < SETTING_COUNT; i++)
            nearest_offer(&nearest, table[i].name);
        return message_fail(STATUS_CONFIG, "%s: there is no setting '%s'; %s", where, pair->key,
                            nearest_remedy(&nearest, "", "", "see rhythm-token(1), SETTINGS"));
    }
    if (settings->value[i].len)
        return message_fail(STATUS_CONFIG, "%s sets %s a second time; remove one", where, pair->key);
    if (strlen(pair->value) != pair->value_len)
        return message_fail(STATUS_CONFIG, "%s: %s contains a NUL byte; remove it", where, pair->key);
    if (!(table[i].flags & VERBATIM) && is_wrapped(pair->value, pair->value_len))
        return message_fail(STATUS_CONFIG, "%s: the value of %s has quotes or blanks around it, "
                            "which would be part of it; remove them", where, pair->key);
    set(settings, i, pair->value, from);
    return STATUS_OK;
}

/* Reads key=value lines; blank lines and those that start with # are ignored. */
static int parse_profile(struct settings *settings, struct buffer *text)
{
    const char *path = settings->profile_path.bytes;
    SCRATCH where = BUFFER_EMPTY, from = BUFFER_EMPTY, quoted = BUFFER_EMPTY;
    struct kv_reader reader;
    struct kv_pair pair;
    int status = STATUS_OK;

    buffer_printf(&from, "file:%s", path);
    text_quote_shell(&quoted, path);
    if (text->len && text->bytes[text->len - 1] != '\n')
        buffer_puts(text, "\n"); /* an editor left it out, and kv_next refuses a line without it */
    reader = kv_reader(text->bytes, text->len);
    while (status == STATUS_OK && reader.next < reader.end) {
        const char *line = reader.next;
        int found = kv_next(&reader, &pair);

        if (*line == '#' || line + 1 == reader.next)
            continue;
        buffer_truncate(&where, 0);
        buffer_printf(&where, "%s line %d", path, reader.line);
        if (found == 1)
            status = take_pair(settings, &pair, where.bytes, from.bytes);
        else if (reader.next[-2] == '\r')
            status = message_fail(STATUS_CONFIG, "%s line %d has a Windows line ending; run: "
                                  "sed -i 's/\\r$//' %s", path, reader.line, quoted.bytes);
        else
            status = message_fail(STATUS_CONFIG, "%s line %d is not key=value; correct it, begin "
                                  "a comment with #, and write a backslash as \\\\", path, reader.line);
    }
    return status;
}

static int holds_secret(const struct settings *settings)
{
    SCRATCH shown = BUFFER_EMPTY;
    int is_secret = values_put_without_password(setting(settings, SETTING_REDIS_URL), &shown) |
                    values_put_without_password(setting(settings, SETTING_CACHE_URL), &shown);

    for (int i = 0; i < SETTING_COUNT; i++)
        is_secret |= (table[i].flags & SECRET) && settings->value[i].len;
    return is_secret;
}

static int is_set(const char *variable)
{
    const char *value = getenv(variable);

    return value && *value;
}

static int read_profile(struct settings *settings, int must_exist)
{
    SCRATCH text = BUFFER_EMPTY, why = BUFFER_EMPTY;
    struct buffer *path = &settings->profile_path;
    CLOSED fd = -1;
    int status;

    if (!must_exist && !is_set("HOME") && !is_set("XDG_CONFIG_HOME"))
        return STATUS_OK;
    status = directory_config(path);
    if (status != STATUS_OK)
        return status;
    buffer_printf(path, "/%s.conf", settings->profile.bytes);
    fd = trust_open(path->bytes, &why);
    if (fd >= 0 && buffer_read(&text, fd, PROFILE_MAX) == 0)
        status = parse_profile(settings, &text);
    else if (why.len && directory_config_refuse() != STATUS_OK)
        status = STATUS_CANNOT_CREATE;
    else if (why.len)
        status = message_fail(STATUS_CONFIG, "refusing profile %s, whose commands would run as you: "
                              "%s", settings->profile.bytes, why.bytes);
    else if (errno == ENOENT && must_exist)
        status = message_fail(STATUS_CONFIG, "there is no profile %s; to write it, run rhythm-token "
                              "config --init -p %s", path->bytes, settings->profile.bytes);
    else if (errno != ENOENT)
        status = message_fail(STATUS_CONFIG, "cannot read the profile %s: %s", path->bytes,
                              errno == EFBIG ? "it is over 64 KiB" : strerror(errno));
    else
        buffer_wipe(path);
    /* only what was parsed tells whether it holds a secret; nothing in it has been run yet */
    if (status == STATUS_OK && holds_secret(settings))
        status = trust_check_secret(path->bytes, "the secret in the profile");
    return status;
}

/* Finds each setting's variable, in one walk instead of a getenv each; NULL: unset or empty. */
static void find_variables(const char *found[SETTING_COUNT])
{
    for (char **entry = environ; entry && *entry; entry++) {
        const char *value;
        int i = 0;

        if (strncmp(*entry, PREFIX, strlen(PREFIX)) != 0 || !(value = strchr(*entry, '=')) ||
            !*++value)
            continue;
        while (i < SETTING_COUNT && strncmp(*entry, table[i].variable, (size_t)(value - *entry)))
            i++;
        if (i < SETTING_COUNT && !found[i])
            found[i] = value;
    }
}

/* What the environment sets replaces the file's value, and its alternatives. */
static void read_environment(struct settings *settings, int explicit_profile)
{
    const char *found[SETTING_COUNT] = {NULL};
    int replaced = 0;

    find_variables(found);
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (!found[i] || (explicit_profile && ((table[i].flags & OWN) || settings->value[i].len)))
            continue;
        set(settings, i, found[i], "env");
        replaced |= table[i].flags & ALTERNATIVES;
    }
    for (int i = 0; i < SETTING_COUNT; i++)
        if ((table[i].flags & replaced) && strcmp(buffer_text(&settings->from[i]), "env") != 0)
            set(settings, i, "", "");
}

/* Appends the value as it may be shown to anybody. */
static void put_shown(const struct settings *settings, enum setting which, struct buffer *out)
{
    const char *value = setting(settings, which);

    if (table[which].flags & SECRET)
        buffer_puts(out, "***");
    else if (table[which].flags & SECRET_PATH)
        (void)secrecy_put_path(out, value);
    else if (which == SETTING_REDIS_URL || which == SETTING_CACHE_URL)
        (void)values_put_without_password(value, out);
    else
        buffer_puts(out, value);
    if (table[which].flags & VERBATIM) /* a command may contain the secret */
        secrecy_blot(out);
}

static int check_value(const struct settings *settings, enum setting which)
{
    const char *value = setting(settings, which);
    const char *expected = *value ? values_problem(which, value) : NULL;
    SCRATCH shown = BUFFER_EMPTY;

    if (!expected)
        return STATUS_OK;
    put_shown(settings, which, &shown);
    return message_fail(STATUS_CONFIG, "%s=%s (%s) should be %s", table[which].name, shown.bytes,
                        buffer_text(&settings->from[which]), expected);
}

static int check_alternatives(const struct settings *settings)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (!(table[i].flags & ALTERNATIVES) || !settings->value[i].len)
            continue;
        for (int k = i + 1; k < SETTING_COUNT; k++)
            if ((table[i].flags & table[k].flags & ALTERNATIVES) && settings->value[k].len)
                return message_fail(STATUS_CONFIG, "%s and %s are both set (%s); keep one",
                                    table[i].name, table[k].name, settings->from[k].bytes);
    }
    return STATUS_OK;
}

/* redirect_port=N is short for the default redirect_uri with another port. */
static int expand_redirect_port(struct settings *settings)
{
    struct buffer *port = &settings->value[SETTING_REDIRECT_PORT];
    int status = check_value(settings, SETTING_REDIRECT_PORT);

    if (status != STATUS_OK || !port->len)
        return status;
    set(settings, SETTING_REDIRECT_URI, "", settings->from[SETTING_REDIRECT_PORT].bytes);
    buffer_printf(&settings->value[SETTING_REDIRECT_URI], "http://127.0.0.1:%s/callback",
                  port->bytes);
    set(settings, SETTING_REDIRECT_PORT, "", "");
    return STATUS_OK;
}

int settings_name_profile(struct settings *settings, const char *profile_flag)
{
    const char *allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const char *name = profile_flag ? profile_flag : getenv("RHYTHM_PROFILE");

    name = name && *name ? name : "default";
    buffer_set(&settings->profile, name);
    if (name[0] != '.' && !name[strspn(name, allowed)])
        return STATUS_OK;
    return message_fail(STATUS_CONFIG, "'%s' is not a profile name; use letters, digits, . _ -", name);
}

int settings_take(struct settings *settings, const char *key, const char *value, const char *from)
{
    struct kv_pair pair = {key, value, strlen(value)};
    int status = take_pair(settings, &pair, from, from);

    for (int i = 0; i < SETTING_COUNT && status == STATUS_OK; i++) {
        if (strcmp(key, table[i].name) != 0)
            continue;
        if ((table[i].flags & SECRET) || holds_secret(settings))
            return message_fail(STATUS_CONFIG, (table[i].flags & SECRET)
                ? "%s: others can see %s in the process list; leave it out, and set %s_file instead"
                : "%s: others can see the secret in %s in the process list; leave it out, and add %s "
                  "to the profile later", from, key, key);
        status = check_value(settings, (enum setting)i);
        if (status != STATUS_OK)
            set(settings, i, "", "");
    }
    return status;
}

int settings_complete(struct settings *settings)
{
    int status = check_alternatives(settings);

    if (status == STATUS_OK)
        status = expand_redirect_port(settings);
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (!settings->value[i].len && *table[i].fallback)
            set(settings, i, table[i].fallback, "default");
        else if (status == STATUS_OK)
            status = check_value(settings, (enum setting)i);
    }
    return status;
}

int settings_load(struct settings *settings, const char *profile_flag, const char *token_flag)
{
    int status = settings_name_profile(settings, profile_flag);

    if (status == STATUS_OK)
        status = read_profile(settings, strcmp(settings->profile.bytes, "default") != 0);
    if (status == STATUS_OK)
        status = check_alternatives(settings); /* those of the file, before they are replaced */
    if (status != STATUS_OK)
        return status;
    read_environment(settings, profile_flag != NULL);
    if (token_flag)
        set(settings, SETTING_TOKEN_FILE, token_flag, "flag");
    return settings_complete(settings);
}

/* Reports what is not set ("... is"), and where to put it. */
static int fail_unset(const struct settings *settings, const char *what, const char *it)
{
    SCRATCH path = BUFFER_EMPTY;

    if (directory_config(&path) != STATUS_OK)
        return STATUS_CONFIG;
    return message_fail(STATUS_CONFIG, "%s not set; put %s in %s/%s.conf (Rhythm Console > "
                        "Security & Settings > API Keys)", what, it, path.bytes,
                        settings->profile.bytes);
}

int settings_need_client(const struct settings *settings)
{
    int domain = settings->value[SETTING_AUTH0_DOMAIN].len != 0;
    int client = settings->value[SETTING_CLIENT_ID].len != 0;

    if (domain && client)
        return STATUS_OK;
    return fail_unset(settings, domain ? "client_id is" : client ? "auth0_domain is" : "auth0_domain "
                      "and client_id are", domain || client ? "it" : "them");
}

int settings_need_secret(const struct settings *settings)
{
    return fail_unset(settings, "client_secret is", "it, or a client_secret_command that prints it,");
}

void settings_issuer_url(const struct settings *settings, struct buffer *url)
{
    url_put_issuer(url, setting(settings, SETTING_AUTH0_DOMAIN));
}

void settings_put_remedy(const struct settings *settings, enum setting which, struct buffer *out)
{
    const char *from = buffer_text(&settings->from[which]);

    if (strncmp(from, "file:", 5) == 0)
        buffer_printf(out, "raise %s in %s", table[which].name, from + 5);
    else
        buffer_printf(out, "set a higher %.*s", (int)strcspn(table[which].variable, "="),
                      table[which].variable);
}

void settings_describe(const struct settings *settings, struct buffer *out)
{
    SCRATCH from = BUFFER_EMPTY, shown = BUFFER_EMPTY;

    kv_put(out, "profile", settings->profile.bytes);
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (!settings->value[i].len)
            continue;
        buffer_truncate(&shown, 0);
        put_shown(settings, (enum setting)i, &shown);
        kv_put(out, table[i].name, shown.bytes);
        buffer_set(&from, "from.");
        buffer_puts(&from, table[i].name);
        kv_put(out, from.bytes, settings->from[i].bytes);
    }
}

void settings_wipe(struct settings *settings)
{
    buffer_wipe(&settings->profile);
    buffer_wipe(&settings->profile_path);
    for (int i = 0; i < SETTING_COUNT; i++) {
        buffer_wipe(&settings->value[i]);
        buffer_wipe(&settings->from[i]);
    }
}
