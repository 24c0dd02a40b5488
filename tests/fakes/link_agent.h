/*
 * A pretended agent for tests: a thread that listens on run/agent.sock below
 * a directory of its own and answers each request with frames the test has
 * prepared.
 */
#ifndef TESTS_FAKES_LINK_AGENT_H
#define TESTS_FAKES_LINK_AGENT_H

#include <pthread.h>
#include <stddef.h>

#include "base/buffer.h"
#include "cluster/agent_msg.h"

#define LINK_AGENT_PATH 256

struct link_agent {
	char *dir; /* the node's root while it runs */
	struct wbuf answer; /* bytes sent for each request */
	struct agent_msg request; /* the last one that came */
	size_t requests; /* how many came */
	int fd;
	int stop[2]; /* a pipe; closing it ends the thread */
	pthread_t thread;
	pthread_mutex_t lock;
};

/*
 * Start it and make its directory the root of paths_in().  The test fills
 * answer before it sends a request; an empty answer: the connection is closed
 * at once.
 */
void link_agent_start(struct link_agent *s);

/* Append a frame to the answer. */
void link_agent_text(struct link_agent *s, const char *text);
void link_agent_row(struct link_agent *s, const char *a, const char *b);
void link_agent_data(struct link_agent *s, const void *p, size_t n);
void link_agent_result(struct link_agent *s, enum err_code code,
    const char *message, const char *hint);

/* Forget the answer and the request. */
void link_agent_clear(struct link_agent *s);

/* End the thread, remove the directory. */
void link_agent_stop(struct link_agent *s);

#endif
