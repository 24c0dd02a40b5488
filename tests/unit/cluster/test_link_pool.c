/*
 * cluster/link_pool.c over pretended links: link_open_node() is defined here.
 */
#include "cluster/link_pool.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/paths.h"
#include "cluster/fanout.h"
#include "cluster/link_priv.h"
#include "tests/fakes/testing.h"

#define NODES 4
#define JOBS 400

/* The far side of all links, and what has been seen there. */
static struct {
	pthread_mutex_t lock;
	bool refuses; /* no link can be opened */
	bool silent; /* requests over links of before are not answered */
	bool ended; /* links of before have ended */
	enum err_code result; /* of each request */
	unsigned opened, closed;
	unsigned probes, jobs; /* `node status`, anything else */
	int64_t probe_deadline; /* of the last one, from its begin */
} far = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct fake_link {
	struct link link;
	bool busy; /* a thread is in a call */
};

static int
fake_call(struct link *base, const struct link_request *rq,
    struct link_answer *a, int64_t deadline_ticks, struct err *e)
{
	struct fake_link *l = (struct fake_link *)base;
	bool probe = str_equal(rq->words.item[0], "node");
	int rc = 0;

	pthread_mutex_lock(&far.lock);
	assert_false(l->busy);
	l->busy = true;
	if (probe)
		far.probe_deadline = deadline_ticks - clock_ticks();
	far.probes += probe;
	far.jobs += !probe;
	if (far.silent)
		rc = err_set(e, ERR_TIMEOUT, "no answer in time");
	else if (far.ended)
		rc = err_set(e, ERR_UNREACHABLE, "ended");
	a->result.type = AGENT_RESULT;
	a->result.code = far.result;
	a->result.message = mem_strdup("");
	a->result.hint = mem_strdup("");
	pthread_mutex_unlock(&far.lock);
	(void)nanosleep(&(struct timespec) { .tv_nsec = 10000 }, NULL);
	pthread_mutex_lock(&far.lock);
	l->busy = false;
	pthread_mutex_unlock(&far.lock);
	return rc;
}

static void
fake_close(struct link *base)
{
	struct fake_link *l = (struct fake_link *)base;

	pthread_mutex_lock(&far.lock);
	assert_false(l->busy);
	far.closed++;
	pthread_mutex_unlock(&far.lock);
	free(l);
}

static bool
fake_quiet(struct link *base)
{
	(void)base;
	return !far.ended;
}

static const struct link_ops fake_ops = {
	.call = fake_call,
	.close = fake_close,
	.quiet = fake_quiet,
};

struct link *
link_open_node(const struct roster_node *n, int64_t deadline_ticks,
    struct err *e)
{
	struct fake_link *l;

	(void)n;
	(void)deadline_ticks;
	if (far.refuses) {
		err_set(e, ERR_HOSTKEY, "another host key");
		return NULL;
	}
	l = mem_alloc(sizeof(*l));
	l->link.ops = &fake_ops;
	pthread_mutex_lock(&far.lock);
	far.opened++;
	far.silent = false;
	far.ended = false;
	pthread_mutex_unlock(&far.lock);
	return &l->link;
}

/* --- what the tests share ------------------------------------------------- */

static struct link_pool *pool;
static struct roster_node node[NODES];

static int
setup(void **state)
{
	(void)state;
	far.refuses = far.silent = far.ended = false;
	far.result = ERR_NONE;
	far.opened = far.closed = far.probes = far.jobs = 0;
	memset(node, 0, sizeof(node));
	for (size_t i = 0; i < NODES; i++) {
		snprintf(node[i].name, sizeof(node[i].name), "node%zu", i);
		snprintf(node[i].address, sizeof(node[i].address),
		    "127.0.10.%zu", i + 1);
		snprintf(node[i].host_key, sizeof(node[i].host_key), "ecdsa A");
		node[i].ssh_port = 22;
	}
	pool = link_pool_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	link_pool_free(pool);
	assert_int_equal(far.opened, far.closed);
	return 0;
}

static struct link *
take(size_t i)
{
	struct err e = ERR_INIT;
	struct link *l;

	l = link_pool_take(pool, &node[i], clock_ticks() + 10000, &e);
	assert_string_equal(e.msg, "");
	assert_non_null(l);
	return l;
}

static int
job(struct link *l, struct err *e)
{
	struct link_request rq = { .words = STRLIST_INIT };
	int rc;

	strlist_add(&rq.words, "itl");
	strlist_add(&rq.words, "activate");
	rc = link_call(l, &rq, NULL, clock_ticks() + 10000, e);
	strlist_release(&rq.words);
	return rc;
}

/* One job to node i from beginning to end. */
static void
do_job(size_t i)
{
	struct err e = ERR_INIT;
	struct link *l = take(i);

	assert_int_equal(job(l, &e), 0);
	link_pool_give(pool, l);
}

