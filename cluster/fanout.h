/*
 * The same work on many nodes at once, by a bounded pool of threads.  One
 * node that is slow, dead or wrong does not keep the others from their work,
 * and its error is a line in the outcome, not the end of the job.
 */
#ifndef CLUSTER_FANOUT_H
#define CLUSTER_FANOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define FANOUT_THREADS 16 /* pool size when none is asked for */
#define FANOUT_GRACE_MS 2000 /* past its deadline work is given up */

struct fanout {
	size_t n; /* work items, usually nodes */
	unsigned threads; /* pool size; 0: FANOUT_THREADS, never over n */
	int64_t item_ms; /* time for one item, from its own start; > 0 */

	/*
	 * Do item i by deadline_ticks (a time of clock_ticks()).  0, or -1
	 * with e set.  Runs on a pool thread; several run at the same time,
	 * each item once.
	 */
	int (*run)(void *self, size_t i, int64_t deadline_ticks, struct err *e);

	/*
	 * Item i has ended (e->code ERR_NONE: well).  Called in list order,
	 * on the thread that called fanout_run(), as soon as items 0..i have
	 * all ended.  May be NULL.
	 */
	void (*done)(void *self, size_t i, const struct err *e);

	/*
	 * When given, self belongs to the fan-out: it is released once, when
	 * nothing uses it any more, and work that is not back FANOUT_GRACE_MS
	 * after its deadline is left behind with ERR_TIMEOUT.  When NULL,
	 * fanout_run() waits for all work to return; run must then keep its
	 * deadline by itself, as everything in link.h does.
	 */
	void (*release)(void *self);
	void *self;
};

/*
 * Run all items and return when each has an outcome.  outcome is an array
 * of f->n, all overwritten: ERR_NONE or what the item's run said.  Returns
 * how many failed.
 */
size_t fanout_run(const struct fanout *f, struct err *outcome);

#endif
