#include "knobs.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct value {
    char *bytes; /* NULL: the default */
    size_t len;
};

#define KNOB_ROW(id, name, value, takes, help) {name, value, takes, help},
#define NAME(id, name) name,
static const struct {
    const char *name, *value, *takes, *help;
} table[] = {KNOBS(KNOB_ROW)};
static const char *const counter_names[] = {COUNTERS(NAME)};
static const char *const note_names[] = {NOTES(NAME)};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct value values[KNOB_COUNT];
static unsigned long long counters[COUNTER_COUNT];
static char notes[NOTE_COUNT][256];

void *need(void *p)
{
    if (!p) {
        fputs("rhythm-sandbox: out of memory\n", stderr);
        abort();
    }
    return p;
}

long long sandbox_now(void)
{
    return (long long)time(NULL) + knob_number(K_CLOCK_OFFSET);
}

static const char *current(enum knob knob)
{
    return values[knob].bytes ? values[knob].bytes : table[knob].value;
}

long long knob_number(enum knob knob)
{
    pthread_mutex_lock(&lock);
    long long n = strtoll(current(knob), NULL, 10);
    pthread_mutex_unlock(&lock);
    return n;
}

bool knob_is(enum knob knob, const char *value)
{
    pthread_mutex_lock(&lock);
    bool same = strcmp(current(knob), value) == 0;
    pthread_mutex_unlock(&lock);
    return same;
}

char *knob_text(enum knob knob, size_t *len)
{
    pthread_mutex_lock(&lock);
    const char *from = current(knob);
    size_t n = values[knob].bytes ? values[knob].len : strlen(from);
    char *copy = need(malloc(n + 1));
    memcpy(copy, from, n + 1);
    pthread_mutex_unlock(&lock);
    if (len)
        *len = n;
    return copy;
}

static void put(enum knob knob, const char *bytes, size_t len)
{
    char *copy = need(malloc(len + 1));
    memcpy(copy, bytes, len);
    copy[len] = '\0';
    free(values[knob].bytes);
    values[knob] = (struct value){copy, len};
}

void knob_put(enum knob knob, const char *bytes, size_t len)
{
    pthread_mutex_lock(&lock);
    put(knob, bytes, len);
    pthread_mutex_unlock(&lock);
}

void knob_take(enum knob knob, char answer[32])
{
    pthread_mutex_lock(&lock);
    snprintf(answer, 32, "%s", current(knob));
    long long times = strtoll(current(knob + 1), NULL, 10);
    if (*answer && times > 0) {
        char left[24];
        snprintf(left, sizeof left, "%lld", times - 1);
        put(knob + 1, left, strlen(left));
        if (times == 1)
            put(knob, "", 0);
    }
    pthread_mutex_unlock(&lock);
}

static bool among(const char *words, const char *value)
{
    size_t n = strlen(value);
    for (const char *w = words;; w++) {
        size_t len = strcspn(w, "|");
        if (len == n && strncmp(w, value, n) == 0)
            return true;
        w += len;
        if (!*w)
            return false;
    }
}

static bool takes(enum knob knob, const char *value)
{
    const char *kind = table[knob].takes;
    if (!strcmp(kind, "*") || !strcmp(value, table[knob].value))
        return true;
    if (!strcmp(kind, "#")) {
        char *end;
        strtoll(value, &end, 10);
        return *value && !*end;
    }
    if (!strcmp(kind, "{}")) {
        json_t *json = json_loads(value, 0, NULL);
        bool object = json_is_object(json);
        json_decref(json);
        return object || !*value;
    }
    return among(kind, value);
}

/* The values that a knob takes, for a message. */
static const char *kind_of(const char *takes)
{
    return !strcmp(takes, "#") ? "an integer" : !strcmp(takes, "{}") ? "a JSON object" : takes;
}

static int set_line(const char *line, size_t len, bool apply, char *why, size_t why_size)
{
    for (int i = 0; i < KNOB_COUNT; i++) {
        size_t n = strlen(table[i].name);
        if (len <= n || strncmp(line, table[i].name, n) != 0 || line[n] != '=')
            continue;
        char *value = need(strndup(line + n + 1, len - n - 1));
        bool good = takes((enum knob)i, value);
        if (good && apply)
            put((enum knob)i, value, strlen(value));
        free(value);
        if (!good)
            snprintf(why, why_size, "%s takes %s", table[i].name, kind_of(table[i].takes));
        return good ? 0 : -1;
    }
    snprintf(why, why_size, "no such knob: %.*s", (int)(len < 80 ? len : 80), line);
    return -1;
}

