#include "cluster/fanout.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"

enum item_state {
	ITEM_WAITING,
	ITEM_RUNNING,
	ITEM_ENDED, /* by itself, or given up */
};

struct item {
	enum item_state state;
	int64_t deadline; /* set when it starts */
	struct err err;
};

/*
 * One fan-out.  Each thread and the caller hold it; whoever lets go last
 * frees it, so that work that was given up may still come back.
 */
struct pool {
	struct fanout f;
	struct item *item; /* f.n of them */
	size_t next; /* first that no thread has taken */
	unsigned users; /* threads and the caller */
	unsigned workers; /* threads whose work was not given up */
	pthread_mutex_t lock; /* over all above but f */
	pthread_cond_t changed; /* an item has ended */
};

static void
pool_leave(struct pool *p)
{
	bool last;

	pthread_mutex_lock(&p->lock);
	last = --p->users == 0;
	pthread_mutex_unlock(&p->lock);
	if (!last)
		return;
	if (p->f.release != NULL)
		p->f.release(p->f.self);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	free(p->item);
	free(p);
}

/* Take the next item; false when none is left. */
static bool
take(struct pool *p, size_t *i, int64_t *deadline)
{
	bool any;

	pthread_mutex_lock(&p->lock);
	any = p->next < p->f.n;
	if (any) {
		*i = p->next++;
		*deadline = clock_ticks() + p->f.item_ms;
		p->item[*i].state = ITEM_RUNNING;
		p->item[*i].deadline = *deadline;
		pthread_cond_signal(&p->changed);
	}
	pthread_mutex_unlock(&p->lock);
	return any;
}

/* False when the item was given up meanwhile: its outcome is dropped. */
static bool
put(struct pool *p, size_t i, const struct err *e)
{
	bool wanted;

	pthread_mutex_lock(&p->lock);
	wanted = p->item[i].state == ITEM_RUNNING;
	if (wanted) {
		p->item[i].state = ITEM_ENDED;
		p->item[i].err = *e;
		pthread_cond_signal(&p->changed);
	}
	pthread_mutex_unlock(&p->lock);
	return wanted;
}

/* True when no item was left, false when this thread was replaced. */
static bool
run_items(struct pool *p)
{
	int64_t deadline;
	size_t i;

	while (take(p, &i, &deadline)) {
		struct err e = ERR_INIT;

		if (p->f.run(p->f.self, i, deadline, &e) == 0)
			err_clear(&e);
		else if (e.code == ERR_NONE)
			err_set(&e, ERR_INTERNAL, "failed without a reason");
		if (!put(p, i, &e))
			return false;
	}
	return true;
}

static void *
thread_main(void *arg)
{
	struct pool *p = arg;

	if (run_items(p)) {
		pthread_mutex_lock(&p->lock);
		p->workers--;
		pthread_cond_signal(&p->changed);
		pthread_mutex_unlock(&p->lock);
	}
	pool_leave(p);
	return NULL;
}

/*
 * With the lock held: one more detached thread, every signal blocked, as
 * signals are the program's.  Nothing happens when the system gives none.
 */
static void
start_thread(struct pool *p)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;

	if (pthread_attr_init(&attr) != 0)
		return;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&thread, &attr, thread_main, p) == 0) {
		p->users++;
		p->workers++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
}

static void
start_threads(struct pool *p)
{
	unsigned want = p->f.threads != 0 ? p->f.threads : FANOUT_THREADS;
	unsigned n;

	pthread_mutex_lock(&p->lock);
	for (n = 0; n < want && n < p->f.n; n++)
		start_thread(p);
	pthread_mutex_unlock(&p->lock);
}

/* A deadline of clock_ticks() as the condition's clock wants it. */
static struct timespec
to_timespec(int64_t ticks)
{
	struct timespec ts = {
		.tv_sec = (time_t)(ticks / 1000),
		.tv_nsec = (long)(ticks % 1000) * 1000000L,
	};

	return ts;
}

/* With the lock held: leave the item's thread behind, start another. */
static void
give_up(struct pool *p, struct item *it)
{
	it->state = ITEM_ENDED;
	err_set(&it->err, ERR_TIMEOUT, "no end within %lld s",
	    (long long)((p->f.item_ms + 999) / 1000));
	p->workers--;
	start_thread(p);
}

/* Wait, lock held, until item i may have changed. */
static void
wait_for_item(struct pool *p, size_t i)
{
	struct item *it = &p->item[i];
	int64_t last = it->deadline + FANOUT_GRACE_MS;
	struct timespec until = to_timespec(last);

	if (it->state == ITEM_WAITING && p->workers == 0) {
		p->next = i + 1;
		it->state = ITEM_ENDED;
		err_set(&it->err, ERR_INTERNAL, "no thread to do it");
	} else if (it->state == ITEM_WAITING || p->f.release == NULL) {
		pthread_cond_wait(&p->changed, &p->lock);
	} else if (clock_ticks() >= last) {
		give_up(p, it);
	} else {
		pthread_cond_timedwait(&p->changed, &p->lock, &until);
	}
}

/* Collect the outcomes in list order. */
static size_t
collect(struct pool *p, struct err *outcome)
{
	size_t i, failed = 0;

	for (i = 0; i < p->f.n; i++) {
		pthread_mutex_lock(&p->lock);
		while (p->item[i].state != ITEM_ENDED)
			wait_for_item(p, i);
		outcome[i] = p->item[i].err;
		pthread_mutex_unlock(&p->lock);
		if (outcome[i].code != ERR_NONE)
			failed++;
		if (p->f.done != NULL)
			p->f.done(p->f.self, i, &outcome[i]);
	}
	return failed;
}

static struct pool *
pool_new(const struct fanout *f)
{
	struct pool *p = mem_alloc(sizeof(*p));
	pthread_condattr_t attr;

	p->f = *f;
	p->item = mem_array(f->n, sizeof(*p->item));
	p->users = 1;
	if (pthread_mutex_init(&p->lock, NULL) != 0 ||
	    pthread_condattr_init(&attr) != 0 ||
	    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(&p->changed, &attr) != 0)
		BUG("no lock for a fan-out");
	pthread_condattr_destroy(&attr);
	return p;
}

size_t
fanout_run(const struct fanout *f, struct err *outcome)
{
	struct pool *p;
	size_t failed;

	if (f->item_ms <= 0)
		BUG("fan-out without a deadline");
	p = pool_new(f);
	start_threads(p);
	failed = collect(p, outcome);
	pool_leave(p);
	return failed;
}
