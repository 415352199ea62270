#include "token/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/kv.h"
#include "base/message.h"
#include "base/nearest.h"
#include "base/secrecy.h"
#include "base/text.h"
#include "base/uri.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define NAME_BYTES LETTERS DIGITS "_"
#define HOLE "{service}"
#define SERVICE_BYTES "abcdefghijklmnopqrstuvwxyz" DIGITS "-"

/* The two styles that Rhythm publishes; while api_base is one of them, both are allowed. */
static const char *const published_bases[] = {
    "https://" HOLE ".api.rhythmsoftware.com",
    "https://api.rhythmsoftware.com/" HOLE "-v1",
};

const char *const url_claims[URL_CLAIMS] = {"tenant_id", "contact_id", "customer_id"};
static const char *const camel_claims[URL_CLAIMS] = {"tenantId", "contactId", "customerId"};

/* The authority of a URL: where it starts and how long it is. NULL without "://". */
static const char *authority_of(const char *url, size_t *len)
{
    const char *start = strstr(url, "://");

    if (!start)
        return NULL;
    *len = strcspn(start + 3, "/?#");
    return start + 3;
}

/* 1 if a plain authority is loopback; the only one with brackets is [::1]. */
static int is_loopback(const char *authority)
{
    SCRATCH host = BUFFER_EMPTY;
    struct in_addr address;

    buffer_append(&host, authority, strcspn(authority, ":/?#"));
    return *authority == '[' || strcasecmp(host.bytes, "localhost") == 0 ||
           (inet_pton(AF_INET, host.bytes, &address) == 1 && ntohl(address.s_addr) >> 24 == 127);
}

/*
 * NULL if the authority is host or host:port, without anything that another parser might read
 * differently; else what the address should be.
 */
static const char *authority_problem(const char *authority, size_t len)
{
    size_t host = strncmp(authority, "[::1]", 5) == 0 ? 5
                                                      : strspn(authority, LETTERS DIGITS ".-_");
    size_t port = len - host; /* with its colon */

    if (memchr(authority, '@', len))
        return "an address without a username (the part before @)";
    if (host == 0 || (port > 0 && authority[host] != ':'))
        return "an address whose host name has only letters, digits, ., - and _";
    if (port == 0 || (port >= 2 && port <= 6 && strspn(authority + host + 1, DIGITS) == port - 1 &&
                      atoi(authority + host + 1) <= 65535))
        return NULL;
    return "an address whose port is a number up to 65535";
}

/*
 * The first segment that is empty, "." or "..", which a server or a proxy removes (RFC 3986, section
 * 5.2.4) and so gets another path; else NULL. "%2e" is the same as a dot (section 6.2.2.2).
 */
static const char *climbing_segment(const char *path)
{
    while (*path && *path != '?') {
        const char *c = path + 1;
        size_t dots = 0;
        size_t len;

        while ((len = *c == '.' ? 1 : strncasecmp(c, "%2e", 3) == 0 ? 3 : 0) != 0) {
            c += len;
            dots++;
        }
        if ((dots == 0 && *c == '/') || ((dots == 1 || dots == 2) && strchr("/?", *c)))
            return path + 1;
        path = c + strcspn(c, "/?");
    }
    return NULL;
}

/* Appends base with {service} replaced. */
static void expand_service(struct buffer *out, const char *base, const char *service)
{
    const char *hole = strstr(base, HOLE);

    if (hole) {
        buffer_append(out, base, (size_t)(hole - base));
        buffer_puts(out, service);
        base = hole + strlen(HOLE);
    }
    buffer_puts(out, base);
}

const char *url_base_problem(const char *base)
{
    SCRATCH example = BUFFER_EMPTY;
    const char *authority;
    const char *problem;
    size_t len = 0;

    expand_service(&example, base, "a");
    authority = authority_of(example.bytes, &len);
    if (!authority ||
        (strncasecmp(example.bytes, "https://", 8) != 0 && !uri_is_plain_http(example.bytes)))
        return "an https:// URL";
    if ((problem = authority_problem(authority, len)) != NULL)
        return problem;
    if (uri_is_plain_http(example.bytes) && !is_loopback(authority))
        return "an https:// URL; plain http:// is allowed only for loopback addresses";
    if (authority[len + strspn(authority + len, URI_UNRESERVED "/:")] ||
        climbing_segment(authority + len))
        return "an address without a query, a fragment or special characters";
    return NULL;
}

