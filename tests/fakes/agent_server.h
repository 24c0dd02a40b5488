/*
 * A pretended agent for tests: a thread that listens on run/agent.sock below
 * a directory of its own and answers each request with frames the test has
 * prepared.
 */
#ifndef TESTS_FAKES_AGENT_SERVER_H
#define TESTS_FAKES_AGENT_SERVER_H

#include <pthread.h>
#include <stddef.h>

#include "base/buffer.h"
#include "cluster/agent_msg.h"

#define AGENT_SERVER_PATH 256

struct agent_server {
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
void agent_server_start(struct agent_server *s);

/* Append a frame to the answer. */
void agent_server_text(struct agent_server *s, const char *text);
void agent_server_row(struct agent_server *s, const char *a, const char *b);
void agent_server_data(struct agent_server *s, const void *p, size_t n);
void agent_server_result(struct agent_server *s, enum err_code code,
    const char *message, const char *hint);

/* Forget the answer and the request. */
void agent_server_clear(struct agent_server *s);

/* End the thread, remove the directory. */
void agent_server_stop(struct agent_server *s);

#endif
