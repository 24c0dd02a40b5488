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
 * fingerprint is in the database and removes any other.  The p12 is derived
 * and made again whenever it does not belong to the .pem.
 */
#ifndef CLUSTER_CERT_REGEN_H
#define CLUSTER_CERT_REGEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/nodeconf.h"
#include "base/progress.h"
#include "base/str.h"

struct cert; /* trust/cert.h */

#define CERT_REPLICAS_MS 3000

/* The database's side of it; real in cert_regen_real(), else a fake. */
struct cert_regen_ops {
	/* 0 when free; ERR_HELD with the sentence. */
	int (*held)(void *self, const char *unit, struct err *e);
	/*
	 * Certificate row and, with hold, the hold time: one transaction on
	 * the primary, in which the hold is checked once more.
	 */
	int (*record)(void *self, const char *unit, const struct cert *c,
	    bool hold, struct err *e);
	/*
	 * Does the primary have exactly this certificate as this node's unit?
	 * Waits for a transaction of ours that may still be under way.
	 */
	int (*recorded)(void *self, const char *unit, const struct cert *c,
	    bool *yes, struct err *e);
	/* Wait up to ms for the replicas; names of those that lag. */
	int (*replicas)(void *self, int64_t ms, struct strlist *lagging,
	    struct err *e);
	void *self;
};

void cert_regen_real(struct cert_regen_ops *ops, const struct nodeconf *conf);

/* 0 when unit may be regenerated now; ERR_HELD, ERR_NOT_FOUND, … */
int cert_regen_check(const struct cert_regen_ops *ops, const char *unit,
    struct err *e);

/*
 * Regenerate.  *undecided becomes true when the primary was lost at the very
 * moment of the commit: UNIT.pem.new stays then and cert_regen_repair() must
 * succeed before the next regeneration.  Any other failure: nothing changed.
 */
int cert_regen_run(const struct nodeconf *conf,
    const struct cert_regen_ops *ops, const char *unit,
    const struct progress *p, bool *undecided, struct err *e);

/*
 * Bring files and database together, at the start of the agent and after an
 * undecided regeneration.  Finishes or undoes interrupted regenerations;
 * makes ITLRecovery when the node has none (an upgrade) and the publisher's
 * p12 when it is missing or old; records own certificates the database does
 * not know.  -1 while the primary cannot be asked: nothing is lost then and
 * the caller tries again.
 */
int cert_regen_repair(const struct nodeconf *conf,
    const struct cert_regen_ops *ops, struct err *e);

#endif
