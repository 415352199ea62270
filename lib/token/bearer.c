#include "token/bearer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/message.h"
#include "base/secrecy.h"
#include "base/text.h"
#include "base/trust.h"

#define BLANKS " \t\r\n"

static const char *skip_word(const char *text, const char *word)
{
    return strncasecmp(text, word, strlen(word)) == 0 ? text + strlen(word) : NULL;
}

/*
 * Appends the token in text: bare, after Bearer, or in an Authorization line (RFC 6750, section
 * 2.1).
 */
static void take_token(const struct buffer *text, struct buffer *token)
{
    const char *start = buffer_text(text) + strspn(buffer_text(text), BLANKS);
    const char *end = buffer_text(text) + text->len;
    const char *rest = skip_word(start, "Authorization");

    if (rest && rest[strspn(rest, " \t")] == ':')
        start = rest + strspn(rest, " \t") + 1;
    start += strspn(start, BLANKS);
    rest = skip_word(start, "Bearer");
    if (rest && (!*rest || strchr(BLANKS, *rest)))
        start = rest + strspn(rest, BLANKS);
    while (end > start && strchr(BLANKS, end[-1]) && end[-1]) /* strchr finds a NUL too */
        end--;
    buffer_append(token, start, (size_t)(end - start));
}

static int read_text(const char *path, int secret_file, struct buffer *text)
{
    int is_file = strcmp(path, "-") != 0;
    CLOSED fd = is_file && !secret_file ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (is_file && secret_file && (fd = trust_open_secret(path, "token_file")) < 0)
        return STATUS_CONFIG;
    if (is_file && fd < 0 && secrecy_is_token(path))
        return message_fail(STATUS_BAD_INPUT, "the file name looks like a token, which others can see in "
                            "the process list; give - instead, then paste the token");
    if ((is_file && fd < 0) || buffer_read(text, is_file ? fd : STDIN_FILENO, BEARER_MAX) != 0)
        return message_fail(STATUS_BAD_INPUT, "cannot read a token from %s%s: %s",
                            is_file ? "the file " : "", is_file ? path : "standard input",
                            errno == EFBIG ? "it is over 4 MiB" : strerror(errno));
    return STATUS_OK;
}

int bearer_read_any(const char *path, struct buffer *token)
{
    SCRATCH text = BUFFER_EMPTY;
    int status = read_text(path, 0, &text);

    if (status == STATUS_OK)
        take_token(&text, token);
    return status;
}

int bearer_read(const char *path, int secret_file, struct buffer *token)
{
    SCRATCH text = BUFFER_EMPTY;
    int status = read_text(path, secret_file, &text);

    if (status != STATUS_OK)
        return status;
    take_token(&text, token);
    if (!token->len || strlen(token->bytes) != token->len || !text_is_visible(token->bytes))
        return message_fail(STATUS_BAD_INPUT, "there is no token in %s; it should contain a JWT, "
                            "\"Bearer ...\" or an Authorization header line",
                            strcmp(path, "-") == 0 ? "standard input" : path);
    return STATUS_OK;
}
