/*
 * run/agent.sock: a thread for each connection, a request at a time on each.
 */
#ifndef NODE_AGENT_SERVER_H
#define NODE_AGENT_SERVER_H

#include "base/err.h"
#include "node/agent.h"

/* A session of an administrator has one as long as it lasts. */
#define AGENT_CONNECTIONS_MAX 192 /* more are closed at once */
#define AGENT_CONNECTIONS_USER 48 /* of one user id but root and ucm */
#define AGENT_CONNECTIONS_OWN 32 /* kept for those two and for other nodes */
#define AGENT_IDLE_MS 600000 /* between two requests of a connection */
#define AGENT_REQUEST_MS                                     \
	10000 /* from the first byte of a request to its end \
	       */
#define AGENT_TEXT_MS 2000 /* a client that reads no text is left alone */
#define AGENT_ANSWER_MS 30000 /* the same for rows, data and results */

/*
 * Bind and listen.  A socket left behind by an earlier agent is replaced.
 * The descriptor, or -1.
 */
int agent_server_listen(struct err *e);

/*
 * Serve until the other end of stop_fd is closed (the root parent is gone);
 * what can be read from it is left alone.  Threads may still be at work when it
 * returns: the program is to end.
 */
void agent_server_run(struct agent *a, int listen_fd, int stop_fd);

/* Serve one connection to its end and close it; for tests. */
void agent_server_connection(struct agent *a, int fd);

#endif
