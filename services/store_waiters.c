#include <stdlib.h>

#include "base/mem.h"
#include "services/store_priv.h"

struct phone_store_waiter *
store_wait(struct phone_store *s, struct waiter_queue *q,
    void (*fn)(void *self), void *self)
{
	struct phone_store_waiter *w = mem_alloc(sizeof(*w));

	w->store = s;
	w->queue = q;
	w->fn = fn;
	w->self = self;
	TAILQ_INSERT_TAIL(q, w, link);
	return w;
}

void
store_wake(struct phone_store *s, struct waiter_queue *q)
{
	struct phone_store_waiter *w;

	if (TAILQ_EMPTY(q))
		return;
	for (w = TAILQ_FIRST(q); w != NULL; w = TAILQ_NEXT(w, link))
		w->queue = &s->ready;
	TAILQ_CONCAT(&s->ready, q, link);
	store_continue(s);
}

bool
store_waiters_turn(struct phone_store *s)
{
	struct phone_store_waiter *w;

	for (unsigned n = 0; n < STORE_TURN; n++) {
		void (*fn)(void *self);
		void *self;

		w = TAILQ_FIRST(&s->ready);
		if (w == NULL)
			return false;
		/* The list does not hold those that were freed. */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		fn = w->fn;
		self = w->self;
		TAILQ_REMOVE(&s->ready, w, link);
		free(w);
		fn(self);
	}
	return !TAILQ_EMPTY(&s->ready);
}

void
store_waiters_release(struct waiter_queue *q)
{
	struct phone_store_waiter *w;

	while ((w = TAILQ_FIRST(q)) != NULL) {
		TAILQ_REMOVE(q, w, link);
		free(w);
	}
}

void
phone_store_wait_cancel(struct phone_store_waiter *w)
{
	TAILQ_REMOVE(w->queue, w, link);
	free(w);
}
