#include "token/login.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/directories.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/signals.h"
#include "base/text.h"
#include "token/credential.h"
#include "token/expiry.h"
#include "token/internal.h"
#include "token/ledger.h"
#include "token/minting.h"
#include "token/shared.h"
#include "token/terminal.h"

#define WAIT_S 310        /* rhythm-net waits 300 for the redirect */
#define PASTE_MAX 16384   /* bytes */
#define END_MS 5000

/* One login. */
struct login {
    struct holder *holder; /* its cache is the session's */
    struct buffer secret;
    struct buffer request; /* the token request */
    struct buffer page;    /* the browser's, its name in the session's directory; "": none */
    int is_foreign;        /* the redirect may come from another user's program */
};

static void remove_page(struct login *login)
{
    if (login->page.len)
        (void)unlinkat(login->holder->cache.directory_fd, login->page.bytes, 0);
    buffer_wipe(&login->page);
}

static void login_wipe(struct login *login)
{
    remove_page(login);
    buffer_wipe(&login->secret);
    buffer_wipe(&login->request);
}

/* What a user's token is asked for: the audience, the configured scope, and a refresh token. */
static void put_audience_and_scope(const struct settings *settings, struct buffer *request)
{
    const char *configured = setting(settings, SETTING_SCOPE);
    SCRATCH scope = BUFFER_EMPTY;

    buffer_printf(&scope, "%s%s%s", configured, *configured ? " " : "",
                  strstr(configured, "offline_access") ? "" : "offline_access");
    kv_put(request, "audience", setting(settings, SETTING_AUDIENCE));
    kv_put(request, "scope", scope.bytes);
}

/* Writes a page that redirects to url at once, to a file that only this user can read. 0, or -1. */
static int write_page(struct login *login, const char *url)
{
    SCRATCH page = BUFFER_EMPTY, name = BUFFER_EMPTY;
    CLOSED fd = -1;

    buffer_puts(&page, "<!doctype html><meta charset=utf-8><title>rhythm</title>"
                       "<meta name=referrer content=no-referrer>"
                       "<meta http-equiv=refresh content=\"0;url=");
    for (; *(url = text_put_until(&page, url, "&")); url++)
        buffer_puts(&page, "&amp;"); /* percent-encoded: none of HTML's other characters is in it */
    buffer_puts(&page, "\">\n");
    buffer_printf(&name, "login+%ld.html", (long)getpid());
    fd = directory_open_file(login->holder->cache.directory_fd, name.bytes,
                             O_WRONLY | O_CREAT | O_EXCL);
    if (fd < 0)
        return -1;
    buffer_set(&login->page, name.bytes);
    return buffer_write(&page, fd);
}

/*
 * Starts the browser with the page; the URL is for browsers that cannot read it. The callback is named at
 * once, because an issuer that refuses it says so in the browser alone: nothing comes back.
 */
static void open_browser(struct login *login, const char *url, const char *redirect_uri)
{
    /* $BROWSER without quotes: it may have arguments */
    static const char script[] = "if [ -n \"$BROWSER\" ]; then exec $BROWSER \"$1\"; fi; "
                                 "if command -v xdg-open; then exec xdg-open \"$1\"; fi; "
                                 "exec open \"$1\"";
    SCRATCH path = BUFFER_EMPTY;
    const char *arguments[] = {"/bin/sh", "-c", script, "sh", NULL, NULL};

    if (write_page(login, url) == 0) {
        buffer_printf(&path, "%s/%s", login->holder->cache.directory.bytes, login->page.bytes);
        arguments[4] = path.bytes;
        (void)child_launch(arguments);
    }
    message_prompt("log in with your browser; if no login page opens, go to %s", url);
    message_prompt("if the page says \"Callback URL mismatch\", ask Rhythm support to add %s to the "
                   "application's allowed callback URLs", redirect_uri);
}

/* Reads the redirect that a person pastes, and hands it to rhythm-net. */
static int paste_redirect(struct child *net, const char *url)
{
    SCRATCH line = BUFFER_EMPTY, message = BUFFER_EMPTY;

    message_prompt("open %s", url);
    message_prompt("log in there, then paste the address of the page that you end up on:");
    (void)child_read_line(STDIN_FILENO, PASTE_MAX, clock_steady_ms() + WAIT_S * 1000, &line);
    buffer_puts(&line, ""); /* a string even if nothing was read */
    kv_put_bytes(&message, "redirect", line.bytes, strcspn(line.bytes, "\r\n"));
    return attributes_send(&message, net->to) == 0
               ? STATUS_OK
               : message_fail(STATUS_BUG, "cannot write to rhythm-net: %s", strerror(errno));
}

