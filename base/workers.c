#include "base/workers.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

struct pool {
	const struct workers *w;
	atomic_size_t next; /* first item that no thread has taken */
};

struct worker {
	struct pool *pool;
	unsigned number;
	pthread_t thread;
};

unsigned
workers_count(size_t n)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	if (online < 1 || n < 1)
		return 1;
	return (size_t)online < n ? (unsigned)online : (unsigned)n;
}

static void *
work(void *arg)
{
	const struct worker *me = arg;
	const struct workers *w = me->pool->w;
	size_t i;

	while ((i = atomic_fetch_add(&me->pool->next, 1)) < w->n)
		w->run(w->self, me->number, i);
	return NULL;
}

void
workers_run(const struct workers *w)
{
	struct pool pool = { .w = w };
	struct worker *worker = mem_array(w->threads, sizeof(*worker));
	unsigned started = 1;
	sigset_t all, before;

	for (unsigned i = 0; i < w->threads; i++)
		worker[i] = (struct worker) { .pool = &pool, .number = i };
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started < w->threads &&
	    pthread_create(&worker[started].thread, NULL, work,
		&worker[started]) == 0)
		started++;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)work(&worker[0]);
	for (unsigned i = 1; i < started; i++)
		(void)pthread_join(worker[i].thread, NULL);
	free(worker);
}
