#ifndef SANDBOX_ROUTES_H
#define SANDBOX_ROUTES_H

/*
 * What there is to call: the services, and the method, path and kind of each call, as the catalogue
 * that rhythm-get ships has them. Read once, at the start; then only asked.
 *
 * About four in ten resources have no plain list (Rhythm's reference, and a public connector made
 * from its OpenAPI documents): what the catalogue does not have is no route.
 */

#include "http.h"

enum route_kind {
    ROUTE_NONE,
    ROUTE_LIST,
    ROUTE_ARRAY, /* a list without an envelope */
    ROUTE_CHILD,
    ROUTE_SEARCH,
    ROUTE_GET,
    ROUTE_SINGLETON,
    ROUTE_LOOKUP,
    ROUTE_CURRENT,
    ROUTE_STATUS,
    ROUTE_CREATE,
    ROUTE_REPLACE,
    ROUTE_UPDATE,
    ROUTE_DELETE,
    ROUTE_BATCH,
    ROUTE_ACTION,
    ROUTE_QUERY_START,
    ROUTE_QUERY_STATUS,
    ROUTE_QUERY_DEFINITION
};

struct route {
    enum route_kind kind;
    int tenant; /* the segment that holds the tenant; -1: none does */
};

/* Read the catalogue; a NULL file: the one beside this program. 0, or -1 and a message. */
int routes_load(const char *file);
void routes_free(void);

/* Is this the name of a service, in the style that the api.base_urls knob allows? "-v1" is cut off.
 */
bool routes_service(char *name);

/* What the request calls; segment[0] is the service. */
struct route routes_find(const struct request *r);

/* Is there such a resource in this service? */
bool routes_resource(const char *service, const char *resource);

#endif
