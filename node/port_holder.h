/*
 * Who is in the way of a server that wants to listen.
 */
#ifndef NODE_PORT_HOLDER_H
#define NODE_PORT_HOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct port_holder {
	pid_t pid; /* 0: it cannot be seen from here */
	char name[96]; /* "NAME (process PID)", or "another program" */
};

/*
 * Does anybody listen on this TCP port of the IPv4 address, or of all
 * addresses?  Who is in *h then; control bytes of names are made visible.
 * Only root sees the programs of others.
 */
bool port_holder(struct port_holder *h, const char *address, uint16_t port);

#endif
