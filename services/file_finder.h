/*
 * What phones may fetch, wherever it comes from: the one chain of lookups
 * behind TFTP and HTTP.  In this order:
 *
 *   1. While a reset file is in force, its bytes are the ITLSEP<MAC>.tlv of
 *      every phone of this cluster, because a locked phone asks for nothing
 *      else: of the phones in the database, of those whose ITLSEP<MAC>.tlv
 *      is on disk, and, when there are no remote clusters, of all others.
 *   2. What is made and signed for the phones in the database.
 *   3. The files on disk.
 *   4. The remote clusters, but for the names that each cluster has of its
 *      own.  While a reset file is in force, a phone that all of them have
 *      said not to know gets its bytes; when one of them was silent the
 *      phone may be that one's, and its ITLSEP<MAC>.tlv is missing.
 *
 * Everything here belongs to the thread of the event loop.
 */
#ifndef SERVICES_FILE_FINDER_H
#define SERVICES_FILE_FINDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/phone_store.h"
#include "services/remote_clusters.h"
#include "services/tftp_files.h"

#define FINDER_WAITING_MAX 20000 /* requests; more are refused */

struct file_finder;
struct finder_wait; /* a request that waits for its answer */

/* All lent until file_finder_free(). */
struct file_finder_config {
	struct tftp_files *files;
	struct remote_clusters *remotes; /* NULL: none */
	/* Is this an ITL file that a reset has signed?  See itl_is_reset(). */
	bool (*is_reset)(const uint8_t *data, size_t len);
};

enum finder_answer {
	FINDER_FOUND,
	FINDER_MISSING, /* or a name that phones may not have */
	FINDER_BUSY /* it could not be read now, or there is no room to wait */
};

/*
 * The answer.  FINDER_FOUND: file is a snapshot, held once; the callee
 * gives it back with tftp_file_release().  FINDER_BUSY: why says it for the
 * log; ERR_DENIED means what can never be served (a symbolic link).
 * Otherwise file or why is NULL.
 */
typedef void finder_fn(void *self, enum finder_answer answer,
    struct tftp_file *file, const struct err *why);

struct file_finder *file_finder_new(const struct file_finder_config *config);

/*
 * From now on there are phones, of a store that is lent until
 * file_finder_free().
 */
void file_finder_use_store(struct file_finder *f, struct phone_store *store);

/* Whoever waits has been answered or has called it off.  NULL-safe. */
void file_finder_free(struct file_finder *f);

/*
 * Find the file that a request names.  fn is called once: before this
 * returns, which is NULL then, or later from the event loop.  forwarded:
 * another cluster asks, so no remote is asked again, and a reset file is for
 * this cluster's phones alone.
 */
struct finder_wait *file_finder_ask(struct file_finder *f, const char *request,
    bool forwarded, finder_fn *fn, void *self);

/* Call it off: fn is not called any more. */
void finder_wait_cancel(struct finder_wait *w);

/* Requests that wait. */
size_t file_finder_waiting(const struct file_finder *f);

#endif
