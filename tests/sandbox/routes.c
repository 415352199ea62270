#include "routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef SANDBOX_LIBDIR
#define SANDBOX_LIBDIR "/usr/local/lib/rhythm"
#endif

enum { COLUMNS = 5 };

struct row {
    char *line; /* the columns point into it */
    const char *service, *method, *path, *kind, *state;
};

static struct row *rows;
static size_t row_count, row_room;

static const struct {
    const char *word;
    enum route_kind kind;
} kinds[] = {{"list", ROUTE_LIST},
             {"list-envelope", ROUTE_LIST},
             {"list-array", ROUTE_ARRAY},
             {"child", ROUTE_CHILD},
             {"search", ROUTE_SEARCH},
             {"get", ROUTE_GET},
             {"singleton", ROUTE_SINGLETON},
             {"lookup", ROUTE_LOOKUP},
             {"current", ROUTE_CURRENT},
             {"status", ROUTE_STATUS},
             {"create", ROUTE_CREATE},
             {"replace", ROUTE_REPLACE},
             {"update", ROUTE_UPDATE},
             {"delete", ROUTE_DELETE},
             {"batch", ROUTE_BATCH},
             {"action", ROUTE_ACTION},
             {"query-start", ROUTE_QUERY_START},
             {"query-status", ROUTE_QUERY_STATUS},
             {"query-definition", ROUTE_QUERY_DEFINITION}};

/* The usual paths, for a resource of which only the name is known. */
static const struct row usual[] = {{NULL, "", "GET", "{tenantId}", "list", "derived"},
                                   {NULL, "", "POST", "{tenantId}", "create", "derived"},
                                   {NULL, "", "POST", "{tenantId}/search", "search", "derived"},
                                   {NULL, "", "GET", "{tenantId}/{id}", "get", "derived"},
                                   {NULL, "", "PATCH", "{tenantId}/{id}", "update", "derived"},
                                   {NULL, "", "DELETE", "{tenantId}/{id}", "delete", "derived"}};

static void add_row(const char *line)
{
    struct row row = {.line = need(strdup(line))};
    char *rest = row.line;
    const char *column[COLUMNS];
    row.line[strcspn(row.line, "\r\n")] = '\0';
    for (int i = 0; i < COLUMNS; i++) {
        column[i] = rest ? rest : "-";
        rest = rest ? strchr(rest, '\t') : NULL;
        if (rest)
            *rest++ = '\0';
    }
    row.service = column[0];
    row.method = column[1];
    row.path = column[2];
    row.kind = column[3];
    row.state = column[4];
    if (row_count == row_room) {
        row_room = 2 * row_room + 64;
        rows = need(realloc(rows, row_room * sizeof *rows));
    }
    rows[row_count++] = row;
}

static int read_rows(const char *file)
{
    FILE *in = fopen(file, "r");
    char *line = NULL;
    size_t size = 0;
    if (!in)
        return -1;
    while (getline(&line, &size, in) > 0)
        if (*line != '#' && strchr(line, '\t'))
            add_row(line);
    free(line);
    fclose(in);
    return row_count ? 0 : -1;
}

