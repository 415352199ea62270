#include "net/login.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/clock.h"
#include "base/message.h"
#include "net/issuer.h"
#include "net/mint.h"
#include "token/cache.h"
#include "token/expiry.h"
#include "token/url.h"

#define WAIT_S 300
#define REQUEST_MS 2000   /* for one request to arrive: a slow scanner must not keep us */
#define REQUEST_MAX 16384 /* bytes of a request's head, or of what was pasted */

/* What a redirect can carry. */
enum { CODE, STATE, ISS, ERROR, DESCRIPTION, FIELD_COUNT };
static const char *const field_names[] = {"code=", "state=", "iss=", "error=",
                                          "error_description="};

/* One login in the browser. */
struct attempt {
    const struct settings *settings;
    struct buffer issuer;
    struct buffer verifier; /* RFC 7636, section 4.1 */
    struct buffer state;
    struct buffer redirect_uri;
    const char *path; /* of it */
    struct buffer url; /* of the authorization request */
    struct buffer field[FIELD_COUNT]; /* what came */
    int pasted; /* the redirect comes from the terminal, not over the network */
    int listener;
    int connection; /* the browser's, which brought the redirect and is to be answered */
};

static void forget_fields(struct attempt *attempt)
{
    for (int i = 0; i < FIELD_COUNT; i++)
        buffer_wipe(&attempt->field[i]);
}

static void attempt_wipe(struct attempt *attempt)
{
    buffer_wipe(&attempt->issuer);
    buffer_wipe(&attempt->verifier);
    buffer_wipe(&attempt->state);
    buffer_wipe(&attempt->redirect_uri);
    buffer_wipe(&attempt->url);
    forget_fields(attempt);
}

/* Appends 32 random bytes in hexadecimal: 64 characters that both PKCE and state may hold. */
static int put_random(struct buffer *out)
{
    unsigned char bytes[32];

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return message_fail(STATUS_BUG, "libcrypto has no random numbers");
    for (size_t i = 0; i < sizeof bytes; i++)
        buffer_printf(out, "%02x", bytes[i]);
    explicit_bzero(bytes, sizeof bytes);
    return STATUS_OK;
}

