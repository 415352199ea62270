#ifndef SANDBOX_SERVICES_H
#define SANDBOX_SERVICES_H

/*
 * Which services there are, which resources each has, and how a resource is listed. A table and two
 * questions to it; services are known as "rolodex" and as "rolodex-v1".
 */

#include <stdbool.h>

/* resource NULL: is there such a service at all? */
bool service_has(const char *service, const char *resource);

bool service_lists_bare(const char *service, const char *resource);

#endif
