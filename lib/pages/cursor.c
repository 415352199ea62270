#include "pages/cursor.h"

#include <string.h>

#include "base/text.h"
#include "base/uri.h"

#define PARAMETER "exclusiveStartKey"

int cursor_seen(struct cursors *cursors, const struct buffer *cursor)
{
    const size_t room = sizeof cursors->recent / sizeof *cursors->recent;
    uint64_t hash = text_hash(cursor->bytes, cursor->len);
    int found;

    found = cursors->count && hash == cursors->landmark;
    for (size_t i = 0; i < room && i < cursors->count; i++)
        found |= hash == cursors->recent[i];
    cursors->recent[cursors->count % room] = hash;
    if ((cursors->count & (cursors->count - 1)) == 0) /* 0 and the powers of two, see cursor.h */
        cursors->landmark = hash;
    cursors->count++;
    return found;
}

void cursor_set(struct buffer *url, const struct buffer *cursor)
{
    struct buffer made = BUFFER_EMPTY;
    char separator = '?';
    const char *c = buffer_text(url);
    size_t len = strcspn(c, "?");

    buffer_append(&made, c, len);
    for (c += len; *c; c += len) {
        c++; /* the ? or & */
        len = strcspn(c, "&");
        if (!len || (strncmp(c, PARAMETER, strlen(PARAMETER)) == 0 &&
                     (c[strlen(PARAMETER)] == '=' || len == strlen(PARAMETER))))
            continue;
        buffer_append(&made, &separator, 1);
        buffer_append(&made, c, len);
        separator = '&';
    }
    buffer_printf(&made, "%c" PARAMETER "=", separator);
    uri_encode(&made, cursor->bytes, cursor->len);
    buffer_wipe(url);
    *url = made;
}
