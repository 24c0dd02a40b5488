#include "services/tvs_certs.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "db/params.h"

#define PATIENCE_MS 500 /* at the end, for a question under way */

/* A table, and how many hold it: its takers, and the keeper itself. */
struct held {
	struct tvs_table *table;
	size_t holders;
	struct held *older; /* replaced, but not given back yet */
};

struct tvs_certs {
	struct tvs_certs_config config;
	pthread_t thread;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t changed;
	struct held *now; /* NULL: nothing was read yet; then its olders */
	struct err why; /* the database failed last time */
	bool stop;
	bool asking; /* the thread is busy with the database */
	/* the thread's own */
	struct db *db;
	bool known;
	uint64_t version; /* of the table, if known */
};

static void
lock(struct tvs_certs *c)
{
	if (pthread_mutex_lock(&c->mutex) != 0)
		BUG("lock");
}

static void
unlock(struct tvs_certs *c)
{
	if (pthread_mutex_unlock(&c->mutex) != 0)
		BUG("unlock");
}

/* Free the replaced tables that nobody holds.  With the lock held. */
static void
sweep(struct tvs_certs *c)
{
	struct held **at = &c->now;

	while (*at != NULL) {
		struct held *h = *at;

		if (h->holders > 0) {
			at = &h->older;
			continue;
		}
		*at = h->older;
		tvs_table_free(h->table);
		free(h);
	}
}

static void
publish(struct tvs_certs *c, struct tvs_table *table)
{
	struct held *h = mem_alloc(sizeof(*h));

	h->table = table;
	h->holders = 1;
	lock(c);
	if (c->now != NULL)
		c->now->holders--;
	h->older = c->now;
	c->now = h;
	sweep(c);
	(void)pthread_cond_broadcast(&c->changed);
	unlock(c);
}

/* --- the thread ---------------------------------------------------------- */

static int
follow_trace(struct tvs_certs *c, struct err *e)
{
	static const char *const params[] = { TVS_TRACE_PARAM_LEVEL,
		TVS_TRACE_PARAM_FILES, TVS_TRACE_PARAM_MB };
	struct tvs_trace_settings s = TVS_TRACE_DEFAULTS;
	char value[PARAMS_VALUE_SIZE];
	size_t i;

	for (i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		struct err why = ERR_INIT;

		if (params_get(c->db, params[i], value, &why) == 0)
			(void)tvs_trace_setting(&s, params[i], value);
		else if (why.code != ERR_NOT_FOUND)
			return err_set(e, why.code, "%s", why.msg);
	}
	tvs_trace_set(c->config.trace, &s);
	return 0;
}

static void
report(const struct tvs_certs *c, const struct tvs_table *t, size_t unusable,
    const struct err *why)
{
	struct tvs_counters *n = c->config.counters;

	tvs_count(n, TVS_COUNT_TABLES);
	tvs_count_set(n, TVS_COUNT_CERTIFICATES, tvs_table_count(t));
	tvs_count_set(n, TVS_COUNT_UNUSABLE, unusable);
	if (unusable > 0)
		log_warning("%zu rows of the database are no certificates: %s",
		    unusable, why->msg);
	tvs_trace_line(c->config.trace, TVS_TRACE_SIGNIFICANT,
	    "CertificateDBCACHE - %zu certificates read from the database",
	    tvs_table_count(t));
}

/* Version first: what changes meanwhile is seen next time. */
static int
look(struct tvs_certs *c, struct err *e)
{
	struct trust_store rows;
	struct tvs_table *table;
	struct err why = ERR_INIT;
	uint64_t version;
	size_t unusable;

	if (c->db == NULL && (c->db = db_open_local(DB_RW, e)) == NULL)
		return -1;
	if (trust_store_version(c->db, &version, e) == -1)
		return -1;
	if (c->known && version == c->version)
		return 0;
	if (follow_trace(c, e) == -1 || trust_store_read(c->db, &rows, e) == -1)
		return -1;
	table = tvs_table_new(&rows, &unusable, &why);
	trust_store_release(&rows);
	report(c, table, unusable, &why);
	publish(c, table);
	c->known = true;
	c->version = version;
	return 0;
}

/* The database may be another one when it is back: it is read anew then. */
static void
on_failure(struct tvs_certs *c, const struct err *e)
{
	const bool repeated = c->why.code != ERR_NONE;

	db_close(c->db);
	c->db = NULL;
	c->known = false;
	tvs_count(c->config.counters, TVS_COUNT_DATABASE_FAILURES);
	if (!repeated && c->now != NULL)
		log_warning("the certificates stay as they are: %s", e->msg);
	lock(c);
	c->why = *e;
	unlock(c);
}

