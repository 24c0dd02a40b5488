/*
 * A thread that follows the list of remote clusters: it reads the enterprise
 * parameter once a second, finds the addresses of the hosts, and hands them
 * to services/remote_clusters.h in the event loop, which waits for neither.
 *
 * While the database does not answer the list stays as it is.  Names are
 * asked for again every REMOTE_RESOLVE_MS; one that has no address just now
 * keeps the one it had, or else is handed over without, because a phone may
 * be of that cluster all the same.
 */
#ifndef SERVICES_REMOTE_WATCH_H
#define SERVICES_REMOTE_WATCH_H

#include <stdbool.h>

#include "base/err.h"
#include "base/file_servers.h"
#include "services/remote_clusters.h"

#define REMOTE_POLL_MS 1000
#define REMOTE_RESOLVE_MS 60000

struct event_base;
struct remote_watch;

/* Where the list comes from: services/remote_source.h, or a test. */
struct remote_source {
	/* The parameter as it is now.  One thread calls it. */
	int (*read)(void *self, char text[FILE_SERVERS_TEXT_SIZE],
	    struct err *e);
	/* As remote_resolve(). */
	int (*resolve)(const struct file_server *server,
	    struct sockaddr_in *address, struct err *e);
	void (*close)(void *self); /* the thread has done; or NULL */
	void *self;
};

struct remote_watch_config {
	struct remote_source source;
	unsigned poll_ms; /* the two times above; 0: as there */
	unsigned resolve_ms;
};

/* Begin.  base and remotes are lent.  NULL on failure. */
struct remote_watch *remote_watch_new(struct event_base *base,
    const struct remote_watch_config *config, struct remote_clusters *remotes,
    struct err *e);

/*
 * Stop.  True when the thread is left behind, to end on its own: it waits for
 * the database or for a name.  NULL-safe.
 */
bool remote_watch_free(struct remote_watch *w);

#endif
