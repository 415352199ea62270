#include "base/uri.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

void uri_encode(struct buffer *out, const char *bytes, size_t len)
{
    text_percent(out, bytes, len, URI_UNRESERVED);
}

void uri_decode(struct buffer *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i] == '+' ? ' ' : text[i];

        if (c == '%' && i + 2 < len && text_hex_pair(text + i + 1) >= 0) {
            c = (char)text_hex_pair(text + i + 1);
            i += 2;
        }
        buffer_append(out, &c, 1);
    }
}

void uri_put_field(struct buffer *form, const char *name, const char *value)
{
    if (!*value)
        return;
    buffer_printf(form, "%s%s=", form->len ? "&" : "", name);
    uri_encode(form, value, strlen(value));
}

int uri_is_plain_http(const char *url)
{
    return strncasecmp(url, "http://", 7) == 0;
}
