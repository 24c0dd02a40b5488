/*
 * Centralized TFTP: files of other clusters.
 *
 * What this cluster does not have is asked of its remote clusters, all at
 * the same time, by HTTP (port 6970) with the header "X-Ucmsh-Forwarded: 1",
 * which keeps two clusters that name each other from asking for ever.  The
 * first whole answer wins, its bytes are passed on unchanged and kept for a
 * while; that a file is missing is kept too, for less long.  Requests for
 * one name share one question.
 *
 * An answer is awaited for REMOTE_ANSWER_MS.  A remote cluster that has not
 * even begun to answer by then is left out for REMOTE_LEFT_OUT_MS, so that it
 * costs nothing in between.  One that refuses connections costs nothing.  When
 * thousands ask at the same moment, what has to wait for its turn at a remote
 * cluster that answers waits longer, REMOTE_TURN_MS in all.
 *
 * Until remote_clusters_set() is called for the first time it is not known
 * whether there are any: a question waits for that as it waits for an answer,
 * but after REMOTE_PATIENCE_MS it is REMOTE_SILENT at once.
 *
 * Everything here belongs to the thread of the event loop.
 */
#ifndef SERVICES_REMOTE_CLUSTERS_H
#define SERVICES_REMOTE_CLUSTERS_H

#include <netinet/in.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/file_servers.h"
#include "services/tftp_files.h"
#include "services/tftp_name.h"

#define REMOTE_CLUSTERS_MAX FILE_SERVERS_MAX
#define REMOTE_ANSWER_MS 900 /* a phone waits a second at most */
#define REMOTE_TURN_MS 5000
#define REMOTE_LEFT_OUT_MS 10000
#define REMOTE_PATIENCE_MS 3000
#define REMOTE_KEEP_MS 60000 /* a file */
#define REMOTE_KEEP_MISSING_MS 10000 /* that there is none */
#define REMOTE_FILE_MAX (32UL * 1024 * 1024) /* a larger one is not fetched */
#define REMOTE_CACHE_MAX (64UL * 1024 * 1024) /* bytes of all answers kept */
#define REMOTE_QUESTIONS_MAX 20000 /* at a time; above it: silent */

struct event_base;
struct remote_clusters;
struct remote_wait; /* a request that waits for an answer */

enum remote_answer {
	REMOTE_FOUND,
	REMOTE_MISSING, /* all have said so */
	REMOTE_SILENT /* nobody has it, and not all have answered */
};

/* Times and sizes; 0: as above. */
struct remote_clusters_config {
	unsigned answer_ms;
	unsigned turn_ms;
	unsigned left_out_ms;
	unsigned patience_ms;
	unsigned keep_ms;
	unsigned keep_missing_ms;
	size_t file_max;
	size_t cache_max;
	size_t questions_max;
};

/* Since the start, and now. */
struct remote_counters {
	uint64_t requests; /* that came this far */
	uint64_t cached; /* of them, answered from what is kept */
	uint64_t questions; /* one may be for many requests */
	uint64_t found; /* questions that ended so */
	uint64_t missing;
	uint64_t silent; /* or that could not even be asked */
	uint64_t clusters; /* configured now */
	uint64_t left_out; /* of them, or without address */
	uint64_t kept_files; /* now */
	uint64_t kept_bytes;
};

/* file: held once, the callee's to release; NULL unless REMOTE_FOUND. */
typedef void remote_fn(void *self, enum remote_answer answer,
    struct tftp_file *file);

/* base is lent.  Never NULL. */
struct remote_clusters *remote_clusters_new(struct event_base *base,
    const struct remote_clusters_config *config);

/* Whoever waits has called it off.  NULL-safe. */
void remote_clusters_free(struct remote_clusters *r);

/*
 * From now on these n (at most REMOTE_CLUSTERS_MAX) are asked.  One with the
 * address INADDR_ANY is there but cannot be found for now: it is silent and
 * costs nothing.  When they are others than before, everything that is kept
 * is forgotten, and who waits for an answer of the old ones gets
 * REMOTE_SILENT.  Not from a remote_fn.
 */
void remote_clusters_set(struct remote_clusters *r,
    const struct sockaddr_in *address, size_t n);

/* May there be any? */
bool remote_clusters_any(const struct remote_clusters *r);

/*
 * Ask for a file.  fn is called once: before this returns, which is NULL
 * then, or later from the event loop.  A name that each cluster has of its
 * own is never asked for: REMOTE_MISSING.
 */
struct remote_wait *remote_clusters_ask(struct remote_clusters *r,
    const struct tftp_name *name, remote_fn *fn, void *self);

/* Call it off: fn is not called any more. */
void remote_wait_cancel(struct remote_wait *w);

void remote_clusters_counters(const struct remote_clusters *r,
    struct remote_counters *out);

#endif
