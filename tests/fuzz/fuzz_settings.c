/*
 * Fuzzes the reader of a profile: `rhythm-token config` shows it as lines of key=value, one for
 * each setting and one for its source, and neither they nor an error message contain a secret.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/kv.h"
#include "base/message.h"
#include "token/settings.h"

#define SECRET "S3cret-that-nobody-may-see"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char directory[] = "/tmp/fuzz-settings.XXXXXX";
static char path[sizeof directory + sizeof "/rhythm/default.conf"];

static void must(int holds)
{
    if (!holds)
        abort();
}

static void remove_directory(void)
{
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
    rmdir(directory);
}

static void make_directory(void)
{
    if (*path)
        return;
    must(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/rhythm", directory);
    must(mkdir(path, 0700) == 0);
    snprintf(path, sizeof path, "%s/rhythm/default.conf", directory);
    must(setenv("XDG_CONFIG_HOME", directory, 1) == 0 && setenv("HOME", directory, 1) == 0);
    umask(077);
    atexit(remove_directory);
}

/* The profile: the input, with a secret of ours in place of each "@@". */
static void write_profile(const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "w");

    must(file != NULL);
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '@' && i + 1 < size && data[i + 1] == '@') {
            fputs(SECRET, file);
            i++;
        } else {
            putc(data[i], file);
        }
    }
    must(fclose(file) == 0);
}

/* 1 if the pair is a setting, or gives the source of an earlier one. */
static int is_known(const struct kv_pair *pair)
{
    const char *key = strncmp(pair->key, "from.", 5) == 0 ? pair->key + 5 : pair->key;

    for (int i = 0; i < SETTING_COUNT; i++)
        if (strcmp(key, setting_name((enum setting)i)) == 0)
            return 1;
    return strcmp(key, "profile") == 0;
}

static void judge(const struct settings *settings)
{
    static const enum setting secrets[] = {SETTING_CLIENT_SECRET, SETTING_PASSWORD};
    struct buffer shown = BUFFER_EMPTY;
    struct kv_reader reader;
    struct kv_pair pair;
    int found, is_there = 0;

    settings_describe(settings, &shown);
    for (int i = 0; i < SETTING_COUNT; i++)
        is_there |= strstr(setting(settings, (enum setting)i), SECRET) != NULL &&
                    i != (int)secrets[0] && i != (int)secrets[1];
    if (!is_there)
        must(!strstr(shown.bytes, SECRET));
    reader = kv_reader(shown.bytes, shown.len);
    while ((found = kv_next(&reader, &pair)) != 0)
        must(found == 1 && is_known(&pair));
    buffer_wipe(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings settings = {0};

    make_directory();
    message_verbosity(QUIET);
    write_profile(data, size);
    if (settings_load(&settings, NULL, NULL) == STATUS_OK)
        judge(&settings);
    settings_wipe(&settings);
    return 0;
}