/* Without the lock, which is held again afterwards. */
static void
ask(struct tvs_certs *c)
{
	struct err e = ERR_INIT;

	c->asking = true;
	unlock(c);
	if (look(c, &e) == -1) {
		on_failure(c, &e);
	} else if (c->why.code != ERR_NONE) {
		log_info("the database answers again");
		lock(c);
		err_clear(&c->why);
		unlock(c);
	}
	lock(c);
	c->asking = false;
	(void)pthread_cond_broadcast(&c->changed);
}

static void
deadline_in(struct timespec *ts, unsigned ms)
{
	if (clock_gettime(CLOCK_MONOTONIC, ts) == -1)
		BUG("clock");
	ts->tv_sec += ms / 1000;
	ts->tv_nsec += (long)(ms % 1000) * 1000000;
	if (ts->tv_nsec >= 1000000000) {
		ts->tv_sec++;
		ts->tv_nsec -= 1000000000;
	}
}

static void *
run(void *arg)
{
	struct tvs_certs *c = arg;
	struct timespec until;
	int rc;

	lock(c);
	while (!c->stop) {
		ask(c);
		deadline_in(&until, c->config.poll_ms);
		for (rc = 0; !c->stop && rc == 0;)
			rc = pthread_cond_timedwait(&c->changed, &c->mutex,
			    &until);
	}
	unlock(c);
	db_close(c->db);
	return NULL;
}

/* --- the others ---------------------------------------------------------- */

static void
init_locks(struct tvs_certs *c)
{
	pthread_condattr_t attr;

	if (pthread_mutex_init(&c->mutex, NULL) != 0 ||
	    pthread_condattr_init(&attr) != 0 ||
	    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(&c->changed, &attr) != 0)
		BUG("locks");
	(void)pthread_condattr_destroy(&attr);
}

static void
destroy(struct tvs_certs *c)
{
	if (c->now != NULL) {
		c->now->holders--;
		sweep(c);
	}
	if (c->now != NULL)
		BUG("a table was not given back");
	(void)pthread_cond_destroy(&c->changed);
	(void)pthread_mutex_destroy(&c->mutex);
	free(c);
}

struct tvs_certs *
tvs_certs_new(const struct tvs_certs_config *config, struct err *e)
{
	struct tvs_certs *c = mem_alloc(sizeof(*c));
	sigset_t all, before;
	int error;

	c->config = *config;
	init_locks(c);
	/* Signals are for the thread that waits for them. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&c->thread, NULL, run, c);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0) {
		errno = error;
		(void)err_errno(e, "a thread for the certificates");
		destroy(c);
		return NULL;
	}
	return c;
}

int
tvs_certs_wait(struct tvs_certs *c, unsigned timeout_ms, struct err *e)
{
	struct timespec until;
	int rc = 0;

	deadline_in(&until, timeout_ms);
	lock(c);
	while (c->now == NULL && rc == 0)
		rc = pthread_cond_timedwait(&c->changed, &c->mutex, &until);
	if (c->now != NULL)
		rc = 0;
	else if (c->why.code != ERR_NONE)
		rc = err_set(e, c->why.code, "%s", c->why.msg);
	else
		rc = err_set(e, ERR_TIMEOUT, "the database does not answer");
	unlock(c);
	return rc;
}

const struct tvs_table *
tvs_certs_take(struct tvs_certs *c)
{
	const struct tvs_table *t = NULL;

	lock(c);
	if (c->now != NULL) {
		c->now->holders++;
		t = c->now->table;
	}
	unlock(c);
	return t;
}

void
tvs_certs_give(struct tvs_certs *c, const struct tvs_table *t)
{
	struct held *h;

	lock(c);
	for (h = c->now; h != NULL; h = h->older) {
		if (h->table != t || h->holders == 0)
			continue;
		h->holders--;
		sweep(c);
		unlock(c);
		return;
	}
	BUG("a table that was not taken");
}

bool
tvs_certs_free(struct tvs_certs *c)
{
	struct timespec until;
	bool busy;
	int rc = 0;

	if (c == NULL)
		return true;
	deadline_in(&until, PATIENCE_MS);
	lock(c);
	c->stop = true;
	(void)pthread_cond_broadcast(&c->changed);
	while (c->asking && rc == 0)
		rc = pthread_cond_timedwait(&c->changed, &c->mutex, &until);
	busy = c->asking;
	unlock(c);
	if (busy)
		return false;
	if (pthread_join(c->thread, NULL) != 0)
		BUG("join");
	destroy(c);
	return true;
}
