/*
 * Threads that work in the background of an event loop: items of work in
 * several queues, of which the first that is not empty goes first; what is
 * done is handed back in the event loop, a few at a time.
 *
 * The threads have a lower priority than the event loop (nice 10), so that
 * they use what it leaves, and take no signals.
 */
#ifndef SERVICES_WORK_POOL_H
#define SERVICES_WORK_POOL_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define WORK_POOL_QUEUES 4
#define WORK_POOL_TURN 64 /* items handed back before others have a turn */

struct event_base;
struct work_pool;

/* Part of a caller's item, which it belongs to while it is nowhere queued. */
struct work {
	TAILQ_ENTRY(work) link; /* the pool's, as what follows */
	unsigned queue;
	bool queued; /* no thread has begun it */
	void *item; /* the caller's */
};

struct work_pool_config {
	unsigned threads; /* 1 or more */
	/* In a thread of the pool; thread is below threads. */
	void (*run)(void *self, unsigned thread, void *item);
	/* In the event loop, once for each item that was run. */
	void (*done)(void *self, void *item);
	/* In work_pool_free(), for each item that is still in it. */
	void (*drop)(void *self, void *item);
	void *self;
};

/* Start the threads.  base is lent.  NULL with e set. */
struct work_pool *work_pool_new(struct event_base *base,
    const struct work_pool_config *config, struct err *e);

/*
 * Let the threads end what they are at, and stop them.  Nothing is handed
 * back any more.  NULL-safe.
 */
void work_pool_free(struct work_pool *p);

/* Append an item to one of the queues; 0 goes first. */
void work_pool_add(struct work_pool *p, struct work *w, void *item,
    unsigned queue);

/* Move it to the end of a queue that goes earlier, unless it has begun. */
void work_pool_hurry(struct work_pool *p, struct work *w, unsigned queue);

/* Take it out.  False: it has begun, and will be handed back. */
bool work_pool_cancel(struct work_pool *p, struct work *w);

/* Items that were added and not yet handed back or taken out. */
size_t work_pool_pending(const struct work_pool *p);

#endif
