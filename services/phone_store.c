#include "services/phone_store.h"

#include <sys/time.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "base/workers.h"
#include "services/store_priv.h"

#define XML_DEFAULT "XMLDefault.cnf.xml"
#define THREADS_MAX 256
/* A database that starts up is no failure worth a line. */
#define QUIET_MS 15000

static void
start_timer(struct event *timer, unsigned ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000,
		.tv_usec = (suseconds_t)(ms % 1000) * 1000 };

	(void)event_add(timer, &tv);
}

void
store_continue(struct phone_store *s)
{
	/* Timers, so that what comes over the network has its turn between. */
	if (!TAILQ_EMPTY(&s->ready) && !evtimer_pending(s->call, NULL))
		start_timer(s->call, 0);
	if (!evtimer_pending(s->turn, NULL))
		start_timer(s->turn, 0);
}

struct tftp_file *
store_keep(struct phone_store *s, uint8_t *data, size_t len)
{
	s->counters.bytes += len;
	return tftp_file_new(data, len);
}

void
store_drop(struct phone_store *s, struct tftp_file **f)
{
	size_t len;

	if (*f == NULL)
		return;
	(void)tftp_file_bytes(*f, TFTP_OCTET, &len);
	s->counters.bytes -= len;
	tftp_file_release(*f);
	*f = NULL;
}

static void
set_basis(struct phone_store *s, struct phone_basis *b)
{
	phone_basis_release(s->basis);
	s->basis = phone_basis_hold(b);
	store_groups_update(s);
	store_items_all_stale(s, SIGNING_PHONE);
}

/* A few rows of a reading.  True: there are more. */
static bool
intake_turn(struct phone_store *s)
{
	struct store_intake *in = STAILQ_FIRST(&s->intake);
	struct phone_changes *c;
	unsigned n;

	if (in == NULL)
		return false;
	c = &in->changes;
	if (in->next == 0) {
		if (c->basis != NULL)
			set_basis(s, c->basis);
		if (c->complete)
			store_phones_begin(s);
	}
	for (n = 0; n < STORE_TURN && in->next < c->n; n++) {
		store_phone_row(s, c->row[in->next]);
		c->row[in->next++] = NULL;
	}
	if (in->next < c->n)
		return true;
	if (c->complete)
		store_phones_end(s);
	STAILQ_REMOVE_HEAD(&s->intake, link);
	phone_changes_release(&in->changes);
	free(in);
	return !STAILQ_EMPTY(&s->intake);
}

/* What nobody has asked for by now belongs to nothing. */
static void
sweep(struct phone_store *s)
{
	if (s->swept || !s->phones.known || !STAILQ_EMPTY(&s->intake) ||
	    !store_items_idle(s))
		return;
	s->swept = true;
	if (s->tools.cache != NULL)
		signed_cache_sweep(s->tools.cache);
}

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct phone_store *s = arg;
	bool more;

	(void)fd;
	(void)what;
	more = intake_turn(s);
	more = store_items_turn(s) || more;
	if (more)
		start_timer(s->turn, 0);
	else
		sweep(s);
}

static void
on_call(evutil_socket_t fd, short what, void *arg)
{
	struct phone_store *s = arg;

	(void)fd;
	(void)what;
	if (store_waiters_turn(s) && !evtimer_pending(s->call, NULL))
		start_timer(s->call, 0);
}

static void
on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct phone_store *s = arg;

	(void)fd;
	(void)what;
	s->impatient = true;
	store_wake(s, &s->unready);
}

static void
on_failure(struct phone_store *s, const struct err *e)
{
	s->counters.database = false;
	if (s->said_waiting ||
	    (!s->phones.known && clock_ticks() - s->began < QUIET_MS)) {
		log_debug("phone data: %s", e->msg);
		return;
	}
	s->said_waiting = true;
	log_error("phone data cannot be read: %s", e->msg);
}

static void
on_news(void *self, struct phone_news *n)
{
	static const struct phone_changes none = PHONE_CHANGES_INIT;
	struct phone_store *s = self;
	struct store_intake *in;

	if (n->identity != NULL) {
		s->identity = n->identity;
		s->tools.identity = n->identity;
		n->identity = NULL;
		store_continue(s);
	}
	if (n->error.code != ERR_NONE) {
		on_failure(s, &n->error);
		return;
	}
	s->counters.database = true;
	if (s->said_waiting)
		log_info("phone data is read again");
	s->said_waiting = false;
	in = mem_alloc(sizeof(*in));
	in->changes = n->changes;
	n->changes = none;
	STAILQ_INSERT_TAIL(&s->intake, in, link);
	store_continue(s);
}

