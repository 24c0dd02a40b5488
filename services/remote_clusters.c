#include "services/remote_clusters.h"

#include <sys/queue.h>
#include <sys/time.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "services/remote_cache.h"
#include "services/remote_peer.h"

#define BUCKETS 1024
#define LOOKS 8 /* in the time of an answer, at a question that waits */

struct remote_wait {
	TAILQ_ENTRY(remote_wait) in_question;
	struct question *question;
	remote_fn *fn;
	void *self;
};

TAILQ_HEAD(wait_list, remote_wait);

/* A question to one remote cluster. */
struct call {
	struct question *question;
	struct peer_call *call; /* NULL: answered, or not asked */
};

/* A name that is being asked for. */
struct question {
	LIST_ENTRY(question) in_bucket;
	LIST_ENTRY(question) in_all;
	struct remote_clusters *owner;
	struct tftp_name name;
	struct wait_list waits;
	struct call call[REMOTE_CLUSTERS_MAX];
	size_t open; /* calls without an answer yet */
	bool silent; /* somebody does not answer */
	int64_t begun; /* clock_ticks() */
	struct event *timer;
};

LIST_HEAD(question_list, question);

struct remote_clusters {
	struct event_base *base;
	struct remote_clusters_config config;
	int64_t begun; /* clock_ticks() */
	bool known; /* the list has been set */
	struct sockaddr_in address[REMOTE_CLUSTERS_MAX];
	struct remote_peer *peer[REMOTE_CLUSTERS_MAX]; /* NULL: no address */
	size_t n;
	struct remote_cache *cache;
	struct question_list all;
	struct question_list bucket[BUCKETS];
	size_t n_questions;
	struct remote_counters counters;
};

static unsigned
or_default(unsigned value, unsigned other)
{
	return value == 0 ? other : value;
}

static size_t
size_or_default(size_t value, size_t other)
{
	return value == 0 ? other : value;
}

static void
set_config(struct remote_clusters *r, const struct remote_clusters_config *c)
{
	r->config.answer_ms = or_default(c->answer_ms, REMOTE_ANSWER_MS);
	r->config.turn_ms = or_default(c->turn_ms, REMOTE_TURN_MS);
	r->config.left_out_ms = or_default(c->left_out_ms, REMOTE_LEFT_OUT_MS);
	r->config.patience_ms = or_default(c->patience_ms, REMOTE_PATIENCE_MS);
	r->config.keep_ms = or_default(c->keep_ms, REMOTE_KEEP_MS);
	r->config.keep_missing_ms =
	    or_default(c->keep_missing_ms, REMOTE_KEEP_MISSING_MS);
	r->config.file_max = size_or_default(c->file_max, REMOTE_FILE_MAX);
	r->config.cache_max = size_or_default(c->cache_max, REMOTE_CACHE_MAX);
	r->config.questions_max =
	    size_or_default(c->questions_max, REMOTE_QUESTIONS_MAX);
}

struct remote_clusters *
remote_clusters_new(struct event_base *base,
    const struct remote_clusters_config *config)
{
	struct remote_clusters *r = mem_alloc(sizeof(*r));
	size_t i;

	r->base = base;
	set_config(r, config);
	r->begun = clock_ticks();
	r->cache = remote_cache_new(r->config.cache_max);
	LIST_INIT(&r->all);
	for (i = 0; i < BUCKETS; i++)
		LIST_INIT(&r->bucket[i]);
	return r;
}

/* FNV-1a. */
static struct question_list *
bucket_of(struct remote_clusters *r, const char *name)
{
	uint32_t h = 2166136261U;

	for (; *name != '\0'; name++)
		h = (h ^ (uint8_t)*name) * 16777619U;
	return &r->bucket[h % BUCKETS];
}

static struct question *
find_question(struct remote_clusters *r, const char *name)
{
	struct question *q = LIST_FIRST(bucket_of(r, name));

	while (q != NULL && !str_equal(q->name.text, name))
		q = LIST_NEXT(q, in_bucket);
	return q;
}

/* Nobody asks any more; the waits are still there. */
static void
stop_question(struct question *q)
{
	size_t i;

	LIST_REMOVE(q, in_bucket);
	LIST_REMOVE(q, in_all);
	q->owner->n_questions--;
	for (i = 0; i < REMOTE_CLUSTERS_MAX; i++) {
		if (q->call[i].call != NULL)
			peer_call_cancel(q->call[i].call);
		q->call[i].call = NULL;
	}
	event_free(q->timer);
}

