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
	TAILQ_FOREACH (w, q, link)
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
		fn = w->fn;
		self = w->self;
		phone_store_wait_cancel(w);
		fn(self);
	}
	return !TAILQ_EMPTY(&s->ready);
}

void
store_waiters_release(struct waiter_queue *q)
{
	struct phone_store_waiter *w;

	while ((w = TAILQ_FIRST(q)) != NULL)
		phone_store_wait_cancel(w);
}

void
phone_store_wait_cancel(struct phone_store_waiter *w)
{
	TAILQ_REMOVE(w->queue, w, link);
	free(w);
}
