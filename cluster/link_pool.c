#include "cluster/link_pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/link_priv.h"

/* One link to another node, idle or in use. */
struct kept {
	struct kept *next;
	struct link *link;
	struct roster_node node; /* as the roster was when it was opened */
	bool in_use;
	bool unwanted; /* to be closed when it is given back */
	int64_t idle_since; /* a time of clock_ticks() */
};

struct link_pool {
	pthread_mutex_t lock; /* over all below */
	struct kept *first;
};

struct link_pool *
link_pool_new(void)
{
	struct link_pool *p = mem_alloc(sizeof(*p));

	if (pthread_mutex_init(&p->lock, NULL) != 0)
		BUG("no lock for a pool of links");
	return p;
}

/* Close a list of links that are in no pool any more. */
static void
close_all(struct kept *k)
{
	while (k != NULL) {
		struct kept *next = k->next;

		link_close(k->link);
		free(k);
		k = next;
	}
}

void
link_pool_free(struct link_pool *p)
{
	const struct kept *k;

	if (p == NULL)
		return;
	for (k = p->first; k != NULL; k = k->next)
		if (k->in_use)
			BUG("a pool is freed while a link is in use");
	close_all(p->first);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static bool
same_node(const struct roster_node *a, const struct roster_node *b)
{
	return str_equal(a->name, b->name) &&
	    str_equal(a->address, b->address) && a->ssh_port == b->ssh_port &&
	    str_equal(a->host_key, b->host_key);
}

/* With the lock: move *at to another list. */
static void
move(struct kept **at, struct kept **to)
{
	struct kept *k = *at;

	*at = k->next;
	k->next = *to;
	*to = k;
}

/*
 * The idle link to n, now in use; NULL when there is none.  One to what n
 * was before is closed.
 */
static struct kept *
take_idle(struct link_pool *p, const struct roster_node *n)
{
	struct kept *found = NULL, *gone = NULL;
	struct kept **at;

	(void)pthread_mutex_lock(&p->lock);
	at = &p->first;
	while (*at != NULL) {
		struct kept *k = *at;
		bool named = !k->in_use && str_equal(k->node.name, n->name);

		if (named && !same_node(&k->node, n)) {
			move(at, &gone);
			continue;
		}
		if (named)
			found = k;
		at = &k->next;
	}
	if (found != NULL)
		found->in_use = true;
	(void)pthread_mutex_unlock(&p->lock);
	close_all(gone);
	return found;
}

/* Take a link out of the pool and close it. */
static void
drop(struct link_pool *p, const struct kept *k)
{
	struct kept *gone = NULL;
	struct kept **at;

	(void)pthread_mutex_lock(&p->lock);
	at = &p->first;
	while (*at != k)
		at = &(*at)->next;
	move(at, &gone);
	(void)pthread_mutex_unlock(&p->lock);
	close_all(gone);
}

/*
 * Does a kept link still work?  The request can be repeated and changes
 * nothing.  Any result will do: it has come the whole way.
 */
static bool
answers(struct link *l, int64_t deadline_ticks)
{
	int64_t soon = clock_ticks() + LINK_POOL_PROBE_MS;
	struct link_request rq = { .words = STRLIST_INIT };
	struct err ignored = ERR_INIT;

	if (!l->ops->quiet(l))
		return false;
	strlist_add(&rq.words, "node");
	strlist_add(&rq.words, "status");
	(void)link_call(l, &rq, NULL,
	    deadline_ticks != 0 && deadline_ticks < soon ? deadline_ticks :
							   soon,
	    &ignored);
	strlist_release(&rq.words);
	return !l->broken;
}

static struct link *
open_fresh(struct link_pool *p, const struct roster_node *n,
    int64_t deadline_ticks, struct err *e)
{
	struct link *l = link_open_node(n, deadline_ticks, e);
	struct kept *k;

	if (l == NULL)
		return NULL;
	k = mem_alloc(sizeof(*k));
	*k = (struct kept) { .link = l, .node = *n, .in_use = true };
	(void)pthread_mutex_lock(&p->lock);
	k->next = p->first;
	p->first = k;
	(void)pthread_mutex_unlock(&p->lock);
	return l;
}

struct link *
link_pool_take(struct link_pool *p, const struct roster_node *n,
    int64_t deadline_ticks, struct err *e)
{
	struct kept *k;

	if (n->local)
		return link_open_local(e);
	k = take_idle(p, n);
	if (k != NULL) {
		if (answers(k->link, deadline_ticks))
			return k->link;
		drop(p, k);
	}
	return open_fresh(p, n, deadline_ticks, e);
}

/*
 * With the lock: is k, which is being given back, worth keeping?  Not when
 * the roster has no host key of its node: what proves it then stands in a
 * file that nobody watches.
 */
static bool
is_wanted(const struct link_pool *p, const struct kept *k)
{
	const struct kept *other;
	size_t idle = 0;

	if (k->unwanted || k->link->broken || k->node.host_key[0] == '\0')
		return false;
	for (other = p->first; other != NULL; other = other->next) {
		if (other->in_use)
			continue;
		idle++;
		if (str_equal(other->node.name, k->node.name))
			return false;
	}
	return idle < LINK_POOL_MAX;
}

void
link_pool_give(struct link_pool *p, struct link *l)
{
	struct kept *gone = NULL;
	struct kept **at;

	if (l == NULL)
		return;
	(void)pthread_mutex_lock(&p->lock);
	at = &p->first;
	while (*at != NULL && (*at)->link != l)
		at = &(*at)->next;
	if (*at == NULL) {
		/* to this node's agent */
		(void)pthread_mutex_unlock(&p->lock);
		link_close(l);
		return;
	}
	if (is_wanted(p, *at)) {
		(*at)->in_use = false;
		(*at)->idle_since = clock_ticks();
	} else {
		move(at, &gone);
	}
	(void)pthread_mutex_unlock(&p->lock);
	close_all(gone);
}

void
link_pool_tidy(struct link_pool *p, int64_t now_ticks)
{
	struct kept *gone = NULL;
	struct kept **at;

	(void)pthread_mutex_lock(&p->lock);
	at = &p->first;
	while (*at != NULL) {
		struct kept *k = *at;

		if (!k->in_use &&
		    (now_ticks - k->idle_since >= LINK_POOL_IDLE_MS ||
			!k->link->ops->quiet(k->link)))
			move(at, &gone);
		else
			at = &k->next;
	}
	(void)pthread_mutex_unlock(&p->lock);
	close_all(gone);
}

static bool
has_node(const struct roster *r, const struct roster_node *n)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (same_node(&r->node[i], n))
			return true;
	return false;
}