static void
count(struct remote_counters *c, enum remote_answer answer)
{
	switch (answer) {
	case REMOTE_FOUND:
		c->found++;
		break;
	case REMOTE_MISSING:
		c->missing++;
		break;
	case REMOTE_SILENT:
		c->silent++;
		break;
	}
}

/* The end of a question: remember the answer and tell it.  Takes file. */
static void
conclude(struct question *q, enum remote_answer answer, struct tftp_file *file)
{
	struct remote_clusters *r = q->owner;
	struct remote_wait *w;

	stop_question(q);
	count(&r->counters, answer);
	if (answer == REMOTE_FOUND)
		remote_cache_put(r->cache, q->name.text, file,
		    clock_ticks() + r->config.keep_ms);
	else if (answer == REMOTE_MISSING)
		remote_cache_put(r->cache, q->name.text, NULL,
		    clock_ticks() + r->config.keep_missing_ms);
	while ((w = TAILQ_FIRST(&q->waits)) != NULL) {
		TAILQ_REMOVE(&q->waits, w, in_question);
		w->fn(w->self, answer,
		    file == NULL ? NULL : tftp_file_hold(file));
		free(w);
	}
	tftp_file_release(file);
	free(q);
}

static void
on_answer(void *self, enum peer_answer answer, struct tftp_file *file)
{
	struct call *c = self;
	struct question *q = c->question;

	c->call = NULL;
	q->open--;
	if (answer == PEER_FOUND) {
		conclude(q, REMOTE_FOUND, file);
		return;
	}
	if (answer == PEER_FAILED)
		q->silent = true;
	if (q->open == 0)
		conclude(q, q->silent ? REMOTE_SILENT : REMOTE_MISSING, NULL);
}

static void
start_timer(struct question *q, unsigned ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000,
		.tv_usec = (suseconds_t)(ms % 1000) * 1000 };

	if (evtimer_add(q->timer, &tv) == -1)
		BUG("no event for a question to remote clusters");
}

/*
 * Give up whoever has been asked long ago.  A question whose turn has not
 * come, because others are being answered, goes on for a while.
 */
static void
on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct question *q = arg;
	const struct remote_clusters_config *config = &q->owner->config;
	unsigned look = config->answer_ms / LOOKS;
	bool last = clock_ticks() - q->begun >= config->turn_ms;
	size_t i;

	(void)fd;
	(void)what;
	for (i = 0; i < REMOTE_CLUSTERS_MAX; i++) {
		struct peer_call *call = q->call[i].call;

		if (call == NULL ||
		    (!last &&
			!peer_call_is_late(call, config->answer_ms - look)))
			continue;
		q->call[i].call = NULL;
		q->open--;
		q->silent = true;
		peer_call_expire(call, config->left_out_ms);
	}
	if (q->open == 0)
		conclude(q, REMOTE_SILENT, NULL);
	else
		start_timer(q, look + 1);
}

/* Would it be in vain to ask this one now? */
static bool
is_out(const struct remote_clusters *r, size_t i)
{
	return r->peer[i] == NULL || remote_peer_is_out(r->peer[i]);
}

/* Ask all that are not left out.  Some are there. */
static void
start_calls(struct question *q)
{
	struct remote_clusters *r = q->owner;
	size_t i;

	for (i = 0; i < r->n; i++) {
		struct call *c = &q->call[i];

		if (is_out(r, i)) {
			q->silent = true;
			continue;
		}
		c->question = q;
		c->call =
		    remote_peer_ask(r->peer[i], q->name.text, on_answer, c);
		q->open++;
	}
}

static size_t
count_left_out(const struct remote_clusters *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->n; i++) {
		if (is_out(r, i))
			n++;
	}
	return n;
}

/* Would it be in vain? */
static bool
nobody_to_ask(const struct remote_clusters *r)
{
	if (r->known)
		return count_left_out(r) == r->n;
	return clock_ticks() - r->begun >= r->config.patience_ms;
}

static struct question *
new_question(struct remote_clusters *r, const struct tftp_name *name)
{
	struct question *q = mem_alloc(sizeof(*q));

	q->owner = r;
	q->name = *name;
	TAILQ_INIT(&q->waits);
	q->begun = clock_ticks();
	q->timer = evtimer_new(r->base, on_timeout, q);
	if (q->timer == NULL)
		BUG("no event for a question to remote clusters");
	start_timer(q, r->config.answer_ms);
	LIST_INSERT_HEAD(bucket_of(r, name->text), q, in_bucket);
	LIST_INSERT_HEAD(&r->all, q, in_all);
	r->n_questions++;
	r->counters.questions++;
	start_calls(q);
	return q;
}

