#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "services/store_priv.h"

static const enum store_queue queue_of[STORE_KINDS] = {
	[SIGNING_PHONE] = STORE_PHONES,
	[SIGNING_GROUP] = STORE_GROUPS,
	[SIGNING_STATIC] = STORE_STATICS,
};

/* In which order stale items get their turn. */
static const enum signing_kind order[STORE_KINDS] = { SIGNING_GROUP,
	SIGNING_PHONE, SIGNING_STATIC };

void
store_items_init(struct phone_store *s)
{
	for (unsigned k = 0; k < STORE_KINDS; k++) {
		TAILQ_INIT(&s->items.stale[k]);
		TAILQ_INIT(&s->items.settled[k]);
	}
}

/* Out of the list of stale ones, or into it. */
static void
list(struct phone_store *s, struct store_item *i, bool stale)
{
	struct item_list *from, *to;

	if (i->listed == stale)
		return;
	from =
	    i->listed ? &s->items.stale[i->kind] : &s->items.settled[i->kind];
	to = stale ? &s->items.stale[i->kind] : &s->items.settled[i->kind];
	TAILQ_REMOVE(from, i, link);
	TAILQ_INSERT_TAIL(to, i, link);
	i->listed = stale;
	s->items.n_stale += stale ? 1 : (size_t)-1;
}

void
store_item_add(struct phone_store *s, struct store_item *i,
    enum signing_kind kind, void *owner)
{
	memset(i, 0, sizeof(*i));
	i->kind = kind;
	i->owner = owner;
	TAILQ_INIT(&i->waiters);
	TAILQ_INSERT_TAIL(&s->items.settled[kind], i, link);
	store_item_stale(s, i);
}

/* Take back its job.  False: it has begun. */
static bool
take_back(struct phone_store *s, struct store_item *i)
{
	if (!work_pool_cancel(s->pool, &i->job->work))
		return false;
	s->items.jobs[i->kind]--;
	signing_job_free(i->job);
	i->job = NULL;
	return true;
}

void
store_item_remove(struct phone_store *s, struct store_item *i)
{
	if (i->job != NULL && !take_back(s, i)) {
		i->job->owner = NULL;
		i->job = NULL;
	}
	list(s, i, false);
	TAILQ_REMOVE(&s->items.settled[i->kind], i, link);
	if (i->failed)
		s->counters.failed--;
	store_wake(s, &i->waiters);
}

void
store_item_stale(struct phone_store *s, struct store_item *i)
{
	i->stale = true;
	list(s, i, true);
	store_continue(s);
}

void
store_items_all_stale(struct phone_store *s, enum signing_kind kind)
{
	struct store_item *i;

	for (i = TAILQ_FIRST(&s->items.settled[kind]); i != NULL;
	     i = TAILQ_NEXT(i, link)) {
		i->stale = true;
		i->listed = true;
		s->items.n_stale++;
	}
	TAILQ_CONCAT(&s->items.stale[kind], &s->items.settled[kind], link);
	store_continue(s);
}

bool
store_item_settled(const struct store_item *i)
{
	return !i->stale && i->job == NULL;
}

/* Add a job for it, unless one has begun: then it waits for that. */
static void
submit(struct phone_store *s, struct store_item *i, enum store_queue q)
{
	list(s, i, false);
	if (i->job != NULL && !take_back(s, i))
		return;
	i->stale = false;
	i->job = signing_job_new(i->kind, i);
	switch (i->kind) {
	case SIGNING_PHONE:
		store_phone_job(s, i->owner, i->job);
		break;
	case SIGNING_GROUP:
		store_group_job(i->owner, i->job);
		break;
	case SIGNING_STATIC:
		store_static_job(i->owner, i->job);
		break;
	}
	s->items.jobs[i->kind]++;
	work_pool_add(s->pool, &i->job->work, i->job,
	    TAILQ_EMPTY(&i->waiters) ? q : STORE_URGENT);
}

/* Can anything of this kind be made yet? */
static bool
possible(const struct phone_store *s, enum signing_kind kind)
{
	return s->identity != NULL &&
	    (kind != SIGNING_PHONE || s->basis != NULL);
}

