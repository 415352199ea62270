#include "bearer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "message.h"
#include "settings.h"

int bearer_is_sendable(const char *token)
{
    for (; *token; token++)
        if (*token < 0x21 || *token > 0x7e)
            return 0;
    return 1;
}

static const char *skip(const char *text, const char *word)
{
    size_t len = strlen(word);

    if (strncasecmp(text, word, len) == 0)
        text += len;
    return text + strspn(text, " \t");
}

int bearer_read(const char *path, int secret_file, struct buffer *token)
{
    struct buffer text = BUFFER_EMPTY;
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    const char *start;
    int status = STATUS_OK;
    int fd = STDIN_FILENO;

    if (name == path && secret_file && (fd = settings_open_secret(path, "token_file")) < 0)
        return STATUS_CONFIG;
    if (name == path && !secret_file && (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return message_fail(STATUS_BAD_INPUT, "cannot read the token in %s: %s", path,
                            strerror(errno));
    if (buffer_read(&text, fd, BEARER_MAX) != 0)
        status = message_fail(STATUS_BAD_INPUT, "cannot read the token in %s: %s", name,
                              errno == EFBIG ? "it is over 4 MiB" : strerror(errno));
    while (text.len && strchr(" \t\r\n", text.bytes[text.len - 1]))
        buffer_truncate(&text, text.len - 1);
    if (text.len)
        text.bytes[text.len] = '\0';
    start = buffer_text(&text) + strspn(buffer_text(&text), " \t\r\n");
    start = skip(skip(start, "Authorization:"), "Bearer ");
    if (status == STATUS_OK && (!*start || strlen(start) != text.len - (size_t)(start - text.bytes) ||
                                !bearer_is_sendable(start)))
        status = message_fail(STATUS_BAD_INPUT, "there is no token in %s; it should hold a JWT, "
                              "\"Bearer ...\" or an Authorization header line", name);
    if (status == STATUS_OK)
        buffer_set(token, start);
    if (name == path)
        close(fd);
    buffer_wipe(&text);
    return status;
}
