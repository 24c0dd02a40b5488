/*
 * Where a remote cluster is.
 */
#ifndef SERVICES_REMOTE_RESOLVE_H
#define SERVICES_REMOTE_RESOLVE_H

#include <netinet/in.h>

#include "base/err.h"
#include "base/file_servers.h"

/*
 * The IPv4 address of a server, from the resolver if it is a name: this may
 * take seconds.  ERR_NOT_FOUND.
 */
int remote_resolve(const struct file_server *server,
    struct sockaddr_in *address, struct err *e);

#endif
