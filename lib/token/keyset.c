#include "token/keyset.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/directories.h"
#include "base/kv.h"
#include "base/message.h"
#include "token/identity.h"

#define KEYSET_MAX (8u << 20) /* bytes: 1 MiB, escaped */
#define NAME_LEN_MAX 240      /* bytes: leaves room for +new below NAME_MAX */

/*
 * Opens the directory, and puts the file's name into name. The directory is that of the entries,
 * whose names begin with a grant: none is called "keys".
 */
static int open_directory(const struct settings *settings, int create, int *fd, struct buffer *name)
{
    SCRATCH path = BUFFER_EMPTY;

    buffer_puts(name, "keys,");
    identity_issuer(settings, name);
    if (name->len > NAME_LEN_MAX)
        return -1; /* cut, it could be another issuer's */
    return directory_open(DIRECTORY_CACHE, create, fd, &path) == STATUS_OK && *fd >= 0 ? 0 : -1;
}

void keyset_load(const struct settings *settings, struct buffer *json, long long *fetched_at)
{
    SCRATCH name = BUFFER_EMPTY, text = BUFFER_EMPTY;
    WIPED_BY(attributes_wipe) struct attributes kept = {0};
    CLOSED directory_fd = -1;
    CLOSED fd = -1;

    *fetched_at = 0;
    if (open_directory(settings, 0, &directory_fd, &name) != 0)
        return;
    fd = directory_open_file(directory_fd, name.bytes, O_RDONLY);
    if (fd < 0 || buffer_read(&text, fd, KEYSET_MAX) != 0 || attributes_parse(&kept, &text) != 0)
        return;
    if (attribute_take(&kept, "keys", json))
        *fetched_at = attribute_number(&kept, "fetched_at", 0);
}

void keyset_store(const struct settings *settings, const struct buffer *json, long long fetched_at)
{
    SCRATCH name = BUFFER_EMPTY, new_name = BUFFER_EMPTY, text = BUFFER_EMPTY;
    CLOSED directory_fd = -1;
    CLOSED fd = -1;

    if (open_directory(settings, 1, &directory_fd, &name) != 0) {
        message_warn("the key set is not cached; the next rhythm-token verify fetches it again");
        return;
    }
    buffer_printf(&new_name, "%s+new", name.bytes);
    kv_put_number(&text, "fetched_at", fetched_at);
    kv_put_bytes(&text, "keys", json->bytes, json->len);
    fd = directory_open_file(directory_fd, new_name.bytes, O_RDWR | O_CREAT | O_EXCL);
    if (fd < 0 && errno == EEXIST) /* somebody writes it now, or left it; nobody holds a lease */
        (void)unlinkat(directory_fd, new_name.bytes, 0);
    else
        (void)directory_replace_file(directory_fd, name.bytes, new_name.bytes, fd, &text);
}
