/*
 * The same work on many items, on all processors.
 */
#ifndef BASE_WORKERS_H
#define BASE_WORKERS_H

#include <stddef.h>

struct workers {
	size_t n; /* items */
	unsigned threads; /* 1 or more; workers_count() helps */
	/*
	 * Do item i.  thread is below threads and belongs to the calling
	 * thread until all is done, so that it can name what each thread has
	 * for itself.
	 */
	void (*run)(void *self, unsigned thread, size_t i);
	void *self;
};

/* As many threads as processors are online, but at most n; at least 1. */
unsigned workers_count(size_t n);

/*
 * Run all items, the first ones first, and return when the last is done.
 * The caller is thread 0.  Threads that the system does not give are done
 * without.  The other threads take no signals.
 */
void workers_run(const struct workers *w);

#endif