static void
run_job(void *self, unsigned thread, void *job)
{
	const struct phone_store *s = self;

	signing_job_run(&s->tools, thread, job);
}

static struct phone_store *
make(const struct phone_store_config *config)
{
	struct phone_store *s = mem_alloc(sizeof(*s));

	s->config = *config;
	if (s->config.threads == 0)
		s->config.threads = workers_count(THREADS_MAX);
	if (s->config.poll_ms == 0)
		s->config.poll_ms = PHONE_STORE_POLL_MS;
	if (s->config.patience_ms == 0)
		s->config.patience_ms = PHONE_STORE_PATIENCE_MS;
	s->began = clock_ticks();
	s->tools.source = &s->config.source;
	s->tools.dir = -1;
	TAILQ_INIT(&s->unready);
	TAILQ_INIT(&s->ready);
	STAILQ_INIT(&s->intake);
	LIST_INIT(&s->groups);
	store_items_init(s);
	store_statics_init(s);
	return s;
}

static int
open_events(struct phone_store *s, struct event_base *base, struct err *e)
{
	s->turn = evtimer_new(base, on_turn, s);
	s->call = evtimer_new(base, on_call, s);
	s->patience = evtimer_new(base, on_patience, s);
	if (s->turn == NULL || s->call == NULL || s->patience == NULL)
		return err_set(e, ERR_INTERNAL, "no event for phones' files");
	start_timer(s->patience, s->config.patience_ms);
	return 0;
}

static int
open_threads(struct phone_store *s, struct event_base *base, struct err *e)
{
	const struct work_pool_config pool = { .threads = s->config.threads,
		.run = run_job,
		.done = store_items_done,
		.drop = store_items_drop,
		.self = s };
	const struct phone_poller_config poller = { .source = s->config.source,
		.threads = s->config.threads,
		.poll_ms = s->config.poll_ms,
		.fn = on_news,
		.self = s };

	s->pool = work_pool_new(base, &pool, e);
	if (s->pool == NULL)
		return -1;
	s->has_poller = true;
	s->poller = phone_poller_new(base, &poller, e);
	return s->poller == NULL ? -1 : 0;
}

/* The store does without what cannot be opened here. */
static void
open_files(struct phone_store *s, struct event_base *base)
{
	struct err e = ERR_INIT;
	char path[PATH_SIZE];

	s->tools.cache = signed_cache_open(&e);
	if (s->tools.cache == NULL)
		log_warning("signed files are not kept: %s", e.msg);
	paths_in(path, "tftp");
	s->tools.dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->tools.dir == -1)
		(void)err_errno(&e, "%s", path);
	else
		s->watch =
		    static_files_new(base, path, store_static_event, s, &e);
	if (s->watch == NULL)
		log_error("files in tftp/ are not signed: %s", e.msg);
}

struct phone_store *
phone_store_new(struct event_base *base,
    const struct phone_store_config *config, struct err *e)
{
	struct phone_store *s = make(config);

	if (open_events(s, base, e) == 0) {
		store_phones_init(s);
		open_files(s, base);
		if (open_threads(s, base, e) == 0)
			return s;
	}
	(void)phone_store_free(s);
	return NULL;
}

static void
free_event(struct event *ev)
{
	if (ev != NULL)
		event_free(ev);
}

bool
phone_store_free(struct phone_store *s)
{
	struct store_intake *in;
	bool left;

	if (s == NULL)
		return false;
	left = phone_poller_free(s->poller);
	if (!s->has_poller && s->config.source.close != NULL)
		s->config.source.close(s->config.source.self);
	work_pool_free(s->pool);
	static_files_free(s->watch);
	signed_cache_close(s->tools.cache);
	store_waiters_release(&s->unready);
	store_waiters_release(&s->ready);
	store_phones_release(s);
	store_groups_release(s);
	store_statics_release(s);
	while ((in = STAILQ_FIRST(&s->intake)) != NULL) {
		STAILQ_REMOVE_HEAD(&s->intake, link);
		phone_changes_release(&in->changes);
		free(in);
	}
	phone_basis_release(s->basis);
	signing_identity_free(s->identity);
	free_event(s->turn);
	free_event(s->call);
	free_event(s->patience);
	if (s->tools.dir != -1)
		(void)close(s->tools.dir);
	free(s);
	return left;
}

/* What a name leads to. */
struct target {
	enum {
		TARGET_NOTHING,
		TARGET_DATABASE, /* not known before it has answered */
		TARGET_LIST, /* phone's ITLSEP<MAC>.tlv */
		TARGET_CONFIG, /* of phone */
		TARGET_STATIC
	} kind;
	struct store_phone *phone;
	struct store_static *file;
};