/* Appends BASE64URL(SHA256(verifier)), RFC 7636, section 4.2. */
static int put_challenge(const struct buffer *verifier, struct buffer *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char encoded[2 * EVP_MAX_MD_SIZE];
    unsigned int len = 0;

    if (EVP_Digest(verifier->bytes, verifier->len, digest, &len, EVP_sha256(), NULL) != 1)
        return message_fail(STATUS_BUG, "libcrypto cannot make a SHA-256 digest");
    EVP_EncodeBlock((unsigned char *)encoded, digest, (int)len);
    for (char *c = encoded; *c; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c == '=' ? '\0' : *c;
    buffer_puts(out, encoded);
    return STATUS_OK;
}

/*
 * Listens where the redirect is to go, and makes the redirect URI. Where the redirect is pasted
 * nobody has to listen, so a configured port may be somebody else's.
 */
static int listen_for_redirect(struct attempt *attempt)
{
    const char *uri = setting(attempt->settings, SETTING_REDIRECT_URI);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    struct url_redirect to;
    int on = 1;

    (void)url_parse_redirect(uri, &to); /* settings have checked it */
    address.sin_port = htons((uint16_t)to.port);
    attempt->path = to.path;
    if (to.port && attempt->pasted) {
        buffer_puts(&attempt->redirect_uri, uri);
        return STATUS_OK;
    }
    attempt->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (attempt->listener < 0 ||
        setsockopt(attempt->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(attempt->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(attempt->listener, 8) != 0 ||
        getsockname(attempt->listener, (struct sockaddr *)&address, &len) != 0)
        return message_fail(STATUS_UNAVAILABLE, "cannot listen on 127.0.0.1 port %d: %s; set "
                            "another redirect_port, or use --no-browser", to.port, strerror(errno));
    buffer_printf(&attempt->redirect_uri, "http://%.*s:%u%s", to.host_len, to.host,
                  ntohs(address.sin_port), to.path);
    return STATUS_OK;
}

/* What a user's token is asked for: the audience, the configured scope, and a refresh token. */
static void put_wishes(struct buffer *form, const struct settings *settings)
{
    const char *configured = setting(settings, SETTING_SCOPE);
    SCRATCH scope = BUFFER_EMPTY;

    buffer_printf(&scope, "%s%s%s", configured, *configured ? " " : "",
                  strstr(configured, "offline_access") ? "" : "offline_access");
    issuer_put_field(form, "audience", setting(settings, SETTING_AUDIENCE));
    issuer_put_field(form, "scope", scope.bytes);
}

/* The authorization request: RFC 6749, section 4.1.1, and RFC 7636, section 4.3. */
static int prepare(struct attempt *attempt)
{
    const struct settings *settings = attempt->settings;
    SCRATCH query = BUFFER_EMPTY, challenge = BUFFER_EMPTY;
    int status;

    if ((status = put_random(&attempt->verifier)) != STATUS_OK ||
        (status = put_random(&attempt->state)) != STATUS_OK ||
        (status = put_challenge(&attempt->verifier, &challenge)) != STATUS_OK ||
        (status = listen_for_redirect(attempt)) != STATUS_OK)
        return status;
    settings_issuer_url(settings, &attempt->issuer);
    issuer_put_field(&query, "response_type", "code");
    issuer_put_field(&query, "client_id", setting(settings, SETTING_CLIENT_ID));
    issuer_put_field(&query, "redirect_uri", attempt->redirect_uri.bytes);
    put_wishes(&query, settings);
    issuer_put_field(&query, "state", attempt->state.bytes);
    issuer_put_field(&query, "code_challenge", challenge.bytes);
    issuer_put_field(&query, "code_challenge_method", "S256");
    buffer_printf(&attempt->url, "%s/authorize?%s", attempt->issuer.bytes, query.bytes);
    return STATUS_OK;
}

/* Runs a browser with the URL, detached from us. */
static _Noreturn void become_browser(const char *url)
{
    static const char script[] = "if [ -n \"$BROWSER\" ]; then exec $BROWSER \"$1\"; fi; "
                                 "if command -v xdg-open; then exec xdg-open \"$1\"; fi; "
                                 "exec open \"$1\"";
    int null = open("/dev/null", O_RDWR);

    setsid();
    unsetenv("RHYTHM_CLIENT_SECRET");
    unsetenv("RHYTHM_PASSWORD");
    if (null >= 0 && dup2(null, 0) >= 0 && dup2(null, 1) >= 0 && dup2(null, 2) >= 0)
        execl("/bin/sh", "sh", "-c", script, "sh", url, (char *)NULL);
    _exit(127);
}

static void open_browser(const struct attempt *attempt)
{
    pid_t child = fork();

    if (child == 0) {
        if (fork() == 0) /* twice, so that nobody has to wait for a browser */
            become_browser(attempt->url.bytes);
        _exit(0);
    }
    if (child > 0)
        waitpid(child, NULL, 0);
    message_prompt("log in in the browser; if none opened, go to %s", attempt->url.bytes);
}

/* Takes the query of a redirect apart; it ends at a space, a fragment or the text's end. */
static void parse_query(struct attempt *attempt, const char *query)
{
    while (*query && !strchr(" #\r\n", *query)) {
        size_t len = strcspn(query, "& #\r\n");

        for (size_t i = 0; i < FIELD_COUNT; i++) {
            size_t name_len = strlen(field_names[i]);

            if (len <= name_len || strncmp(query, field_names[i], name_len) != 0)
                continue;
            buffer_truncate(&attempt->field[i], 0);
            url_decode(&attempt->field[i], query + name_len, len - name_len);
        }
        query += len + (query[len] == '&');
    }
}

/* 1 if the redirect answers this attempt: whoever else knocks does not know the state. */
static int is_ours(const struct attempt *attempt)
{
    return strcmp(buffer_text(&attempt->field[STATE]), attempt->state.bytes) == 0;
}

static void respond(int fd, const char *status, const char *title, const char *text)
{
    SCRATCH page = BUFFER_EMPTY, out = BUFFER_EMPTY;

    buffer_printf(&page, "<!doctype html><meta charset=utf-8><title>rhythm</title>"
                         "<body style=\"font:1.2em sans-serif;margin:4em auto;max-width:30em\">"
                         "<h1>%s</h1><p>%s</p>\n", title, text);
    buffer_printf(&out, "HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\n"
                        "Content-Length: %zu\r\nCache-Control: no-store\r\n"
                        "Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n%s",
                  status, page.len, page.bytes);
    (void)send(fd, out.bytes, out.len, MSG_NOSIGNAL);
}

/* Reads a request's head: at most REQUEST_MAX bytes, at most REQUEST_MS long. 0, or -1. */
static int read_head(int fd, struct buffer *head)
{
    long long deadline_ns = clock_ns() + REQUEST_MS * 1000000LL;

    while (!head->len || !strstr(head->bytes, "\r\n\r\n")) {
        struct pollfd ready = {fd, POLLIN, 0};
        long long left_ms = (deadline_ns - clock_ns()) / 1000000;
        char chunk[2048];
        ssize_t got;

        if (left_ms <= 0 || left_ms > REQUEST_MS || poll(&ready, 1, (int)left_ms) != 1)
            return -1;
        got = recv(fd, chunk, sizeof chunk, 0);
        if (got <= 0 || memchr(chunk, '\0', (size_t)got) || head->len + (size_t)got > REQUEST_MAX)
            return -1;
        buffer_append(head, chunk, (size_t)got);
    }
    return 0;
}

/* Answers one connection. 1 if it brought our redirect, which is left to be answered. */
static int take_connection(struct attempt *attempt, int fd)
{
    SCRATCH head = BUFFER_EMPTY, wanted = BUFFER_EMPTY;
    const char *refusal = read_head(fd, &head) != 0 ? "400 Bad Request" : NULL;

    buffer_printf(&wanted, "GET %s?", attempt->path);
    if (!refusal && strncmp(head.bytes, wanted.bytes, wanted.len) != 0)
        refusal = "404 Not Found";
    if (refusal) {
        respond(fd, refusal, "Not a login", "This address waits for a login only.");
        return 0;
    }
    parse_query(attempt, head.bytes + wanted.len);
    if (is_ours(attempt))
        return 1;
    message_warn("a redirect with a foreign state came and was refused; still waiting");
    respond(fd, "400 Bad Request", "Not this login",
            "It belongs to another login. Start again from the terminal.");
    forget_fields(attempt);
    return 0;
}

static int wait_for_redirect(struct attempt *attempt)
{
    long long deadline_s = clock_s() + WAIT_S;

    while (clock_s() < deadline_s) {
        struct pollfd ready = {attempt->listener, POLLIN, 0};
        int fd;

        if (poll(&ready, 1, 1000) < 1)
            continue;
        fd = accept4(attempt->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0 && take_connection(attempt, fd)) {
            attempt->connection = fd;
            return STATUS_OK;
        }
        if (fd >= 0)
            close(fd);
    }
    return message_fail(STATUS_TRY_LATER, "nobody logged in within %d s; run rhythm-token login "
                        "again", WAIT_S);
}

/* The redirect's URL from a person who has the browser elsewhere. */
static int paste_redirect(struct attempt *attempt)
{
    SCRATCH line = BUFFER_EMPTY;
    char byte;
    const char *query;

    message_prompt("open %s", attempt->url.bytes);
    message_prompt("log in there, and paste here the address that the browser ends on:");
    while (line.len < REQUEST_MAX && read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n')
        buffer_append(&line, &byte, 1);
    query = strchr(buffer_text(&line), '?');
    parse_query(attempt, query ? query + 1 : buffer_text(&line));
    if (!attempt->field[STATE].len)
        return message_fail(STATUS_BAD_INPUT, "that is no redirect of this login: it has no state; "
                            "run rhythm-token login again");
    if (!is_ours(attempt))
        return message_fail(STATUS_BAD_INPUT, "the redirect's state is another login's; run "
                            "rhythm-token login again");
    return STATUS_OK;
}

/* What the redirect says (RFC 6749, section 4.1.2; RFC 9207, section 2.4). */
static int judge_redirect(const struct attempt *attempt)
{
    const struct buffer *field = attempt->field;

    if (field[ISS].len && !issuer_is(attempt->issuer.bytes, field[ISS].bytes))
        return message_fail(STATUS_PROTOCOL, "the redirect is from another issuer, %.200s",
                            field[ISS].bytes);
    if (field[ERROR].len)
        return message_fail(STATUS_REFUSED, "the login ended with %.100s%s%.300s",
                            field[ERROR].bytes, field[DESCRIPTION].len ? ": " : "",
                            buffer_text(&field[DESCRIPTION]));
    if (!field[CODE].len)
        return message_fail(STATUS_PROTOCOL, "the redirect has neither a code nor an error");
    return STATUS_OK;
}

/* One request to the token endpoint, under the lease, and the new entry in the session. */
static int exchange(struct cache *cache, const struct settings *settings, struct buffer *form,
                    const struct buffer *secret)
{
    WIPED_BY(entry_wipe) struct entry entry = {0};
    int status = cache_lease(cache, 2 * setting_number(settings, SETTING_TIMEOUT) + 10);

    if (status == STATUS_OK)
        status = mint_with_form(cache, settings, form, secret, &entry);
    if (status == STATUS_OK)
        message_warn("logged in; the token lives %lld s%s",
                       expiry_at(&entry, clock_s()) - clock_s(),
                       entry.refresh_token.len ? " and is renewed by itself"
                                               : ", then log in again (no refresh token came)");
    return status;
}

static int login_in_browser(struct cache *cache, const struct options *options,
                            const struct settings *settings, const struct buffer *secret)
{
    WIPED_BY(attempt_wipe) struct attempt attempt = {
        .settings = settings, .pasted = options->no_browser, .listener = -1, .connection = -1};
    SCRATCH form = BUFFER_EMPTY;
    int status = prepare(&attempt);

    if (status == STATUS_OK && attempt.pasted) {
        status = paste_redirect(&attempt);
    } else if (status == STATUS_OK) {
        open_browser(&attempt);
        status = wait_for_redirect(&attempt);
    }
    if (attempt.listener >= 0)
        close(attempt.listener); /* a second redirect finds nobody */
    if (status == STATUS_OK)
        status = judge_redirect(&attempt);
    if (status == STATUS_OK) {
        issuer_put_field(&form, "grant_type", "authorization_code");
        issuer_put_field(&form, "code", attempt.field[CODE].bytes);
        issuer_put_field(&form, "redirect_uri", attempt.redirect_uri.bytes);
        issuer_put_field(&form, "code_verifier", attempt.verifier.bytes);
        status = exchange(cache, settings, &form, secret);
    }
    if (attempt.connection >= 0) {
        respond(attempt.connection, "200 OK", status == STATUS_OK ? "Logged in" : "Not logged in",
                status == STATUS_OK ? "This window can be closed."
                                    : "The terminal says why. This window can be closed.");
        close(attempt.connection);
    }
    return status;
}

static int login_with_password(struct cache *cache, const struct settings *settings,
                               const struct buffer *secret, const struct buffer *password)
{
    SCRATCH form = BUFFER_EMPTY;

    issuer_put_field(&form, "grant_type", "password");
    issuer_put_field(&form, "username", setting(settings, SETTING_USERNAME));
    issuer_put_field(&form, "password", buffer_text(password));
    put_wishes(&form, settings);
    return exchange(cache, settings, &form, secret);
}

int login_start(const struct options *options, const struct settings *settings,
                const struct buffer *secret, const struct buffer *password)
{
    struct cache cache;
    int status = cache_open(&cache, settings, 1); /* before anybody is asked anything */

    if (status == STATUS_OK && strcmp(setting(settings, SETTING_GRANT), "password") == 0)
        status = login_with_password(&cache, settings, secret, password);
    else if (status == STATUS_OK)
        status = login_in_browser(&cache, options, settings, secret);
    cache_close(&cache);
    return status;
}

int login_end(const struct options *options, const struct settings *settings,
              const struct buffer *secret)
{
    struct cache cache;
    WIPED_BY(entry_wipe) struct entry entry = {0};
    int found = 0;
    int status = cache_open(&cache, settings, 0);

    if (status == STATUS_OK && cache.directory_fd >= 0)
        status = cache_lease(&cache, 2 * setting_number(settings, SETTING_TIMEOUT) + 10);
    if (status == STATUS_OK)
        status = cache_load(&cache, &entry);
    if (status == STATUS_OK)
        status = cache_erase(&cache, &found); /* one that cannot be read too */
    if (status == STATUS_OK && entry.refresh_token.len && options->offline)
        message_warn("--offline: the refresh token is forgotten here, not revoked");
    else if (status == STATUS_OK && entry.refresh_token.len)
        status = issuer_revoke(settings, entry.refresh_token.bytes, secret);
    if (status == STATUS_OK)
        message_warn(found ? "the token of profile %s is forgotten"
                             : "profile %s has no token to forget", settings->profile.bytes);
    cache_close(&cache);
    return status;
}