/* --- keeping -------------------------------------------------------------- */

static void
the_next_job_has_the_same_link(void **state)
{
	(void)state;
	do_job(0);
	assert_int_equal(far.probes, 0);
	do_job(0);
	do_job(0);
	assert_int_equal(far.opened, 1);
	assert_int_equal(far.probes, 2);
	assert_int_equal(far.jobs, 3);
	assert_int_equal(link_pool_idle(pool), 1);
	do_job(1);
	assert_int_equal(far.opened, 2);
	assert_int_equal(link_pool_idle(pool), 2);
	link_pool_give(pool, NULL);
}

static void
a_job_may_see_a_source_of_links_only(void **state)
{
	const struct link_source source = link_pool_source(pool);

	(void)state;
	for (unsigned i = 1; i <= 2; i++) {
		struct link_request rq = { .words = STRLIST_INIT };
		struct err e = ERR_INIT;
		struct link *l;

		l = source.open(source.self, &node[0], clock_ticks() + 10000,
		    &e);
		assert_non_null(l);
		strlist_add(&rq.words, "itl");
		assert_int_equal(source.call(source.self, l, &rq, NULL,
				     clock_ticks() + 10000, &e),
		    0);
		strlist_release(&rq.words);
		source.close(source.self, l);
		assert_int_equal(far.jobs, i);
	}
	assert_int_equal(far.opened, 1);
	assert_int_equal(link_pool_idle(pool), 1);
}

static void
jobs_at_the_same_time_have_one_each(void **state)
{
	struct link *a, *b;

	(void)state;
	a = take(0);
	b = take(0);
	assert_ptr_not_equal(a, b);
	assert_int_equal(link_pool_idle(pool), 0);
	link_pool_give(pool, a);
	link_pool_give(pool, b);
	assert_int_equal(link_pool_idle(pool), 1);
	assert_int_equal(far.closed, 1);
}

