/*
 * The table TVS answers from, kept as the database of this node has it: a
 * thread looks each second whether something has changed.  While the
 * database is away the last table stays.
 */
#ifndef SERVICES_TVS_CERTS_H
#define SERVICES_TVS_CERTS_H

#include <stdbool.h>

#include "base/err.h"
#include "services/tvs_counters.h"
#include "services/tvs_table.h"
#include "services/tvs_trace.h"

#define TVS_CERTS_POLL_MS 1000

struct tvs_certs;

struct tvs_certs_config {
	struct tvs_counters *counters; /* lent */
	struct tvs_trace *trace; /* lent; follows its parameters */
	unsigned poll_ms;
};

/*
 * Start the thread.  No table is there until the database has answered.
 * NULL on failure.
 */
struct tvs_certs *tvs_certs_new(const struct tvs_certs_config *config,
    struct err *e);

/*
 * Wait until there is a table, at most timeout_ms.  0, or -1 with ERR_TIMEOUT
 * or with what the database said last.
 */
int tvs_certs_wait(struct tvs_certs *c, unsigned timeout_ms, struct err *e);

/*
 * The present table, or NULL while there is none.  It stays as it is until
 * tvs_certs_give() gives it back.  From any thread.
 */
const struct tvs_table *tvs_certs_take(struct tvs_certs *c);
void tvs_certs_give(struct tvs_certs *c, const struct tvs_table *t);

/*
 * End the thread and free everything; all tables were given back.  False
 * when the thread waits for a database that does not answer: then nothing
 * is freed and only the end of the process is left.  NULL-safe.
 */
bool tvs_certs_free(struct tvs_certs *c);

#endif