int knobs_set(const char *text, char *why, size_t why_size)
{
    int rc = 0;
    pthread_mutex_lock(&lock);
    for (int apply = 0; apply < 2 && rc == 0; apply++)
        for (const char *line = text; *line && rc == 0;) {
            size_t len = strcspn(line, "\n");
            if (len)
                rc = set_line(line, len, apply, why, why_size);
            line += len + (line[len] == '\n');
        }
    pthread_mutex_unlock(&lock);
    return rc;
}

unsigned long long count(enum counter counter)
{
    pthread_mutex_lock(&lock);
    unsigned long long n = ++counters[counter];
    pthread_mutex_unlock(&lock);
    return n;
}

void note(enum note which, const char *text)
{
    pthread_mutex_lock(&lock);
    snprintf(notes[which], sizeof notes[which], "%s", text ? text : "");
    pthread_mutex_unlock(&lock);
}

void knobs_reset(void)
{
    pthread_mutex_lock(&lock);
    for (int i = 0; i < KNOB_COUNT; i++) {
        free(values[i].bytes);
        values[i] = (struct value){NULL, 0};
    }
    memset(counters, 0, sizeof counters);
    memset(notes, 0, sizeof notes);
    pthread_mutex_unlock(&lock);
}

static void print_line(FILE *out, const char *name, const char *value, size_t len)
{
    fprintf(out, "%s=", name);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)value[i];
        if (c < 0x20 || c == 0x7f || c == '\\')
            fprintf(out, "\\x%02x", c);
        else
            putc(c, out);
    }
    putc('\n', out);
}

char *knobs_print(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = need(open_memstream(&text, &size));
    pthread_mutex_lock(&lock);
    for (int i = 0; i < KNOB_COUNT; i++) {
        const char *value = current((enum knob)i);
        print_line(out, table[i].name, value, values[i].bytes ? values[i].len : strlen(value));
    }
    for (int i = 0; i < COUNTER_COUNT; i++)
        fprintf(out, "%s=%llu\n", counter_names[i], counters[i]);
    for (int i = 0; i < NOTE_COUNT; i++)
        print_line(out, note_names[i], notes[i], strlen(notes[i]));
    pthread_mutex_unlock(&lock);
    fclose(out);
    return need(text);
}

/* Prints text and end, in lines of at most 76 bytes that begin with margin. */
static void print_filled(FILE *out, const char *margin, const char *text, const char *end)
{
    int column = fprintf(out, "%s", margin), first = column;
    while (*text) {
        int len = (int)strcspn(text, " ");
        const char *after = text[len] ? "" : end;
        if (column > first && column + 1 + len + (int)strlen(after) > 76)
            column = fprintf(out, "\n%s", margin) - 1;
        column += fprintf(out, "%s%.*s%s", column > first ? " " : "", len, text, after);
        text += len + (text[len] == ' ');
    }
    putc('\n', out);
}

/* The words that a knob takes, separated by ", ", for the caller to free; NULL if none. */
static char *words_of(enum knob knob)
{
    const char *from = table[knob].takes;
    if (!strchr(from, '|'))
        return NULL;
    char *words = need(malloc(2 * strlen(from) + 1)), *to = words;
    for (from += *from == '|'; *from; from++)
        if (*from == '|')
            to = stpcpy(to, ", ");
        else
            *to++ = *from;
    *to = '\0';
    return words;
}

void knobs_help(FILE *out)
{
    for (int i = 0; i < KNOB_COUNT; i++) {
        char *words = words_of((enum knob)i);
        fprintf(out, "  %s=%s\n", table[i].name, table[i].value);
        print_filled(out, "      ", table[i].help, "");
        if (words)
            print_filled(out, "      ", words, "");
        free(words);
    }
}

void knobs_mdoc(FILE *out)
{
    fputs(".Bl -tag -width Ds\n", out);
    for (int i = 0; i < KNOB_COUNT; i++) {
        char *words = words_of((enum knob)i);
        fprintf(out, ".It Cm %s Ns =%s%s\n", table[i].name, *table[i].value ? " Ns " : "",
                table[i].value);
        print_filled(out, "", table[i].help, ".");
        if (words) {
            fputs("One of\n", out);
            print_filled(out, "", words, ".");
        }
        free(words);
    }
    fputs(".El\n", out);
}