/* A job that fails says nothing against the link it failed over. */
static void
a_bad_result_breaks_no_link(void **state)
{
	struct err e = ERR_INIT;
	struct link *l;

	(void)state;
	far.result = ERR_STATE;
	l = take(0);
	assert_int_equal(job(l, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	link_pool_give(pool, l);
	link_pool_give(pool, take(0));
	assert_int_equal(far.opened, 1);
}

static void
there_are_not_too_many(void **state)
{
	struct link *l[LINK_POOL_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i <= LINK_POOL_MAX; i++) {
		snprintf(node[0].name, sizeof(node[0].name), "many%zu", i);
		l[i] = take(0);
	}
	for (i = 0; i <= LINK_POOL_MAX; i++)
		link_pool_give(pool, l[i]);
	assert_int_equal(link_pool_idle(pool), LINK_POOL_MAX);
	assert_int_equal(far.closed, 1);
}

static void
idle_ones_are_closed_after_a_while(void **state)
{
	int64_t now;

	(void)state;
	do_job(0);
	now = clock_ticks();
	link_pool_tidy(pool, now + LINK_POOL_IDLE_MS - 60000);
	assert_int_equal(link_pool_idle(pool), 1);
	link_pool_tidy(pool, now + LINK_POOL_IDLE_MS);
	assert_int_equal(link_pool_idle(pool), 0);
	assert_int_equal(far.closed, 1);
}

static void
the_local_one_is_not_kept(void **state)
{
	struct err e = ERR_INIT;
	char *dir = testing_dir();

	(void)state;
	paths_set_root(dir); /* no agent runs there */
	node[0].local = true;
	assert_null(link_pool_take(pool, &node[0], 0, &e));
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_int_equal(far.opened, 0);
	testing_dir_remove(dir);
}

/* What proves such a node stands in a file that may change. */
static void
a_node_without_host_key_is_not_kept(void **state)
{
	(void)state;
	node[0].host_key[0] = '\0';
	do_job(0);
	assert_int_equal(link_pool_idle(pool), 0);
}

/* --- dead links ----------------------------------------------------------- */

static void
an_ended_link_is_opened_anew(void **state)
{
	(void)state;
	do_job(0);
	far.ended = true;
	do_job(0);
	assert_int_equal(far.opened, 2);
	assert_int_equal(far.closed, 1);
	assert_int_equal(far.probes, 0);
	assert_int_equal(far.jobs, 2);
}

/* The other node was switched off: nobody says that the link has ended. */
static void
a_silent_link_is_opened_anew(void **state)
{
	(void)state;
	do_job(0);
	far.silent = true;
	do_job(0);
	assert_int_equal(far.probes, 1);
	assert_in_range(far.probe_deadline, 0, LINK_POOL_PROBE_MS);
	assert_int_equal(far.opened, 2);
	assert_int_equal(far.jobs, 2);
}

static void
a_probe_keeps_the_callers_deadline(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	do_job(0);
	far.silent = true;
	link_pool_give(pool,
	    link_pool_take(pool, &node[0], clock_ticks() + 100, &e));
	assert_int_equal(far.probes, 1);
	assert_true(far.probe_deadline <= 100);
}

/* The one thing that must never happen is a job that is done twice. */
static void
a_job_is_never_repeated(void **state)
{
	struct err e = ERR_INIT;
	struct link *l;

	(void)state;
	do_job(0);
	l = take(0);
	far.ended = true;
	assert_int_equal(job(l, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_int_equal(far.jobs, 2);
	link_pool_give(pool, l);
	assert_int_equal(link_pool_idle(pool), 0);
	assert_int_equal(far.opened, 1);
}

static void
opened_anew_it_may_fail(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	do_job(0);
	far.ended = far.refuses = true;
	assert_null(link_pool_take(pool, &node[0], clock_ticks() + 1000, &e));
	assert_int_equal(e.code, ERR_HOSTKEY);
	assert_int_equal(link_pool_idle(pool), 0);
}

static void
the_end_is_noticed_without_a_job(void **state)
{
	(void)state;
	do_job(0);
	link_pool_tidy(pool, clock_ticks());
	assert_int_equal(link_pool_idle(pool), 1);
	far.ended = true;
	link_pool_tidy(pool, clock_ticks());
	assert_int_equal(link_pool_idle(pool), 0);
}

/* --- the roster ----------------------------------------------------------- */

static void
another_node_has_another_link(void **state)
{
	(void)state;
	do_job(0);
	snprintf(node[0].host_key, sizeof(node[0].host_key), "ecdsa B");
	do_job(0);
	node[0].ssh_port = 2222;
	do_job(0);
	snprintf(node[0].address, sizeof(node[0].address), "127.0.10.9");
	do_job(0);
	assert_int_equal(far.opened, 4);
	assert_int_equal(far.closed, 3);
	assert_int_equal(far.probes, 0);
}

static void
the_roster_is_followed(void **state)
{
	struct roster r = { .node = node, .n = NODES };
	struct link *used;

	(void)state;
	do_job(0);
	do_job(1);
	used = take(2);
	link_pool_follow(pool, &r);
	assert_int_equal(link_pool_idle(pool), 2);
	r.n = 1;
	link_pool_follow(pool, &r);
	assert_int_equal(link_pool_idle(pool), 1);
	assert_int_equal(far.closed, 1);
	link_pool_give(pool, used);
	assert_int_equal(link_pool_idle(pool), 1);
	assert_int_equal(far.closed, 2);
}

/* --- threads -------------------------------------------------------------- */

static int
job_of_many(void *self, size_t i, int64_t deadline_ticks, struct err *e)
{
	struct link *l;
	int rc;

	(void)self;
	if (i % 7 == 0)
		link_pool_tidy(pool, clock_ticks());
	l = link_pool_take(pool, &node[i % NODES], deadline_ticks, e);
	if (l == NULL)
		return -1;
	rc = job(l, e);
	link_pool_give(pool, l);
	return rc;
}

/* A link belongs to one thread at a time: fake_call() looks. */
static void
threads_do_not_share(void **state)
{
	const struct fanout f = { .n = JOBS,
		.item_ms = 20000,
		.run = job_of_many };
	struct err outcome[JOBS];

	(void)state;
	assert_int_equal(fanout_run(&f, outcome), 0);
	assert_int_equal(far.jobs, JOBS);
	assert_int_equal(link_pool_idle(pool), NODES);
}

static void
free_in_use(void)
{
	link_pool_free(pool);
}

static void
a_pool_in_use_stays(void **state)
{
	struct link *l = take(0);

	(void)state;
	assert_true(testing_aborts(free_in_use));
	link_pool_give(pool, l);
	link_pool_free(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_next_job_has_the_same_link),
		TEST(a_job_may_see_a_source_of_links_only),
		TEST(jobs_at_the_same_time_have_one_each),
		TEST(a_bad_result_breaks_no_link),
		TEST(there_are_not_too_many),
		TEST(idle_ones_are_closed_after_a_while),
		TEST(the_local_one_is_not_kept),
		TEST(a_node_without_host_key_is_not_kept),
		TEST(an_ended_link_is_opened_anew),
		TEST(a_silent_link_is_opened_anew),
		TEST(a_probe_keeps_the_callers_deadline),
		TEST(a_job_is_never_repeated),
		TEST(opened_anew_it_may_fail),
		TEST(the_end_is_noticed_without_a_job),
		TEST(another_node_has_another_link),
		TEST(the_roster_is_followed),
		TEST(threads_do_not_share),
		TEST(a_pool_in_use_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
