#ifndef SANDBOX_ROUTES_H
#define SANDBOX_ROUTES_H

/*
 * The calls that exist: the services, and the method, path and kind of each call, from rhythm-get's
 * catalogue. Read once, at the start.
 *
 * About four in ten resources have no plain list (Rhythm's reference, and a public connector made
 * from its OpenAPI documents): a path that is not in the catalogue is not a route.
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
    int tenant; /* the segment with the tenant; -1: none */
};

/* Read the catalogue; NULL: the default one. 0, or -1 and a message. */
int routes_load(const char *file);
void routes_free(void);

/* Is this a service's name, in a style that the api.base_urls knob allows? Cuts "-v1" off. */
bool routes_service(char *name);

/* The call of the request; segment[0] is the service. */
struct route routes_find(const struct request *r);

/* Does this service have such a resource? */
bool routes_resource(const char *service, const char *resource);

#endif