void
store_item_hurry(struct phone_store *s, struct store_item *i)
{
	if (i->stale && possible(s, i->kind))
		submit(s, i, STORE_URGENT);
	else if (i->job != NULL)
		work_pool_hurry(s->pool, &i->job->work, STORE_URGENT);
}

bool
store_items_turn(struct phone_store *s)
{
	unsigned n = 0;

	for (unsigned k = 0; k < STORE_KINDS; k++) {
		struct item_list *l = &s->items.stale[order[k]];

		while (possible(s, order[k]) && !TAILQ_EMPTY(l)) {
			if (n++ == STORE_TURN)
				return true;
			submit(s, TAILQ_FIRST(l), queue_of[order[k]]);
		}
	}
	return false;
}

bool
store_items_idle(const struct phone_store *s)
{
	return s->items.n_stale == 0 && work_pool_pending(s->pool) == 0;
}

/* A firmware image is none of ours to sign. */
static bool
too_large(const struct signing_job *j)
{
	return j->kind == SIGNING_STATIC && j->error != NULL &&
	    j->error->code == ERR_TOO_BIG;
}

/* Name it in the log, once until it is made again, and not thousands. */
static void
complain(struct phone_store *s, struct store_item *i,
    const struct signing_job *j)
{
	if (i->complained)
		return;
	i->complained = true;
	if (too_large(j)) {
		log_info("%s: %s", j->name, j->error->msg);
		return;
	}
	if (++s->items.complaints > STORE_COMPLAINTS)
		return;
	if (j->kind == SIGNING_PHONE)
		log_error("%s%s: %s", j->row == NULL ? "XMLDefault" : "SEP",
		    j->row == NULL ? "" : j->row->mac, j->error->msg);
	else
		log_error("%s: %s",
		    j->kind == SIGNING_GROUP ? "ITL file of a group" : j->name,
		    j->error->msg);
	if (s->items.complaints == STORE_COMPLAINTS)
		log_error("no more lines about files that cannot be made");
}

static void
take(struct phone_store *s, struct store_item *i, struct signing_job *j)
{
	const bool failed = j->error != NULL && !too_large(j);

	if (failed != i->failed)
		s->counters.failed += failed ? 1 : (uint64_t)-1;
	i->failed = failed;
	if (j->error != NULL)
		complain(s, i, j);
	else
		i->complained = false;
	switch (i->kind) {
	case SIGNING_PHONE:
		store_phone_take(s, i->owner, j);
		break;
	case SIGNING_GROUP:
		store_group_take(s, i->owner, j);
		break;
	case SIGNING_STATIC:
		store_static_take(s, i->owner, j);
		break;
	}
}

/*
 * What was made for a phone or a file that is gone is not kept, either; but
 * it may be there again by now.
 */
static void
forget(struct phone_store *s, const struct signing_job *j)
{
	const char *mac = j->row == NULL ? "" : j->row->mac;

	switch (j->kind) {
	case SIGNING_PHONE:
		if (store_phone_find(s, mac) == NULL)
			signing_forget_phone(&s->tools, mac);
		break;
	case SIGNING_STATIC:
		store_static_forget(s, j->name);
		break;
	case SIGNING_GROUP:
		break;
	}
}

void
store_items_done(void *self, void *job)
{
	struct phone_store *s = self;
	struct signing_job *j = job;
	struct store_item *i = j->owner;

	s->items.jobs[j->kind]--;
	s->counters.signed_files += j->n_signed;
	s->counters.reused += j->n_reused;
	s->counters.encrypted += j->n_encrypted;
	if (i == NULL) {
		forget(s, j);
	} else {
		i->job = NULL;
		if (i->stale) {
			/* Something has changed meanwhile. */
			submit(s, i, queue_of[i->kind]);
		} else {
			take(s, i, j);
			store_wake(s, &i->waiters);
		}
	}
	signing_job_free(j);
	if (s->items.n_stale == 0)
		store_phones_look(s);
	if (store_items_idle(s)) {
		s->items.complaints = 0;
		store_continue(s);
	}
}

void
store_items_drop(void *self, void *job)
{
	(void)self;
	signing_job_free(job);
}
