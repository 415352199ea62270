#include "token/bearer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/kv.h"
#include "base/message.h"
#include "base/secrecy.h"
#include "base/text.h"
#include "base/trust.h"

#define LAYERS_MAX 8 /* of quotes, of schemes: nobody's accident has more */
#define BLANKS " \t\r\n"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Spaces of Unicode that a web page or an editor slips in: all of them, in UTF-8. */
static const char *const invisible[] = {
    "\xef\xbb\xbf", "\xc2\xa0",     "\xc2\xad",     "\xe2\x80\x8b",
    "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\xaf", "\xe2\x81\xa0",
};

static const struct {
    const char *open;
    const char *close;
    unsigned flag;
} wrappings[] = {
    {"\"", "\"", BEARER_QUOTES},
    {"'", "'", BEARER_QUOTES},
    {"`", "`", BEARER_QUOTES},
    {"\xe2\x80\x9c", "\xe2\x80\x9d", BEARER_QUOTES},
    {"\xe2\x80\x98", "\xe2\x80\x99", BEARER_QUOTES},
    {"<", ">", BEARER_BRACKETS},
};

/* Schemes other than Bearer that turn up in front of a token; only these, for a word may be a
 * token's own first piece. */
static const char *const foreign[] = {"Basic",  "Digest", "Token",  "JWT",  "OAuth", "ApiKey",
                                      "ApiToken", "Negotiate", "AWS4-HMAC-SHA256", "MAC", "Key"};

void bearer_wipe(struct bearer *bearer)
{
    buffer_wipe(&bearer->name);
    buffer_wipe(&bearer->scheme);
    buffer_wipe(&bearer->token);
}