void url_put_issuer(struct buffer *out, const char *domain)
{
    size_t start = out->len;

    if (!strstr(domain, "://"))
        buffer_puts(out, "https://");
    buffer_puts(out, domain);
    for (size_t i = start; i < out->len; i++)
        out->bytes[i] = (char)tolower((unsigned char)out->bytes[i]);
    while (out->len > start && out->bytes[out->len - 1] == '/')
        buffer_truncate(out, out->len - 1);
}

const char *url_redirect_problem(const char *uri)
{
    size_t len = 0;
    const char *authority = authority_of(uri, &len);
    const char *problem;

    if (!authority || !uri_is_plain_http(uri))
        return "an http:// URL, such as " URL_REDIRECT;
    if ((problem = authority_problem(authority, len)) != NULL)
        return problem;
    if (!is_loopback(authority))
        return "a URL of this machine, such as " URL_REDIRECT;
    if (authority[*authority == '[' ? 5 : strcspn(authority, ":/")] != ':')
        return "a URL with a port, such as " URL_REDIRECT;
    if (authority[len] != '/')
        return "a URL with a path, such as " URL_REDIRECT;
    return authority[len + strspn(authority + len, URI_UNRESERVED "/")]
               ? "an address without a query, a fragment or special characters"
               : NULL;
}

static int fail_token(const char *what)
{
    return message_fail(STATUS_USAGE, "the argument for %s looks like a token, which others can see "
                        "in the process list; give --token - instead, then paste the token", what);
}

int url_request_parse(struct url_request *request, const char *const *operands, int count)
{
    int taken = 1;

    if (count < 1)
        return message_fail(STATUS_USAGE, "nothing to call; give SERVICE PATH or a URL");
    *request = (struct url_request){.target = operands[0]};
    if (!strstr(operands[0], "://")) {
        if (count < 2)
            return message_fail(STATUS_USAGE, "missing PATH after service %s; give SERVICE PATH or "
                                "a URL", operands[0]);
        request->service = operands[0];
        request->target = operands[1];
        taken = 2;
        if (secrecy_is_token(request->service))
            return fail_token("SERVICE");
        if (!*request->service || request->service[strspn(request->service, SERVICE_BYTES)])
            return message_fail(STATUS_USAGE, "'%s' is not a service name; use a-z, 0-9 and -",
                                request->service);
    }
    request->fields = operands + taken;
    request->field_count = count - taken;
    for (int i = 0; i < request->field_count; i++) {
        const char *field = request->fields[i];
        const char *equals = strchr(field, '=');

        if (!equals && secrecy_is_token(field))
            return fail_token("NAME=VALUE");
        if (!equals || equals == field)
            return message_fail(STATUS_USAGE, "'%s' is not NAME=VALUE; write NAME=VALUE to fill {NAME} in "
                                "the path, or NAME==VALUE for a query parameter", field);
        if (equals[1] != '=' && strspn(field, NAME_BYTES) != (size_t)(equals - field))
            return message_fail(STATUS_USAGE, "'%s': a placeholder's name is letters, digits and _; "
                                "a query parameter is written NAME==VALUE", field);
    }
    return STATUS_OK;
}

/* If text starts with a placeholder, the length of its name, else 0. */
static size_t placeholder(const char *text)
{
    size_t len = *text == '{' ? strspn(text + 1, NAME_BYTES) : 0;

    return len && text[1 + len] == '}' ? len : 0;
}

static int has_placeholder(const char *target, const char *name, size_t len)
{
    SCRATCH braced = BUFFER_EMPTY;

    buffer_printf(&braced, "{%.*s}", (int)len, name);
    return strstr(target, braced.bytes) != NULL;
}

/* The value that a NAME=VALUE field gives, or NULL. */
static const char *field_value(const struct url_request *request, const char *name, size_t len)
{
    for (int i = 0; i < request->field_count; i++) {
        const char *field = request->fields[i];

        if (strncmp(field, name, len) == 0 && field[len] == '=' && field[len + 1] != '=')
            return field + len + 1;
    }
    return NULL;
}

