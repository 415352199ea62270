#include "net/certificates.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOKED_AT_MAX 20000 /* names; if none of these is hashed, the directory is not */

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

/* Eight hexadecimal digits and ".0", as c_rehash names a certificate. */
static int is_hashed_name(const char *name)
{
    return strspn(name, "0123456789abcdef") == 8 && strcmp(name + 8, ".0") == 0;
}

int certificates_find_hashed(const char *directory, struct buffer *path)
{
    DIR *names = opendir(directory);
    struct dirent *name;
    size_t start = path->len;
    int result = -1;

    for (int i = 0; names && result != 0 && i < LOOKED_AT_MAX && (name = readdir(names)); i++) {
        if (!is_hashed_name(name->d_name))
            continue;
        buffer_truncate(path, start);
        buffer_printf(path, "%s/%s", directory, name->d_name);
        result = access(path->bytes, R_OK); /* it may be a dangling link */
    }
    if (names)
        closedir(names);
    if (result != 0)
        buffer_truncate(path, start);
    return result;
}

struct certificates certificates_choose(const char *ca_bundle, const char *default_directory)
{
    const char *file = *ca_bundle ? ca_bundle : variable("CURL_CA_BUNDLE");
    SCRATCH found = BUFFER_EMPTY;

    /* .directory = NULL even so: libcurl's own would be trusted beside the bundle */
    if (file)
        return (struct certificates){.file = file, .directory = NULL};
    if (variable("SSL_CERT_FILE") || variable("SSL_CERT_DIR"))
        return (struct certificates){variable("SSL_CERT_FILE"), variable("SSL_CERT_DIR"), 0};
    if (default_directory && certificates_find_hashed(default_directory, &found) == 0)
        return (struct certificates){NULL, default_directory, 0};
    return (struct certificates){.is_default = 1};
}