static int starts(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

/* Makes text hold len bytes from start, which may lie in it. */
static void keep(struct buffer *text, const char *start, size_t len)
{
    memmove(text->bytes, start, len);
    buffer_truncate(text, len);
}

/* Takes the white space off both ends. */
static void trim(struct buffer *text)
{
    size_t before = strspn(text->bytes, BLANKS);
    size_t len = text->len;

    while (len > before && strchr(BLANKS, text->bytes[len - 1]))
        len--;
    keep(text, text->bytes + before, len - before);
}

/* The length of the invisible character at the start of text, or 0. */
static size_t invisible_len(const char *text)
{
    for (size_t i = 0; i < sizeof invisible / sizeof *invisible; i++)
        if (starts(text, invisible[i]))
            return strlen(invisible[i]);
    return 0;
}

static void drop_invisible(struct bearer *bearer)
{
    char *out = bearer->token.bytes;

    for (const char *c = out; *c;) {
        size_t len = invisible_len(c);

        if (len)
            bearer->cleaned |= BEARER_INVISIBLE;
        else
            *out++ = *c++;
        c += len;
    }
    buffer_truncate(&bearer->token, (size_t)(out - bearer->token.bytes));
}

/* "> " before every line, as mail programs quote and as curl -v shows what it sends. */
static void drop_mail_marks(struct bearer *bearer)
{
    struct buffer *text = &bearer->token;
    SCRATCH kept = BUFFER_EMPTY;

    for (const char *line = text->bytes; *line;) {
        size_t len;

        if (*line++ != '>')
            return;
        line += *line == ' ';
        len = strcspn(line, "\n");
        len += line[len] == '\n';
        buffer_append(&kept, line, len);
        line += len;
    }
    if (kept.len) {
        bearer->cleaned |= BEARER_MAIL_MARKS;
        keep(text, kept.bytes, kept.len);
    }
}

/* Takes quotes or brackets off, if they stand at both ends. 1 if there were any. */
static int unwrap(struct bearer *bearer)
{
    struct buffer *text = &bearer->token;

    for (size_t i = 0; i < sizeof wrappings / sizeof *wrappings; i++) {
        size_t open = strlen(wrappings[i].open);
        size_t close = strlen(wrappings[i].close);

        if (text->len < open + close || !starts(text->bytes, wrappings[i].open) ||
            strcmp(text->bytes + text->len - close, wrappings[i].close) != 0)
            continue;
        /* <token> is not a token in brackets, but a word for one */
        if (wrappings[i].flag == BEARER_BRACKETS && !starts(text->bytes + open, "eyJ"))
            continue;
        keep(text, text->bytes + open, text->len - open - close);
        trim(text);
        bearer->cleaned |= wrappings[i].flag;
        return 1;
    }
    return 0;
}

/* A "," or ";" that ends a line of a program, behind a quote. */
static void drop_punctuation(struct buffer *text)
{
    if (text->len > 1 && strchr(",;", text->bytes[text->len - 1]) &&
        strchr("\"'`", text->bytes[text->len - 2]))
        buffer_truncate(text, text->len - 1);
}

/* The token in {"access_token":"..."} or in access_token=...& */
static void take_answer(struct bearer *bearer)
{
    struct buffer *text = &bearer->token;
    const char *at = strstr(text->bytes, "access_token");
    int is_form = starts(text->bytes, "access_token=");

    if (!at)
        return;
    at += strlen("access_token");
    if (!is_form && *at++ != '"')
        return;
    at += is_form ? 1 : strspn(at, ":" BLANKS);
    if (!is_form && *at++ != '"')
        return;
    bearer->cleaned |= BEARER_JSON;
    keep(text, at, strcspn(at, is_form ? "&" BLANKS : "\""));
}

/* Takes "Name:" off the front; "\"Name\": " of a program's line too. */
static void take_name(struct bearer *bearer)
{
    struct buffer *text = &bearer->token;
    const char *start = text->bytes;
    const char quote = *start == '"' || *start == '\'' ? *start : '\0';
    const char *name = start + (quote != '\0');
    size_t len = strspn(name, LETTERS "-_0123456789");
    const char *end = name + len;

    if (quote && *end == quote)
        end++;
    else if (quote && *end != ':')
        return; /* the quotes are not round the name */
    if (!len || !strchr(LETTERS, *name))
        return;
    if (end[strspn(end, " \t")] != ':' || starts(end, "://"))
        return;
    buffer_append(&bearer->name, name, len);
    buffer_append(&bearer->name, end, strspn(end, " \t"));
    end += strspn(end, " \t") + 1;
    if (strcasecmp(bearer->name.bytes, "Bearer") == 0) {
        buffer_wipe(&bearer->name);
        return;
    }
    bearer->is_header = 1;
    if (quote)
        bearer->cleaned |= BEARER_QUOTES;
    keep(text, end, text->len - (size_t)(end - start));
    trim(text);
    if (quote) {
        if (text->len && text->bytes[text->len - 1] == quote && *text->bytes != quote)
            buffer_truncate(text, text->len - 1); /* "Name: value" as a whole */
        unwrap(bearer);
    }
}

/* The first thing that is wrong is what counts. */
static void worse(struct bearer *bearer, const char *form)
{
    if (strcmp(bearer->form, "good") == 0)
        bearer->form = form;
}

/* The length of the scheme at the start of text: Bearer, or a foreign one that is a whole word. */
static size_t scheme_len(const char *text)
{
    size_t word = strcspn(text, BLANKS);

    if (strncasecmp(text, "Bearer", 6) == 0)
        return 6;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (text[word] && strlen(foreign[i]) == word && strncasecmp(text, foreign[i], word) == 0)
            return word;
    return 0;
}

/* How the scheme stands before what follows it. */
static const char *scheme_form(const char *text)
{
    const char *rest = text + 6;
    size_t gap;

    if (strncasecmp(text, "Bearer", 6) != 0)
        return "foreign";
    gap = strspn(rest, BLANKS);
    if (*rest && gap == 0)
        return *rest == ':' ? "colon" : "joined";
    if (!starts(text, "Bearer"))
        return "case";
    if (!rest[gap])
        return "empty";
    if (memchr(rest, '\t', gap))
        return "tab";
    return gap == 1 && *rest == ' ' ? "good" : "spaces";
}

/* Takes the scheme off the front, however often it stands there. */
static void take_scheme(struct bearer *bearer)
{
    struct buffer *text = &bearer->token;
    size_t len;

    for (int i = 0; i < LAYERS_MAX && (len = scheme_len(text->bytes)) != 0; i++) {
        const char *rest = text->bytes + len;

        if (bearer->scheme.len)
            worse(bearer, "twice");
        else
            buffer_append(&bearer->scheme, text->bytes, len);
        worse(bearer, scheme_form(text->bytes));
        rest += *rest == ':';
        keep(text, rest, strlen(rest));
        trim(text);
    }
    if (bearer->scheme.len)
        bearer->is_header = 1;
    else if (bearer->is_header)
        worse(bearer, text->len ? "bare" : "empty");
}

/* 1 if the text could be one token that was broken: no piece holds what no token holds. */
static int is_broken_token(const char *text)
{
    return strpbrk(text, BLANKS) && starts(text, "eyJ") &&
           text[strspn(text, LETTERS "0123456789-_.=+/" BLANKS)] == '\0';
}

/* Joins a token that was broken over lines, or by spaces. */
static void join(struct bearer *bearer)
{
    char *out = bearer->token.bytes;

    if (!is_broken_token(out))
        return;
    for (const char *c = out; *c; c++) {
        if (*c == '=' && c[1] && strchr("\r\n", c[1]))
            continue; /* a soft line break of quoted-printable (RFC 2045, section 6.7) */
        if (!strchr(BLANKS, *c))
            *out++ = *c;
        else if (*c == '\n' || *c == '\r')
            bearer->cleaned |= BEARER_LINE_BREAKS;
        else if (c[-1] != '\n' && !strchr("\r\n", c[1]))
            bearer->cleaned |= BEARER_SPACES;
    }
    buffer_truncate(&bearer->token, (size_t)(out - bearer->token.bytes));
}

int bearer_take_apart(const struct buffer *text, struct bearer *bearer)
{
    *bearer = (struct bearer){.form = "good"};
    buffer_append(&bearer->token, buffer_text(text), text->len);
    if (strlen(bearer->token.bytes) != bearer->token.len)
        return -1;
    drop_invisible(bearer);
    trim(&bearer->token);
    drop_mail_marks(bearer);
    drop_punctuation(&bearer->token);
    take_name(bearer);
    if (!bearer->is_header) {
        for (int i = 0; i < LAYERS_MAX && unwrap(bearer); i++)
            ;
        take_name(bearer);
        take_answer(bearer);
    } else if (unwrap(bearer)) {
        worse(bearer, "quotes");
    }
    take_scheme(bearer);
    if (unwrap(bearer) && bearer->is_header)
        worse(bearer, "quotes");
    join(bearer);
    return 0;
}

void bearer_put(const struct bearer *bearer, struct buffer *out)
{
    static const char *const cleaned[] = {"quotes",     "line breaks",  "spaces",
                                          "invisible characters", "mail marks", "token answer",
                                          "brackets"};

    for (unsigned i = 0; 1u << i < BEARER_CLEANED_END; i++)
        if (bearer->cleaned & 1u << i)
            kv_put(out, "cleaned", cleaned[i]);
    if (bearer->name.len)
        kv_put(out, "header.name", bearer->name.bytes);
    if (bearer->scheme.len)
        kv_put(out, "scheme", bearer->scheme.bytes);
    if (bearer->is_header)
        kv_put(out, "scheme.form", bearer->form);
    kv_put_bytes(out, "token", bearer->token.bytes, bearer->token.len);
}

int bearer_read_text(const char *path, int secret_file, struct buffer *text)
{
    int is_file = strcmp(path, "-") != 0;
    CLOSED fd = is_file && !secret_file ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (is_file && secret_file && (fd = trust_open_secret(path, "token_file")) < 0)
        return STATUS_CONFIG;
    if (is_file && fd < 0 && secrecy_is_token(path))
        return message_fail(STATUS_BAD_INPUT, "that looks like a token where the name of a file "
                            "belongs, and others can see it in the process list; give - and paste "
                            "it");
    if ((is_file && fd < 0) || buffer_read(text, is_file ? fd : STDIN_FILENO, BEARER_MAX) != 0)
        return message_fail(STATUS_BAD_INPUT, "cannot read the token in %s: %s",
                            is_file ? path : "standard input",
                            errno == EFBIG ? "it is over 4 MiB" : strerror(errno));
    return STATUS_OK;
}

int bearer_read(const char *path, int secret_file, struct buffer *token)
{
    SCRATCH text = BUFFER_EMPTY;
    WIPED_BY(bearer_wipe) struct bearer bearer = {0};
    int status = bearer_read_text(path, secret_file, &text);

    if (status != STATUS_OK)
        return status;
    if (bearer_take_apart(&text, &bearer) != 0 || !bearer.token.len ||
        !text_is_visible(bearer.token.bytes))
        return message_fail(STATUS_BAD_INPUT, "there is no token in %s; it should hold a JWT, "
                            "\"Bearer ...\" or an Authorization header line",
                            strcmp(path, "-") == 0 ? "standard input" : path);
    buffer_set(token, bearer.token.bytes);
    return STATUS_OK;
}