static int same_name(const char *name, size_t len, const char *other)
{
    return strlen(other) == len && memcmp(name, other, len) == 0;
}

/* A placeholder that nothing fills: perhaps a claim's name or a field's was meant. */
static int fail_placeholder(const struct url_request *request, const char *name, size_t len)
{
    struct nearest nearest = nearest_to(name, len);
    SCRATCH otherwise = BUFFER_EMPTY, field = BUFFER_EMPTY;

    for (int i = 0; i < URL_CLAIMS; i++) {
        nearest_offer(&nearest, camel_claims[i]);
        nearest_offer(&nearest, url_claims[i]);
    }
    for (int i = 0; i < request->field_count && !nearest.best; i++) {
        buffer_truncate(&field, 0);
        buffer_append(&field, request->fields[i], strcspn(request->fields[i], "="));
        nearest_offer(&nearest, field.bytes);
    }
    buffer_printf(&otherwise, "add %.*s=VALUE", (int)len, name);
    return message_fail(STATUS_USAGE, "{%.*s} has no value; %s", (int)len, name,
                        nearest_remedy(&nearest, "{", "}", otherwise.bytes));
}

/* Appends the value of the placeholder {name}. */
static int fill(struct url_request *request, const char *name, size_t name_len, struct buffer *url)
{
    const char *value = field_value(request, name, name_len);
    const char *claim = NULL;
    int len = (int)name_len;

    for (int i = 0; !value && !claim && i < URL_CLAIMS; i++) {
        if (!same_name(name, name_len, url_claims[i]) &&
            !same_name(name, name_len, camel_claims[i]))
            continue;
        claim = url_claims[i];
        value = request->claims[i];
        request->claims_used |= 1u << i;
    }
    if (value && !*value)
        return message_fail(STATUS_BAD_INPUT, "{%.*s} would be empty and so change the path; give it a "
                            "value", len, name);
    if (value)
        uri_encode(url, value, strlen(value));
    else if (request->keep_unknown)
        buffer_printf(url, "{%.*s}", len, name);
    else if (claim)
        return message_fail(STATUS_BAD_INPUT, "the token has no %s for {%.*s}%s; add %.*s=VALUE",
                            claim, len, name,
                            strcmp(claim, "contact_id") ? "" : " (machine tokens never have one)",
                            len, name);
    else
        return fail_placeholder(request, name, name_len);
    return STATUS_OK;
}

/* Appends a path and query as typed: placeholders filled, what a URL cannot hold encoded. */
static int append_path(struct url_request *request, const char *path, struct buffer *url)
{
    int status = STATUS_OK;

    for (const char *c = path; *c && status == STATUS_OK; c++) {
        size_t name = placeholder(c);

        if (name) {
            status = fill(request, c + 1, name, url);
            c += name + 1;
        } else {
            int is_escape = *c == '%' && text_hex_pair(c + 1) >= 0;

            text_percent(url, c, 1, is_escape ? "%" : URI_UNRESERVED "!$&'()*+,;=:@/?");
        }
    }
    return status;
}

/* How many bytes of url are base with some service in it; 0 if it is not below base. */
static size_t below_base(const char *url, const char *base)
{
    const char *hole = strstr(base, HOLE);
    const char *rest = hole ? hole + strlen(HOLE) : base;
    size_t before = (size_t)(hole ? hole - base : 0);

    if (strncmp(url, base, before) != 0)
        return 0;
    /* what follows the hole may begin with a service's letters, so each length is tried */
    for (size_t service = hole ? strspn(url + before, SERVICE_BYTES) : 1; service > 0; service--) {
        const char *end = url + before + (hole ? service : 0);

        if (strncmp(end, rest, strlen(rest)) == 0 && strchr("/?", end[strlen(rest)]))
            return (size_t)(end - url) + strlen(rest);
    }
    return 0;
}

/*
 * Appends the URL in the form that is compared: scheme and authority in lower case, without the
 * scheme's default port (RFC 3986, sections 6.2.2.1 and 6.2.3).
 */
