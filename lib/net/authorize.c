#include "net/authorize.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/platform.h"
#include "base/uri.h"
#include "jwt/base64url.h"
#include "net/issuer.h"

#define WAIT_MS 300000
#define REQUEST_MS 2000   /* for one request to arrive: a slow scanner must not hold up the login */
#define REQUEST_MAX 16384 /* bytes of a request's head, or of what was pasted */
#define LISTENERS 2       /* localhost is 127.0.0.1 and ::1, and browsers choose */

/* One login in the browser. */
struct attempt {
    const struct attributes *request;
    const char *issuer;
    struct buffer redirect_uri; /* with the port that it listens on */
    struct buffer verifier; /* RFC 7636, section 4.1 */
    struct buffer state;
    struct buffer wanted; /* how the request with the redirect begins */
    struct attributes redirect; /* the query that came: code= state= iss= error= ... */
    struct pollfd listeners[LISTENERS];
    nfds_t listener_count;
    int connection; /* from the browser, with the redirect */
};

static void attempt_wipe(struct attempt *attempt)
{
    for (nfds_t i = 0; i < attempt->listener_count; i++)
        close(attempt->listeners[i].fd);
    buffer_close(&attempt->connection);
    buffer_wipe(&attempt->verifier);
    buffer_wipe(&attempt->state);
    buffer_wipe(&attempt->redirect_uri);
    buffer_wipe(&attempt->wanted);
    attributes_wipe(&attempt->redirect);
}

/* Appends 32 random bytes, encoded as both PKCE (RFC 7636, section 4.1) and a state may be. */
static int put_random(struct buffer *out)
{
    unsigned char bytes[32];

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return message_fail(STATUS_BUG, "libcrypto has no random numbers; check OpenSSL's "
                            "configuration");
    base64url_encode(bytes, sizeof bytes, out);
    platform_wipe(bytes, sizeof bytes);
    return STATUS_OK;
}

/* Appends BASE64URL(SHA256(verifier)), RFC 7636, section 4.2. */
static int put_challenge(const struct buffer *verifier, struct buffer *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;

    if (EVP_Digest(verifier->bytes, verifier->len, digest, &len, EVP_sha256(), NULL) != 1)
        return message_fail(STATUS_BUG, "libcrypto cannot compute SHA-256; check OpenSSL's "
                            "configuration");
    base64url_encode(digest, len, out);
    return STATUS_OK;
}

/* Adds a listener on one address; port 0 is replaced by the port it got. 0, or -1 with errno. */
static int listen_on(struct attempt *attempt, struct addrinfo *address, in_port_t *port)
{
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;
    /* IPv4 and IPv6 addresses have the port in the same place */
    struct sockaddr_in *at = (struct sockaddr_in *)(void *)address->ai_addr;
    int is_six = address->ai_family == AF_INET6;
    int on = 1;
    int fd = socket(address->ai_family, SOCK_STREAM, 0);

    if (fd < 0)
        return -1;
    at->sin_port = *port;
    /* without SO_REUSEADDR the last login's connection holds the port for a minute (TIME_WAIT) */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (is_six && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) ||
        bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, 8) != 0 ||
        getsockname(fd, (struct sockaddr *)&bound, &len) != 0) {
        buffer_close(&fd); /* keeps errno */
        return -1;
    }
    *port = ((struct sockaddr_in *)(void *)&bound)->sin_port;
    attempt->listeners[attempt->listener_count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    return 0;
}

/* Listens on HOST:PORT of http://HOST:PORT/PATH; rhythm-token checked that it is loopback. */
static int listen_for_redirect(struct attempt *attempt, const char *uri)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    const char *host = uri + strlen("http://");
    int is_bracketed = *host == '[';
    size_t host_len = is_bracketed ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    const char *path = host + strcspn(host, "/");
    in_port_t port = htons((uint16_t)(host[host_len] == ':' ? atoi(host + host_len + 1) : 80));
    SCRATCH name = BUFFER_EMPTY;
    int missing = 0; /* the reason why this machine lacks an address, which alone is no failure */
    int failed = 0; /* a program on the other address of localhost could take the redirect */
    int error;

    buffer_append(&name, host + is_bracketed, host_len - (size_t)(2 * is_bracketed));
    error = getaddrinfo(name.bytes, NULL, &hints, &found);
    for (struct addrinfo *a = found; a && attempt->listener_count < LISTENERS; a = a->ai_next)
        if (listen_on(attempt, a, &port) != 0)
            *(errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT ? &missing : &failed) = errno;
    if (found)
        freeaddrinfo(found);
    buffer_printf(&attempt->redirect_uri, "http://%.*s:%u%s", (int)host_len, host, ntohs(port), path);
    buffer_printf(&attempt->wanted, "GET %s?", path);
    if (attempt->listener_count && !failed)
        return STATUS_OK;
    return message_fail(STATUS_UNAVAILABLE, "cannot listen on %s: %s; stop the program that uses "
                        "this port, set redirect_uri to another allowed callback URL, or use "
                        "--no-browser", uri, error ? gai_strerror(error) : strerror(failed ? failed : missing));
}