/* Adds the code of an authorization, in the browser or pasted, to the token request. */
static int authorize(struct login *login, struct child *net)
{
    WIPED_BY(attributes_wipe) struct attributes answer = {0};
    int status = internal_receive(net, &answer, internal_limit_s(login->holder->settings, 0));
    const char *url = attribute(&answer, "authorize_url");

    if (status == STATUS_OK && !*url)
        return internal_status(&answer);
    if (status == STATUS_OK && login->holder->options->no_browser)
        status = paste_redirect(net, url);
    else if (status == STATUS_OK)
        open_browser(login, url, attribute(&answer, "redirect_uri"));
    if (status == STATUS_OK)
        status = internal_receive(net, &answer, WAIT_S);
    if (status == STATUS_OK)
        status = internal_status(&answer);
    if (status != STATUS_OK)
        return status;
    kv_put(&login->request, "code", attribute(&answer, "code"));
    kv_put(&login->request, "code_verifier", attribute(&answer, "code_verifier"));
    kv_put(&login->request, "redirect_uri", attribute(&answer, "redirect_uri"));
    login->is_foreign = strcmp(attribute(&answer, "peer"), "ours") != 0 &&
                        strcmp(attribute(&answer, "peer"), "pasted") != 0;
    return STATUS_OK;
}

/* RFC 6749, section 4.1, with PKCE. The lease must not be held, because a person takes minutes. */
static int prepare_code(struct login *login)
{
    const struct settings *settings = login->holder->settings;
    struct child net = CHILD_NONE;
    SCRATCH request = BUFFER_EMPTY;
    int status;

    minting_request(settings, &login->secret, "authorization_code", &login->request);
    minting_request(settings, &(struct buffer)BUFFER_EMPTY, "authorization_code", &request);
    kv_put(&request, "redirect_uri", setting(settings, SETTING_REDIRECT_URI));
    put_audience_and_scope(settings, &request);
    if (login->holder->options->no_browser)
        kv_put(&request, "paste", "yes");
    status = internal_start(&net, "authorize", &request);
    if (status != STATUS_OK)
        return status;
    status = authorize(login, &net);
    if (status == STATUS_OK)
        (void)child_reap(&net, clock_steady_ms() + END_MS);
    else
        child_kill(&net);
    return status;
}

static int prepare_password(struct login *login)
{
    const struct settings *settings = login->holder->settings;
    SCRATCH password = BUFFER_EMPTY;
    int status;

    if (!*setting(settings, SETTING_USERNAME))
        return message_fail(STATUS_CONFIG, "grant=password needs a username; set username");
    status = credential_password(settings, &password);
    if (status != STATUS_OK)
        return status;
    minting_request(settings, &login->secret, "password", &login->request);
    kv_put(&login->request, "username", setting(settings, SETTING_USERNAME));
    kv_put(&login->request, "password", password.bytes);
    put_audience_and_scope(settings, &login->request);
    return STATUS_OK;
}

/* Appends whose token it is: its name claims, and sub. */
static void put_who(const struct entry *entry, struct buffer *out)
{
    static const char *const names[] = {"contact_name", "name", "email", "sub"};
    WIPED_BY(attributes_wipe) struct attributes claims = {0};
    SCRATCH text = BUFFER_EMPTY;

    buffer_append(&text, buffer_text(&entry->claims), entry->claims.len);
    if (attributes_parse(&claims, &text) == 0)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (*attribute(&claims, names[i]))
                buffer_printf(out, "%s%s", out->len ? ", " : "", attribute(&claims, names[i]));
    if (!out->len)
        buffer_puts(out, "someone whom the token does not name");
}

/* Another user's program may have brought the redirect: only a person can say that it is right. */
static int confirm(const char *who)
{
    SCRATCH prompt = BUFFER_EMPTY, line = BUFFER_EMPTY, shown = BUFFER_EMPTY;

    text_escape_controls(&shown, who, strlen(who));
    buffer_printf(&prompt, "The redirect did not come from one of your programs.\n"
                           "Log in as %s? [y/N] ", shown.bytes);
    if (terminal_ask(&prompt, 0, &line) != 0)
        return message_fail(STATUS_REFUSED, "the redirect did not come from one of your programs, and "
                            "there is no terminal to ask whether to log in as %s; log in from a "
                            "terminal (nothing was stored)", who);
    if (!terminal_is_yes(&line))
        return message_fail(STATUS_REFUSED, "the login was not confirmed; nothing was stored");
    return STATUS_OK;
}

/*
 * Makes one request to the token endpoint, under the lease, and stores the new entry: at once, in
 * case a signal ends us, unless a person has to agree first.
 */