/* Next to the program after a build, relative to it when installed, or below PREFIX. */
static int read_beside(void)
{
    static const char *const places[] = {"catalogue.tsv", "../lib/rhythm/get/catalogue.tsv"};
    char self[3000], path[4096];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    self[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(self, '/');
    for (size_t i = 0; slash && i < sizeof places / sizeof *places; i++) {
        snprintf(path, sizeof path, "%.*s/%s", (int)(slash - self), self, places[i]);
        if (read_rows(path) == 0)
            return 0;
    }
    return read_rows(SANDBOX_LIBDIR "/get/catalogue.tsv");
}

int routes_load(const char *file)
{
    if ((file ? read_rows(file) : read_beside()) == 0)
        return 0;
    if (file)
        fprintf(stderr, "rhythm-sandbox: cannot read a catalogue from %s: %s\n", file,
                errno ? strerror(errno) : "no rows in it");
    else
        fputs("rhythm-sandbox: cannot find the catalogue of rhythm-get; "
              "use --catalogue FILE\n",
              stderr);
    return -1;
}

void routes_free(void)
{
    for (size_t i = 0; i < row_count; i++)
        free(rows[i].line);
    free(rows);
    rows = NULL;
    row_count = row_room = 0;
}

static bool has_service(const char *name)
{
    for (size_t i = 0; i < row_count; i++)
        if (!strcmp(rows[i].service, name))
            return true;
    return false;
}

/* Two published styles: SERVICE.api.rhythmsoftware.com (the reference, and all public code), and
 * api.rhythmsoftware.com/SERVICE-v1 (one support article). */
bool routes_service(char *name)
{
    size_t len = strlen(name);
    bool article = len > 3 && !strcmp(name + len - 3, "-v1");
    if (knob_is(K_API_BASE_URLS, article ? "reference" : "article"))
        return false;
    if (article)
        name[len - 3] = '\0';
    return has_service(name);
}

bool routes_resource(const char *service, const char *resource)
{
    size_t len = strlen(resource);
    for (size_t i = 0; i < row_count; i++)
        if (!strcmp(rows[i].service, service) && !strncmp(rows[i].path, resource, len) &&
            strchr("/", rows[i].path[len]))
            return true;
    return false;
}

/* How well the segments match the path: its literal segments + 1; 0: not at all. */
static int fits(const char *path, char *const *segment, size_t segments, int *tenant)
{
    int literal = 1;
    *tenant = -1;
    for (size_t i = 0; i < segments; i++) {
        size_t len = strcspn(path, "/");
        if (!len || !*segment[i])
            return 0;
        if (*path != '{' && (strlen(segment[i]) != len || strncmp(path, segment[i], len) != 0))
            return 0;
        if (!strncmp(path, "{tenantId}", 10))
            *tenant = (int)i;
        literal += *path != '{';
        path += len + (path[len] == '/');
    }
    return *path ? 0 : literal;
}

static enum route_kind kind_of(const struct row *row, const char *resource)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].word, row->kind))
            return kinds[i].kind == ROUTE_QUERY_STATUS && strcmp(resource, "queries") != 0
                       ? ROUTE_STATUS
                       : kinds[i].kind;
    return ROUTE_NONE;
}

/* Of all that match, the one with the most literal segments, as API Gateway chooses. */
static struct route best_of(const struct row *table, size_t n, const char *service,
                            const char *method, char *const *segment, size_t segments)
{
    struct route best = {ROUTE_NONE, -1};
    int best_fit = 0;
    bool derived = !knob_is(K_API_ROUTES, "confirmed");
    for (size_t i = 0; i < n; i++) {
        int tenant, fit;
        if (strcmp(table[i].service, service) != 0 || strcmp(table[i].method, method) != 0 ||
            (!derived && strcmp(table[i].state, "confirmed") != 0))
            continue;
        fit = fits(table[i].path, segment, segments, &tenant);
        if (fit > best_fit) {
            best_fit = fit;
            best = (struct route){kind_of(&table[i], segment[0]), tenant};
        }
    }
    return best;
}

static bool only_named(const char *service, const char *resource)
{
    for (size_t i = 0; i < row_count; i++)
        if (!strcmp(rows[i].method, "-") && !strcmp(rows[i].kind, "-") &&
            !strcmp(rows[i].state, "derived") && !strcmp(rows[i].service, service) &&
            !strcmp(rows[i].path, resource))
            return true;
    return false;
}

struct route routes_find(const struct request *r)
{
    const char *service = r->segment[0];
    char *const *path = r->segment + 1;
    size_t n = r->segments ? r->segments - 1 : 0;
    struct route route = {ROUTE_NONE, -1};
    if (!n)
        return route;
    route = best_of(rows, row_count, service, r->method, path, n);
    /* PUT replaces what PATCH changes (Rhythm's reference); the catalogue may list only PATCH. */
    if (!route.kind && !strcmp(r->method, "PUT") &&
        best_of(rows, row_count, service, "PATCH", path, n).kind)
        route = (struct route){ROUTE_REPLACE, 1};
    /* No list of paths contains the general form of a batch (a public connector has it). */
    if (!route.kind && n == 3 && !strcmp(r->method, "POST") && !strcmp(path[2], "batch") &&
        !knob_is(K_API_ROUTES, "confirmed") &&
        best_of(rows, row_count, service, "PATCH", path, n).kind)
        route = (struct route){ROUTE_BATCH, 1};
    if (!route.kind && only_named(service, *path)) {
        route = best_of(usual, sizeof usual / sizeof *usual, "", r->method, path + 1, n - 1);
        route.tenant = 1;
    }
    if (route.tenant >= 0)
        route.tenant += 1; /* the service */
    return route;
}
