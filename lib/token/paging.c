#include "token/paging.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/kv.h"
#include "base/message.h"
#include "base/signals.h"
#include "token/bearer.h"
#include "token/internal.h"
#include "token/url.h"

#define BODY_MAX (64u << 20) /* bytes */
#define NO_LIMIT_S 1000000000
#define END_MS 5000
#define STATUS_SIGNAL 128 /* and the signal's number, as in a shell */

/* A token's file may be readable only once: a pipe, standard input. */
static int can_be_read_again(const char *path)
{
    struct stat info;

    return strcmp(path, "-") != 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* Puts a valid token into holder->entry; leaves the one there if it cannot be read again. */
static int get_token(struct holder *holder)
{
    const char *named = setting(holder->settings, SETTING_TOKEN_FILE);
    SCRATCH token = BUFFER_EMPTY;
    struct holder again;
    int status;

    if (*named) {
        if (holder->entry.token.len && !can_be_read_again(named))
            return STATUS_OK;
        status = bearer_read(named, !holder->options->token, &token);
        if (status == STATUS_OK)
            buffer_set(&holder->entry.token, token.bytes);
        return status;
    }
    /* as a process of its own would ask: --refresh, and others' failures, count from now on */
    holder_init(&again, holder->options, holder->settings, clock_ns());
    status = acquire_token(&again);
    if (status == STATUS_OK)
        buffer_set(&holder->entry.token, again.entry.token.bytes);
    holder_close(&again);
    return status;
}

static void put_authorization(const struct holder *holder, struct buffer *message)
{
    SCRATCH line = BUFFER_EMPTY;

    buffer_printf(&line, "Authorization: Bearer %s", holder->entry.token.bytes);
    kv_put(message, "authorization", line.bytes);
}

static int put_body(const char *path, struct buffer *request)
{
    SCRATCH body = BUFFER_EMPTY;

    if (buffer_read_file(&body, path, BODY_MAX) != 0)
        return message_fail(STATUS_BAD_INPUT, "cannot read the body in %s: %s", path,
                            errno == EFBIG ? "it is over 64 MiB" : strerror(errno));
    kv_put_bytes(request, "body", buffer_text(&body), body.len);
    return STATUS_OK;
}

/* Puts the attributes among the operands. */
static int put_operands(const struct options *options, struct buffer *request)
{
    int status = STATUS_OK;

    for (int i = 1; i < options->operand_count && status == STATUS_OK; i++) {
        const char *value = strchr(options->operands[i], '=');
        SCRATCH name = BUFFER_EMPTY;

        if (!value)
            return message_fail(STATUS_USAGE, "pages: '%s' is not NAME=VALUE", options->operands[i]);
        buffer_append(&name, options->operands[i], (size_t)(value - options->operands[i]));
        if (strcmp(name.bytes, "body_path") == 0)
            status = put_body(value + 1, request);
        else
            kv_put(request, name.bytes, value + 1);
    }
    return status;
}

/* With hole=, the lines come on standard input, which is passed to rhythm-net as *fd. */
static int put_lines(const struct options *options, struct buffer *request, int *fd)
{
    int has_hole = 0;

    for (int i = 1; i < options->operand_count; i++)
        has_hole |= strncmp(options->operands[i], "hole=", 5) == 0;
    if (!has_hole)
        return STATUS_OK;
    *fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, CHILD_KEPT + 1); /* above it, as child.h asks */
    if (*fd < 0)
        return message_fail(STATUS_BAD_INPUT, "cannot read standard input: %s", strerror(errno));
    kv_put_number(request, "lines_fd", CHILD_KEPT);
    return STATUS_OK;
}

/* The URL, if the token may go there. */
static int put_url(const struct holder *holder, struct buffer *request)
{
    const struct options *options = holder->options;
    struct url_request target = {.target = options->operand_count ? options->operands[0] : ""};
    SCRATCH url = BUFFER_EMPTY;
    int status;

    if (!strstr(target.target, "://"))
        return message_fail(STATUS_USAGE, "pages needs a URL; use rhythm-get --all instead");
    status = url_build(&target, setting(holder->settings, SETTING_API_BASE), &url);
    if (status == STATUS_OK)
        kv_put(request, "url", url.bytes);
    return status;
}

/* Answers rhythm-net's questions until it ends. */
static int converse(struct holder *holder, struct child *net)
{
    WIPED_BY(attributes_wipe) struct attributes message = {0};
    SCRATCH reply = BUFFER_EMPTY;
    int status;

    for (;;) {
        status = internal_receive(net, &message, NO_LIMIT_S);
        if (status != STATUS_OK || strcmp(attribute(&message, "ask"), "token") != 0)
            break;
        if (get_token(holder) == STATUS_OK)
            put_authorization(holder, &reply);
        status = attributes_send(&reply, net->to);
        buffer_truncate(&reply, 0);
    }
    return status == STATUS_OK ? internal_status(&message) : status;
}

int paging_run(struct holder *holder)
{
    struct child net = CHILD_NONE;
    SCRATCH request = BUFFER_EMPTY;
    CLOSED lines_fd = -1;
    int status;

    internal_request(holder->settings, &request);
    kv_put(&request, "program", "rhythm-get");
    status = put_url(holder, &request);
    if (status == STATUS_OK)
        status = put_operands(holder->options, &request);
    if (status == STATUS_OK)
        status = put_lines(holder->options, &request, &lines_fd);
    if (status == STATUS_OK)
        status = get_token(holder);
    if (status != STATUS_OK)
        return status;
    put_authorization(holder, &request);
    signals_hold(2);
    status = internal_launch(&net, lines_fd < 0 ? "pages" : "calls", STDOUT_FILENO, lines_fd);
    if (status == STATUS_OK)
        status = internal_hand_over(&net, &request);
    if (status == STATUS_OK) {
        signals_pass_on(net.pid);
        status = converse(holder, &net);
        signals_pass_on(0);
        (void)child_reap(&net, clock_steady_ms() + (status > STATUS_SIGNAL ? 0 : END_MS));
    }
    if (status == STATUS_OK)
        signals_forget(); /* to end by it would invite a repetition of what is complete */
    signals_release();
    if (status > STATUS_SIGNAL)
        signals_die_of(status - STATUS_SIGNAL);
    return status;
}