static int exchange(struct login *login)
{
    const struct settings *settings = login->holder->settings;
    struct cache *cache = &login->holder->cache;
    struct entry *entry = &login->holder->entry;
    long long wait_s = internal_limit_s(settings, 2);
    SCRATCH who = BUFFER_EMPTY;
    enum outcome outcome; /* not used: a user's request counts against no limit */
    int status = cache_lease(cache, wait_s);

    if (status == STATUS_TRY_LATER)
        return cache_fail_lease(cache, wait_s);
    if (status != STATUS_OK)
        return status;
    signals_hold(2);
    status = minting_ask(cache, settings, &login->request, !login->is_foreign, entry, &outcome);
    signals_release();
    if (status != STATUS_OK)
        return status;
    put_who(entry, &who);
    if (login->is_foreign) {
        status = confirm(who.bytes);
        if (status != STATUS_OK)
            return status;
        minting_keep(cache, entry);
    }
    message_say(NORMAL, "logged in as %s; the token is valid for %lld s%s", who.bytes,
                expiry_at(entry, clock_s()) - clock_s(),
                entry->refresh_token.len ? " and is renewed automatically"
                                         : "; then log in again (the issuer gave no refresh token)");
    return STATUS_OK;
}

/* The grants that need a person, and the function that asks that person. */
static const struct way {
    const char *grant;
    int (*prepare)(struct login *login);
} ways[] = {
    {"authorization_code", prepare_code},
    {"password", prepare_password},
};

static const struct way *find_way(const char *grant)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strcmp(ways[i].grant, grant) == 0)
            return &ways[i];
    return NULL;
}

int login_start(struct holder *holder)
{
    WIPED_BY(login_wipe) struct login login = {.holder = holder};
    const struct settings *settings = holder->settings;
    const struct way *way = find_way(setting(settings, SETTING_GRANT));
    int status = settings_need_client(settings);

    if (status != STATUS_OK)
        return status;
    if (!way)
        return message_fail(STATUS_CONFIG, "profile %s is a machine's (grant=client_credentials), "
                            "which needs no login; for a person, set grant=authorization_code, or "
                            "grant=password and username", settings->profile.bytes);
    if (holder->options->offline)
        return message_fail(STATUS_UNAVAILABLE, "a login needs the issuer; leave out --offline");
    /* before a person is asked or a command runs */
    status = cache_open(&holder->cache, settings, 1);
    if (status == STATUS_OK)
        status = ledger_check(settings);
    if (status == STATUS_OK)
        status = credential_client_secret(settings, &login.secret);
    if (status != STATUS_OK)
        return status;
    signals_hold(1); /* or the page would stay */
    status = way->prepare(&login);
    remove_page(&login);
    signals_release();
    return status == STATUS_OK ? exchange(&login) : status;
}

/* Deletes a machine's token that hosts share, for all of them. */
static int erase_shared(const struct holder *holder, const struct buffer *secret)
{
    WIPED_BY(shared_wipe) struct shared shared = {0};
    const struct options *options = holder->options;
    int status = shared_prepare(&shared, holder->settings, options->no_shared || options->offline);

    if (status == STATUS_OK)
        status = shared_open(&shared, holder->cache.identity.bytes, secret);
    return status == STATUS_OK ? shared_erase(&shared) : status;
}

/* Revokes the refresh token (RFC 7009); the entry is already deleted. */
static int revoke_login(const struct holder *holder, const struct buffer *secret)
{
    const struct settings *settings = holder->settings;
    WIPED_BY(attributes_wipe) struct attributes answer = {0};
    SCRATCH request = BUFFER_EMPTY;

    if (!holder->entry.refresh_token.len)
        return STATUS_OK;
    if (holder->options->offline) {
        message_warn("--offline: the refresh token is deleted here but not revoked");
        return STATUS_OK;
    }
    minting_request(settings, secret, "", &request);
    kv_put(&request, "refresh_token", holder->entry.refresh_token.bytes);
    return internal_ask("revoke", &request, &answer, internal_limit_s(settings, 1));
}

int login_end(struct holder *holder)
{
    const struct settings *settings = holder->settings;
    struct cache *cache = &holder->cache;
    long long wait_s = internal_limit_s(settings, 2);
    SCRATCH secret = BUFFER_EMPTY;
    int found = 0;
    int status = settings_need_client(settings);

    if (status == STATUS_OK)
        status = cache_open(cache, settings, 0);
    if (status == STATUS_OK) /* without a secret, the tokens here are deleted all the same */
        (void)credential_client_secret(settings, &secret);
    if (status == STATUS_OK && cache->directory_fd >= 0)
        status = cache_lease(cache, wait_s);
    if (status == STATUS_TRY_LATER)
        return cache_fail_lease(cache, wait_s);
    if (status == STATUS_OK)
        status = cache_load(cache, &holder->entry);
    if (status == STATUS_OK)
        status = cache_erase(cache, &found); /* even one that cannot be read */
    if (status == STATUS_OK)
        status = revoke_login(holder, &secret);
    if (status == STATUS_OK)
        status = erase_shared(holder, &secret);
    if (status == STATUS_OK)
        message_say(NORMAL, !found                      ? "profile %s has no token to delete"
                            : holder->entry.token.len ? "the token of profile %s is deleted"
                                                      : "the unreadable cache entry of profile %s is "
                                                        "deleted; a login in it is not revoked",
                    settings->profile.bytes);
    return status;
}