struct remote_wait *
remote_clusters_ask(struct remote_clusters *r, const struct tftp_name *name,
    remote_fn *fn, void *self)
{
	struct tftp_file *file = NULL;
	struct remote_wait *w;
	struct question *q;

	r->counters.requests++;
	if (tftp_name_is_default(name) || (r->known && r->n == 0)) {
		fn(self, REMOTE_MISSING, NULL);
		return NULL;
	}
	if (remote_cache_get(r->cache, name->text, clock_ticks(), &file)) {
		r->counters.cached++;
		fn(self, file != NULL ? REMOTE_FOUND : REMOTE_MISSING, file);
		return NULL;
	}
	q = find_question(r, name->text);
	if (q == NULL &&
	    (nobody_to_ask(r) || r->n_questions >= r->config.questions_max)) {
		r->counters.silent++;
		fn(self, REMOTE_SILENT, NULL);
		return NULL;
	}
	if (q == NULL)
		q = new_question(r, name);
	w = mem_alloc(sizeof(*w));
	w->question = q;
	w->fn = fn;
	w->self = self;
	TAILQ_INSERT_TAIL(&q->waits, w, in_question);
	return w;
}

/* The question goes on: others may want to know. */
void
remote_wait_cancel(struct remote_wait *w)
{
	TAILQ_REMOVE(&w->question->waits, w, in_question);
	free(w);
}

static void
forget_peers(struct remote_clusters *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		remote_peer_free(r->peer[i]);
	r->n = 0;
}

static bool
same_addresses(const struct remote_clusters *r,
    const struct sockaddr_in *address, size_t n)
{
	size_t i;

	if (!r->known || n != r->n)
		return false;
	for (i = 0; i < n; i++) {
		if (address[i].sin_addr.s_addr !=
			r->address[i].sin_addr.s_addr ||
		    address[i].sin_port != r->address[i].sin_port)
			return false;
	}
	return true;
}

/* Questions that were asked of the old list, or before there was one. */
static void
settle_questions(struct remote_clusters *r, bool was_known)
{
	struct question_list old = LIST_HEAD_INITIALIZER(old);
	struct question *q;

	while ((q = LIST_FIRST(&r->all)) != NULL) {
		LIST_REMOVE(q, in_all);
		LIST_INSERT_HEAD(&old, q, in_all);
	}
	while ((q = LIST_FIRST(&old)) != NULL) {
		if (!was_known && r->n == 0) {
			conclude(q, REMOTE_MISSING, NULL);
		} else if (was_known || nobody_to_ask(r)) {
			conclude(q, REMOTE_SILENT, NULL);
		} else {
			LIST_REMOVE(q, in_all);
			LIST_INSERT_HEAD(&r->all, q, in_all);
			start_calls(q);
		}
	}
}

void
remote_clusters_set(struct remote_clusters *r,
    const struct sockaddr_in *address, size_t n)
{
	bool was_known = r->known;
	struct question *q;
	size_t i;

	if (same_addresses(r, address, n))
		return;
	LIST_FOREACH(q, &r->all, in_all)
	{
		for (i = 0; i < REMOTE_CLUSTERS_MAX; i++) {
			if (q->call[i].call != NULL)
				peer_call_cancel(q->call[i].call);
			q->call[i].call = NULL;
		}
	}
	forget_peers(r);
	remote_cache_clear(r->cache);
	r->known = true;
	for (i = 0; i < n && i < REMOTE_CLUSTERS_MAX; i++) {
		r->address[i] = address[i];
		r->peer[i] = address[i].sin_addr.s_addr == htonl(INADDR_ANY) ?
		    NULL :
		    remote_peer_new(r->base, &address[i], r->config.file_max);
		r->n++;
	}
	settle_questions(r, was_known);
}

void
remote_clusters_free(struct remote_clusters *r)
{
	struct question *q, *next;

	if (r == NULL)
		return;
	for (q = LIST_FIRST(&r->all); q != NULL; q = next) {
		next = LIST_NEXT(q, in_all);
		stop_question(q);
		free(q);
	}
	forget_peers(r);
	remote_cache_free(r->cache);
	free(r);
}

bool
remote_clusters_any(const struct remote_clusters *r)
{
	return !r->known || r->n > 0;
}

void
remote_clusters_counters(const struct remote_clusters *r,
    struct remote_counters *out)
{
	*out = r->counters;
	out->clusters = r->n;
	out->left_out = count_left_out(r);
	out->kept_files = remote_cache_files(r->cache);
	out->kept_bytes = remote_cache_bytes(r->cache);
}