/* NAME.sgn of a file on disk. */
static struct target
resolve_static(struct phone_store *s, const struct tftp_name *name)
{
	struct target t = { .kind = TARGET_NOTHING };

	if (s->watch == NULL || !str_ends(name->text, ".sgn"))
		return t;
	static_files_poll(s->watch);
	t.file = store_static_find(s, name->text);
	if (t.file == NULL)
		return t;
	if (s->identity != NULL)
		t.kind = TARGET_STATIC;
	else if (!s->impatient)
		t.kind = TARGET_DATABASE;
	return t;
}

/* Is this XMLDefault.cnf.xml or its .sgn, and ours to make? */
static bool
is_default(struct phone_store *s, const struct tftp_name *name)
{
	if (!str_equal(name->text, XML_DEFAULT) &&
	    !str_equal(name->text, XML_DEFAULT ".sgn"))
		return false;
	if (s->watch != NULL)
		static_files_poll(s->watch);
	return !store_static_on_disk(s, XML_DEFAULT) &&
	    !store_static_on_disk(s, XML_DEFAULT ".sgn");
}

static struct target
resolve(struct phone_store *s, const struct tftp_name *name)
{
	const bool list = name->kind == TFTP_NAME_ITL_PHONE;
	struct target t = { .kind = TARGET_NOTHING };

	if (is_default(s, name))
		t.phone = &s->phones.fallback;
	else if (!list && name->kind != TFTP_NAME_CONFIG &&
	    name->kind != TFTP_NAME_CONFIG_SIGNED &&
	    name->kind != TFTP_NAME_CONFIG_ENCRYPTED)
		return resolve_static(s, name);
	if (!s->phones.known) {
		if (s->impatient)
			return resolve_static(s, name);
		t.kind = TARGET_DATABASE;
		return t;
	}
	if (t.phone == NULL)
		t.phone = store_phone_find(s, name->mac);
	if (t.phone == NULL)
		return resolve_static(s, name);
	t.kind = list ? TARGET_LIST : TARGET_CONFIG;
	return t;
}

enum phone_store_answer
phone_store_lookup(struct phone_store *s, const struct tftp_name *name,
    struct tftp_file **out)
{
	const struct target t = resolve(s, name);
	enum phone_store_answer answer = PHONE_STORE_UNKNOWN;

	*out = NULL;
	switch (t.kind) {
	case TARGET_NOTHING:
		break;
	case TARGET_DATABASE:
		answer = PHONE_STORE_LATER;
		break;
	case TARGET_LIST:
		answer = store_group_lookup(s, t.phone, out);
		break;
	case TARGET_CONFIG:
		answer = store_phone_lookup(t.phone, name, out);
		/* Without it, there is the chance of one on disk. */
		if (answer == PHONE_STORE_ABSENT && t.phone->row == NULL)
			answer = PHONE_STORE_UNKNOWN;
		break;
	case TARGET_STATIC:
		answer = store_static_lookup(s, t.file, out);
		break;
	}
	return answer;
}

struct phone_store_waiter *
phone_store_wait(struct phone_store *s, const struct tftp_name *name,
    void (*fn)(void *self), void *self)
{
	const struct target t = resolve(s, name);
	struct phone_store_waiter *w;
	struct store_item *item = NULL;
	struct store_group *g;

	switch (t.kind) {
	case TARGET_NOTHING:
		break;
	case TARGET_DATABASE:
		return store_wait(s, &s->unready, fn, self);
	case TARGET_LIST:
		g = store_group_of(s, t.phone);
		item = g != NULL ? &g->item : NULL;
		break;
	case TARGET_CONFIG:
		item = &t.phone->item;
		break;
	case TARGET_STATIC:
		item = &t.file->item;
		break;
	}
	if (item == NULL || store_item_settled(item)) {
		/* Nothing to wait for, but never called from here. */
		w = store_wait(s, &s->ready, fn, self);
		store_continue(s);
		return w;
	}
	w = store_wait(s, &item->waiters, fn, self);
	store_item_hurry(s, item);
	return w;
}

bool
phone_store_knows(struct phone_store *s, const char mac[13])
{
	return store_phone_find(s, mac) != NULL;
}

void
phone_store_count(const struct phone_store *s, struct phone_store_counters *out)
{
	*out = s->counters;
	out->phones = s->phones.n;
	out->files = s->statics.n;
	out->waiting = s->items.n_stale + work_pool_pending(s->pool);
	out->pass_ms = s->phones.pass_ms;
}