/* Sends the authorization request's URL: RFC 6749, section 4.1.1, and RFC 7636, section 4.3. */
static int send_url(struct attempt *attempt)
{
    const struct attributes *request = attempt->request;
    SCRATCH query = BUFFER_EMPTY, challenge = BUFFER_EMPTY, url = BUFFER_EMPTY, out = BUFFER_EMPTY;
    int status = put_challenge(&attempt->verifier, &challenge);

    if (status != STATUS_OK)
        return status;
    uri_put_field(&query, "response_type", "code");
    uri_put_field(&query, "client_id", attribute(request, "client_id"));
    uri_put_field(&query, "redirect_uri", attempt->redirect_uri.bytes);
    uri_put_field(&query, "audience", attribute(request, "audience"));
    uri_put_field(&query, "scope", attribute(request, "scope"));
    uri_put_field(&query, "state", attempt->state.bytes);
    uri_put_field(&query, "code_challenge", challenge.bytes);
    uri_put_field(&query, "code_challenge_method", "S256");
    buffer_printf(&url, "%s/authorize?%s", attempt->issuer, query.bytes);
    kv_put(&out, "authorize_url", url.bytes);
    kv_put(&out, "redirect_uri", attempt->redirect_uri.bytes);
    return attributes_send(&out, STDIN_FILENO) == 0 ? STATUS_OK : STATUS_BUG;
}

/*
 * Parses the query of a redirect; it ends at a space, a fragment or the end of the text. If a name is
 * repeated, which RFC 6749, section 3.1, forbids, the first value counts.
 */
static void parse_query(struct attempt *attempt, const char *query)
{
    SCRATCH lines = BUFFER_EMPTY, name = BUFFER_EMPTY, value = BUFFER_EMPTY;

    for (size_t len; *query && !strchr(" #\r\n", *query); query += len + (query[len] == '&')) {
        size_t name_len = strcspn(query, "=& #\r\n");

        len = strcspn(query, "& #\r\n");
        if (name_len == 0 || name_len == len) /* no name, or no = */
            continue;
        buffer_truncate(&name, 0);
        buffer_append(&name, query, name_len);
        buffer_truncate(&value, 0);
        uri_decode(&value, query + name_len + 1, len - name_len - 1);
        kv_put_bytes(&lines, name.bytes, buffer_text(&value), value.len);
    }
    (void)attributes_parse(&attempt->redirect, &lines);
}

/* 1 if the redirect answers this attempt: nobody else knows the state. */
static int is_ours(const struct attempt *attempt)
{
    return strcmp(attribute(&attempt->redirect, "state"), attempt->state.bytes) == 0;
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
    (void)send(fd, out.bytes, out.len, 0); /* SIGPIPE is ignored */
}

/* Reads a request's head: at most REQUEST_MAX bytes, at most REQUEST_MS long. 0, or -1. */
static int read_head(int fd, struct buffer *head)
{
    long long deadline_ms = clock_steady_ms() + REQUEST_MS;

    while (!strstr(buffer_text(head), "\r\n\r\n"))
        if (child_read(fd, REQUEST_MAX, deadline_ms, head) != 1 || strlen(head->bytes) < head->len)
            return -1; /* a NUL too: no browser sends one */
    return 0;
}

/* Answers one connection. 1 if it brought our redirect, which the caller answers. */
static int take_connection(struct attempt *attempt, int fd)
{
    const char *wanted = attempt->wanted.bytes;
    SCRATCH head = BUFFER_EMPTY;
    const char *refusal = read_head(fd, &head) != 0 ? "400 Bad Request" : NULL;

    if (!refusal && strncmp(buffer_text(&head), wanted, strlen(wanted)) != 0)
        refusal = "404 Not Found";
    if (refusal) {
        respond(fd, refusal, "Not a login",
                "This address accepts only the redirect of rhythm-token login.");
        return 0;
    }
    parse_query(attempt, buffer_text(&head) + strlen(wanted));
    if (is_ours(attempt))
        return 1;
    message_warn("refused a redirect whose state is not this login's; still waiting");
    respond(fd, "400 Bad Request", "Another login",
            "This redirect belongs to another login. Start again from the terminal.");
    return 0;
}

/* Whose program sent the redirect: another user's might log us in as somebody else. */
static const char *peer_of(int fd)
{
    unsigned long uid;

    if (platform_peer_uid(fd, &uid) != 0)
        return "unknown";
    return uid == (unsigned long)geteuid() ? "ours" : "other";
}