void
link_pool_follow(struct link_pool *p, const struct roster *r)
{
	struct kept *gone = NULL;
	struct kept **at;

	(void)pthread_mutex_lock(&p->lock);
	at = &p->first;
	while (*at != NULL) {
		struct kept *k = *at;

		k->unwanted = !has_node(r, &k->node);
		if (k->unwanted && !k->in_use)
			move(at, &gone);
		else
			at = &k->next;
	}
	(void)pthread_mutex_unlock(&p->lock);
	close_all(gone);
}

size_t
link_pool_idle(struct link_pool *p)
{
	const struct kept *k;
	size_t n = 0;

	(void)pthread_mutex_lock(&p->lock);
	for (k = p->first; k != NULL; k = k->next)
		n += !k->in_use;
	(void)pthread_mutex_unlock(&p->lock);
	return n;
}

/* --- as a source of links ------------------------------------------------ */

static struct link *
source_open(void *self, const struct roster_node *n, int64_t deadline_ticks,
    struct err *e)
{
	return link_pool_take(self, n, deadline_ticks, e);
}

static int
source_call(void *self, struct link *l, const struct link_request *rq,
    const struct link_sink *sink, int64_t deadline_ticks, struct err *e)
{
	(void)self;
	return link_call(l, rq, sink, deadline_ticks, e);
}

static void
source_close(void *self, struct link *l)
{
	link_pool_give(self, l);
}

struct link_source
link_pool_source(struct link_pool *p)
{
	const struct link_source source = { .open = source_open,
		.call = source_call,
		.close = source_close,
		.self = p };

	return source;
}
