#include "form.h"
#include "knobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int hex(char c)
{
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'W'
                                                : -1;
}

void form_decode(char *text, bool plus)
{
    char *out = text;
    for (const char *in = text; *in; in++)
        if (*in == '%' && hex(in[1]) >= 0 && hex(in[2]) >= 0) {
            *out++ = (char)(hex(in[1]) << 4 | hex(in[2]));
            in += 2;
        } else {
            *out++ = plus && *in == '+' ? ' ' : *in;
        }
    *out = '\0';
}

char *form_encode(const char *text)
{
    char *encoded = need(malloc(3 * strlen(text) + 1)), *out = encoded;
    for (; *text; text++)
        if (strchr("-._~", *text) || (*text >= '0' && *text <= '9') ||
            ((*text | 32) >= 'a' && (*text | 32) <= 'z'))
            *out++ = *text;
        else
            out += sprintf(out, "%%%02X", (unsigned char)*text);
    *out = '\0';
    return encoded;
}

char *form_param(const char *form, const char *name)
{
    for (size_t len; *form; form += len + (form[len] == '&')) {
        len = strcspn(form, "&");
        size_t key_len = strcspn(form, "=&");
        char *key = need(strndup(form, key_len));
        form_decode(key, true);
        bool found = strcmp(key, name) == 0;
        free(key);
        if (!found)
            continue;
        char *value =
            need(strndup(form + key_len + (key_len < len), len - key_len - (key_len < len)));
        form_decode(value, true);
        return value;
    }
    return NULL;
}

bool form_has_word(const char *words, const char *word)
{
    for (size_t len = strlen(word); words && *words; words += strspn(words, " ")) {
        size_t n = strcspn(words, " ");
        if (n == len && !strncmp(words, word, n))
            return true;
        words += n;
    }
    return false;
}
