#include "services/remote_resolve.h"

#include <sys/socket.h>

#include <netdb.h>
#include <string.h>

int
remote_resolve(const struct file_server *server, struct sockaddr_in *address,
    struct err *e)
{
	const struct addrinfo hints = { .ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int rc = getaddrinfo(server->name, NULL, &hints, &found);

	if (rc != 0)
		return err_set(e, ERR_NOT_FOUND, "%s: %s", server->name,
		    gai_strerror(rc));
	memcpy(address, found->ai_addr, sizeof(*address));
	address->sin_port = htons(server->port);
	freeaddrinfo(found);
	return 0;
}