static void normalize(struct buffer *out, const char *url)
{
    size_t len = 0;
    const char *authority = authority_of(url, &len);
    const char *port = uri_is_plain_http(url) ? ":80" : ":443";
    size_t port_len = strlen(port);

    buffer_append(out, url, (size_t)(authority - url) + len);
    for (size_t i = 0; i < out->len; i++)
        out->bytes[i] = (char)tolower((unsigned char)out->bytes[i]);
    if (len > port_len && memcmp(out->bytes + out->len - port_len, port, port_len) == 0)
        buffer_truncate(out, out->len - port_len);
    buffer_puts(out, authority + len);
}

/* The length of url's part that is an allowed base, 0 if a token must not go there. */
static size_t allowed_base(const char *url, const char *api_base)
{
    int is_published = 0;
    size_t found = below_base(url, api_base);

    for (int i = 0; i < 2; i++)
        is_published |= strcmp(api_base, published_bases[i]) == 0;
    for (int i = 0; is_published && !found && i < 2; i++)
        found = below_base(url, published_bases[i]);
    return found;
}

/* Appends the base that the request goes to; *path is what follows it, as typed. */
static int append_base(const struct url_request *request, const char *api_base, struct buffer *url,
                       const char **path)
{
    SCRATCH base = BUFFER_EMPTY, normal = BUFFER_EMPTY;
    size_t authority_len = 0;
    const char *authority = authority_of(request->target, &authority_len);
    const char *problem;
    size_t base_len = 0;

    buffer_puts(&base, api_base);
    while (base.len && base.bytes[base.len - 1] == '/')
        buffer_truncate(&base, base.len - 1);
    *path = request->target;
    if (request->service) {
        expand_service(url, base.bytes, request->service);
        return STATUS_OK;
    }
    problem = authority_problem(authority, authority_len);
    if (!problem) {
        normalize(&normal, request->target);
        base_len = allowed_base(normal.bytes, base.bytes);
    }
    if (base_len == 0)
        return message_fail(STATUS_BAD_INPUT, "%s is not below api_base=%s, and the token is sent "
                            "nowhere else; %s%s", request->target, api_base,
                            problem ? "use " : "check the URL", problem ? problem : "");
    buffer_append(url, normal.bytes, base_len);
    *path += strlen(request->target) - (normal.len - base_len);
    return STATUS_OK;
}

static int check_fields_used(const struct url_request *request)
{
    for (int i = 0; i < request->field_count; i++) {
        const char *field = request->fields[i];
        int len = (int)strcspn(field, "=");

        if (field[len + 1] != '=' && !has_placeholder(request->target, field, (size_t)len))
            return message_fail(STATUS_USAGE, "there is no {%.*s} in %s; a query parameter is "
                                "written %.*s==VALUE", len, field, request->target, len, field);
    }
    return STATUS_OK;
}

int url_build(struct url_request *request, const char *api_base, struct buffer *url)
{
    const char *path = "";
    const char *segment;
    size_t path_start;
    int status = check_fields_used(request);

    if (status == STATUS_OK)
        status = append_base(request, api_base, url, &path);
    if (status != STATUS_OK)
        return status;
    path_start = url->len;
    if (*path != '/' && *path != '?' && *path)
        buffer_puts(url, "/");
    status = append_path(request, path, url);
    if (status != STATUS_OK)
        return status;
    segment = climbing_segment(url->bytes + path_start);
    if (segment)
        return message_fail(STATUS_BAD_INPUT, "%s: the path must not contain \"/%.*s\"; remove it",
                            url->bytes, *segment == '/' ? 1 : (int)strcspn(segment, "/?"), segment);
    for (int i = 0; i < request->field_count; i++) {
        const char *field = request->fields[i];
        size_t len = strcspn(field, "=");

        if (field[len + 1] != '=')
            continue;
        buffer_puts(url, strchr(url->bytes + path_start, '?') ? "&" : "?");
        uri_encode(url, field, len);
        buffer_puts(url, "=");
        uri_encode(url, field + len + 2, strlen(field + len + 2));
    }
    return STATUS_OK;
}