static int wait_for_redirect(struct attempt *attempt, struct buffer *answer)
{
    long long deadline_ms = clock_steady_ms() + WAIT_MS;

    while (clock_steady_ms() < deadline_ms && !attributes_peer_is_gone(STDIN_FILENO)) {
        if (poll(attempt->listeners, attempt->listener_count, 1000) < 1)
            continue;
        for (nfds_t i = 0; i < attempt->listener_count; i++) {
            CLOSED fd = attempt->listeners[i].revents ? accept(attempt->listeners[i].fd, NULL, NULL)
                                                      : -1;

            if (fd < 0)
                continue;
            kv_put(answer, "peer", peer_of(fd)); /* now: a closed connection has none */
            if (take_connection(attempt, fd)) {
                attempt->connection = fd;
                fd = -1;
                return STATUS_OK;
            }
            buffer_truncate(answer, 0);
        }
    }
    return message_fail(STATUS_TRY_LATER, "nobody logged in within %d s; if the browser showed a "
                        "callback URL mismatch, have Rhythm support allow %s; then run "
                        "rhythm-token login again",
                        WAIT_MS / 1000, attempt->redirect_uri.bytes);
}

/* Gets the redirect's URL from a person whose browser is elsewhere; rhythm-token asks for it. */
static int receive_redirect(struct attempt *attempt, struct buffer *answer)
{
    WIPED_BY(attributes_wipe) struct attributes pasted = {0};
    const char *text;
    const char *query;

    if (attributes_receive(&pasted, STDIN_FILENO, 8 * REQUEST_MAX, clock_steady_ms() + WAIT_MS) != 0)
        return message_fail(STATUS_TRY_LATER, "nothing was pasted within %d s; run rhythm-token "
                            "login again", WAIT_MS / 1000);
    text = attribute(&pasted, "redirect");
    query = strchr(text, '?');
    parse_query(attempt, query ? query + 1 : text);
    kv_put(answer, "peer", "pasted");
    if (!*attribute(&attempt->redirect, "state"))
        return message_fail(STATUS_BAD_INPUT, "the pasted text is not the redirect URL: it has no state; run "
                            "rhythm-token login again and paste the whole URL");
    if (!is_ours(attempt))
        return message_fail(STATUS_BAD_INPUT, "the pasted URL belongs to another login: its state "
                            "differs; run rhythm-token login again");
    return STATUS_OK;
}

/* What the redirect says (RFC 6749, section 4.1.2; RFC 9207, section 2.4). */
static int judge_redirect(const struct attempt *attempt)
{
    const char *iss = attribute(&attempt->redirect, "iss");
    const char *error = attribute(&attempt->redirect, "error");
    const char *description = attribute(&attempt->redirect, "error_description");

    if (*iss && !issuer_is(attempt->issuer, iss))
        return message_fail(STATUS_PROTOCOL, "the redirect is from another issuer: %.200s, not %s; "
                            "check auth0_domain", iss, attempt->issuer);
    if (*error)
        return message_fail(STATUS_REFUSED, "the login failed: %.100s%s%.300s", error,
                            *description ? ": " : "", description);
    if (!*attribute(&attempt->redirect, "code"))
        return message_fail(STATUS_PROTOCOL, "the redirect has neither a code nor an error; run "
                            "rhythm-token login again");
    return STATUS_OK;
}

int authorize_login(const struct attributes *request, struct buffer *answer)
{
    WIPED_BY(attempt_wipe) struct attempt attempt = {
        .request = request, .issuer = attribute(request, "issuer"),
        .connection = -1};
    const char *uri = attribute(request, "redirect_uri");
    int is_pasted = *attribute(request, "paste") != '\0';
    int status;

    if (is_pasted) /* nothing listens on it */
        buffer_puts(&attempt.redirect_uri, uri);
    if ((status = put_random(&attempt.verifier)) != STATUS_OK ||
        (status = put_random(&attempt.state)) != STATUS_OK ||
        (!is_pasted && (status = listen_for_redirect(&attempt, uri)) != STATUS_OK) ||
        (status = send_url(&attempt)) != STATUS_OK)
        return status;
    status = is_pasted ? receive_redirect(&attempt, answer) : wait_for_redirect(&attempt, answer);
    if (status == STATUS_OK)
        status = judge_redirect(&attempt);
    if (attempt.connection >= 0)
        respond(attempt.connection, "200 OK",
                status == STATUS_OK ? "Return to the terminal" : "Not logged in",
                status == STATUS_OK ? "It shows who is logged in. You can close this window."
                                    : "The terminal shows why. You can close this window.");
    if (status != STATUS_OK)
        return status;
    kv_put(answer, "code", attribute(&attempt.redirect, "code"));
    kv_put(answer, "code_verifier", attempt.verifier.bytes);
    kv_put(answer, "redirect_uri", attempt.redirect_uri.bytes);
    return STATUS_OK;
}
