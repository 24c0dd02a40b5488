/*
 * The agent's root parent for tests of its worker: a thread at the other end
 * of the packets, with services that exist only as numbers.
 */
#ifndef FAKES_FAKE_PARENT_H
#define FAKES_FAKE_PARENT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "node/parent.h"

struct fake_service {
	bool running;
	bool down; /* stopped by an administrator */
	bool once;
	bool stubborn; /* does not heed TERM, only KILL */
	bool broken; /* never comes up again */
	pid_t pid; /* of the present or the last process */
	unsigned restarts;
	unsigned kills;
};

struct fake_parent {
	struct parent_link link; /* the worker's end */
	pthread_mutex_t mutex; /* guards the rest */
	struct fake_service service[PARENT_SERVICES];
	struct parent_node node[PARENT_NODES_MAX]; /* as committed */
	size_t n_nodes;
	unsigned commits;
	unsigned migrations;
	unsigned timeout; /* minutes; 0: never set */
	char invite_removed[NODE_NAME_SIZE];
	uint8_t texts[256]; /* of the last PARENT_ADMIN_PASSWORD */
	size_t texts_len; /* 0: there was none */
	/* what a request for TLS keys is answered with, and what is installed
	 */
	uint8_t tls[PARENT_BYTES_MAX];
	uint32_t tls_len;
	uint8_t installed[PARENT_BYTES_MAX];
	uint32_t installed_len;
	struct parent_node renewed_from; /* of the last renewal */
	bool renewed_promoted;
	unsigned renewals;
	enum err_code failure; /* every request fails with it */
	/*
	 * Called when a service has been started, with its new process; may
	 * be NULL.
	 */
	void (*started)(void *self, enum parent_service s, pid_t pid);
	void *self;
	/* its own */
	int fd;
	pthread_t thread;
	struct parent_node gather[PARENT_NODES_MAX];
	size_t n_gather;
};

/* All services run, each as a process of its own number. */
void fake_parent_start(struct fake_parent *p);

/* One service as it is now, while the thread may be at work. */
struct fake_service fake_parent_service(struct fake_parent *p,
    enum parent_service s);

/* End the thread; links are closed. */
void fake_parent_stop(struct fake_parent *p);

#endif
