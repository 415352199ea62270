#ifndef RHYTHM_TOKEN_OPTIONS_H
#define RHYTHM_TOKEN_OPTIONS_H

#include "base/buffer.h"

/*
 * options: the command line. One table of commands and one of options give parsing and --help.
 *
 * Options may be anywhere before "--"; "--name VALUE" is "--name=VALUE"; short ones may be joined.
 */

enum command {
    COMMAND_CLAIMS,
    COMMAND_HEADER,
    COMMAND_PRINT,
    COMMAND_URL,
    COMMAND_CURL,
    COMMAND_VERIFY,
    COMMAND_FACTS,
    COMMAND_PAGES,
    COMMAND_STATUS,
    COMMAND_LOGIN,
    COMMAND_LOGOUT,
    COMMAND_CONFIG,
    COMMAND_HELP,
    COMMAND_VERSION
};

enum format { FORMAT_KV, FORMAT_SHELL, FORMAT_JSON };

struct options {
    enum command command;
    enum format format;
    const char *profile; /* NULL: not given; likewise below */
    const char *token;
    const char *get;
    const char *jwks;
    const char *session_dir;
    const char *file; /* the operand of a command that takes one: a token's file, or "-" */
    long long min_valid_s; /* -1: not given; likewise below */
    long long leeway_s;
    long long status_fd;
    int refresh;
    int offline;
    int log;
    int dry_run;
    int bundle;
    int signature_only;
    int no_browser;
    int no_shared;
    int init;
    int test;
    int yes;
    const char **operands; /* what follows the command, of url, curl, config; points into argv */
    int operand_count;
};

/*
 * Parses argv, which NULL ends; it is reordered, and options points into it. STATUS_OK, or
 * STATUS_USAGE, reported.
 */
int options_parse(struct options *options, char **argv);

/*
 * Says on --status-fd, if it was given, that the program ends with this status, unless that is
 * STATUS_OK: in a pipeline of a POSIX shell the exit status itself is lost. Returns status.
 */
int options_end(const struct options *options, int status);

/*
 * Appends " -p NAME", for a command that a person is to run; nothing if the command selects that
 * profile without it.
 */
void options_put_profile(struct buffer *out, const char *profile);

/* Appends the text of --help. */
void options_help(struct buffer *out);

#endif
