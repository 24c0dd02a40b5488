/*
 * Regeneration of one of a node's own certificates, so that being killed at
 * any moment leaves key, certificate, files and database agreeing:
 *
 *   1. certs/UNIT.pem.new, key and certificate in one synced file;
 *   2. certificate row and hold time in one transaction on the primary;
 *   3. rename to certs/UNIT.pem;
 *   4. for ITLRecovery on the publisher: the new ITLRecovery.p12.
 *
 * Whether step 2 happened decides: cert_regen_repair() renames a `.new` whose
 * certificate is in the database and removes any other.  The p12 is derived
 * and made again whenever it does not belong to the .pem.
 */
#ifndef CLUSTER_CERT_REGEN_H
#define CLUSTER_CERT_REGEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/nodeconf.h"
#include "base/progress.h"
#include "base/str.h"
#include "cluster/cert_unit.h"

#define CERT_REPLICAS_MS 3000

/* How a change of the database ended. */
enum cert_recorded {
	CERT_RECORDED,
	CERT_REFUSED, /* e says why; nothing has changed */
	CERT_UNDECIDED /* the answer to the commit got lost; e says how */
};

/* The database's side of it; cert_regen_real(), or a fake. */
struct cert_regen_ops {
	/* 0 when free; ERR_HELD with the sentence to print. */
	int (*held)(void *self, const char *unit, struct err *e);
	/*
	 * Make c the unit's certificate, with hold as one transaction with
	 * the hold time, in which the hold is checked once more.
	 */
	enum cert_recorded (*record)(void *self, const char *unit,
	    const struct cert *c, bool hold, struct err *e);
	/* Is c the unit's certificate on the primary? */
	int (*recorded)(void *self, const char *unit, const struct cert *c,
	    bool *yes, struct err *e);
	/*
	 * The same when the answer to a commit is lost: behind everything that
	 * may still be under way in the database, so that a "no" stays one.
	 */
	int (*settled)(void *self, const char *unit, const struct cert *c,
	    bool *yes, struct err *e);
	/* Wait up to ms for the replicas; the names of those that lag. */
	int (*replicas)(void *self, int64_t ms, struct strlist *lagging,
	    struct err *e);
	void *self;
};

/*
 * What the ops over the primary's database work with.  The connection is
 * opened at first use and kept for what follows, until a request over it
 * fails or cert_regen_close().
 */
struct cert_regen_world {
	const struct nodeconf *conf; /* borrowed */
	struct db *primary; /* NULL: not open */
};

/* The ops over the primary's database; w is borrowed, one thread's. */
struct cert_regen_ops cert_regen_real(struct cert_regen_world *w);

/* Close the connection if there is one. */
void cert_regen_close(struct cert_regen_world *w);

/* 0 when unit may be regenerated now; ERR_HELD, ERR_NOT_FOUND, … */
int cert_regen_check(const struct cert_regen_ops *ops, const char *unit,
    struct err *e);

/*
 * Regenerate; p (NULL: nobody) gets a line for each node whose database lags.
 * *open becomes true when something is left for cert_regen_repair(), which
 * must succeed before the next regeneration: the commit is undecided, or the
 * files could not be finished.  On any other failure nothing has changed.
 */
int cert_regen_run(const struct nodeconf *conf,
    const struct cert_regen_ops *ops, const char *unit,
    const struct progress *p, bool *open, struct err *e);

/*
 * Take a pair from outside as this node's ITLRecovery, by the same steps; on
 * the publisher with a p12, too.  The hold timer is neither
 * asked nor set, because no certificate is made: a recovery must not have
 * to wait.  A pair that is the node's already changes nothing.  *open and
 * failures as cert_regen_run().
 */
int cert_regen_adopt(const struct nodeconf *conf,
    const struct cert_regen_ops *ops, const struct certfile *pair,
    const struct progress *p, bool *open, struct err *e);

/*
 * Bring files and database together, at the start of the agent and after an
 * open regeneration: finish or undo what was interrupted, make ITLRecovery
 * when the node has none (an upgrade), and record own certificates that the
 * database does not have.  p gets a line for each thing done or not possible.
 * -1 while the primary cannot be asked: nothing is lost then and the caller
 * tries again.
 */
int cert_regen_repair(const struct nodeconf *conf,
    const struct cert_regen_ops *ops, const struct progress *p, struct err *e);

/*
 * Have files and database what belongs together, so that a repair would do
 * nothing?  Of ops only `recorded` is called, which may ask this node's own
 * database: a replica that lags says no at worst.
 */
bool cert_regen_agrees(const struct cert_regen_ops *ops);

/*
 * On the publisher: make ITLRecovery.p12 when it is missing or does not hold
 * the present key.  Opening it takes a good part of a second.
 */
int cert_regen_repair_p12(const struct nodeconf *conf, const struct progress *p,
    struct err *e);

#endif
