/*
 * The enterprise parameter "Alternate Cisco File Servers": the remote
 * clusters of centralized TFTP.
 */
#ifndef SERVICES_REMOTE_LIST_H
#define SERVICES_REMOTE_LIST_H

#include <netinet/in.h>

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/remote_clusters.h"

#define REMOTE_HOST_SIZE 256
#define REMOTE_PORT 6970 /* of HTTP, unless another one is given */

struct remote_host {
	char name[REMOTE_HOST_SIZE]; /* or an IPv4 address */
	uint16_t port;
};

struct remote_list {
	struct remote_host host[REMOTE_CLUSTERS_MAX];
	size_t n;
};

/*
 * Read "HOST[:PORT] …", blanks or commas between, in order.  A host that is
 * there twice counts once.  -1 with ERR_FORMAT says which one is wrong, with
 * ERR_TOO_BIG that there are too many; *l holds all good ones before it.
 */
int remote_list_parse(struct remote_list *l, const char *text, struct err *e);

/*
 * The IPv4 address of a host, from the resolver if it is a name: this may
 * take seconds.  ERR_NOT_FOUND.
 */
int remote_host_resolve(const struct remote_host *host,
    struct sockaddr_in *address, struct err *e);

#endif
