#include "services/tvs_certs.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "tests/fakes/testing.h"
#include "tests/fakes/tvs_database.h"
#include "tests/fakes/tvs_world.h"

#define WAIT_MS 30000
#define POLL_MS 10

static const int tftp[] = { 3, -1 };
static struct tvs_counters counters;
static struct tvs_trace *trace;
static struct tvs_certs *certs;

static void
start_trace(void)
{
	const struct tvs_trace_settings settings = TVS_TRACE_DEFAULTS;
	struct err e = ERR_INIT;

	memset(&counters, 0, sizeof(counters));
	trace = tvs_trace_new(tvs_world_dir(), &settings, &counters, &e);
	if (trace == NULL)
		fail_msg("%s", e.msg);
}

static int
set_up(void **state)
{
	(void)state;
	tvs_world_start();
	start_trace();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	if (!tvs_certs_free(certs))
		return -1;
	certs = NULL;
	tvs_trace_free(trace);
	tvs_world_stop();
	return 0;
}

static void
start(void)
{
	const struct tvs_certs_config config = { .counters = &counters,
		.trace = trace,
		.poll_ms = POLL_MS };
	struct err e = ERR_INIT;

	certs = tvs_certs_new(&config, &e);
	if (certs == NULL)
		fail_msg("%s", e.msg);
}

static void
start_and_wait(void)
{
	struct err e = ERR_INIT;

	start();
	if (tvs_certs_wait(certs, WAIT_MS, &e) == -1)
		fail_msg("%s", e.msg);
}

static bool
knows(enum tvs_world_cert which)
{
	const struct cert *c = tvs_world_cert(which);
	const struct tvs_bytes der = { c->der, c->der_len };
	const struct tvs_table *t = tvs_certs_take(certs);
	bool found;

	assert_non_null(t);
	found = tvs_table_verify(t, &der) != NULL;
	tvs_certs_give(certs, t);
	return found;
}

static void
wait_knows(enum tvs_world_cert which, bool want)
{
	int64_t deadline = clock_ticks() + WAIT_MS;

	while (knows(which) != want) {
		assert_true(clock_ticks() < deadline);
		(void)usleep(2000);
	}
}

static void
wait_failures(uint64_t n)
{
	int64_t deadline = clock_ticks() + WAIT_MS;

	while (tvs_count_of(&counters, TVS_COUNT_DATABASE_FAILURES) < n) {
		assert_true(clock_ticks() < deadline);
		(void)usleep(2000);
	}
}

static void
reads_what_is_there(void **state)
{
	(void)state;
	start_and_wait();
	assert_true(knows(TVS_WORLD_TVS));
	assert_true(knows(TVS_WORLD_CALLMANAGER));
	assert_false(knows(TVS_WORLD_STRANGER));
	assert_int_equal(tvs_count_of(&counters, TVS_COUNT_CERTIFICATES), 2);
	assert_int_equal(tvs_count_of(&counters, TVS_COUNT_TABLES), 1);
}

static void
follows_the_database(void **state)
{
	int64_t deadline = clock_ticks() + WAIT_MS;

	(void)state;
	start_and_wait();
	tvs_world_add(TVS_WORLD_STRANGER, TRUST_STORE_NO_TTL, tftp);
	wait_knows(TVS_WORLD_STRANGER, true);
	tvs_world_forget(TVS_WORLD_CALLMANAGER);
	wait_knows(TVS_WORLD_CALLMANAGER, false);
	assert_true(knows(TVS_WORLD_STRANGER));
	tvs_world_add_pem("rubbish");
	while (tvs_count_of(&counters, TVS_COUNT_UNUSABLE) == 0) {
		assert_true(clock_ticks() < deadline);
		(void)usleep(2000);
	}
	assert_true(knows(TVS_WORLD_TVS));
}

/* Nothing is read again while nothing has changed. */
static void
asks_only_for_the_version(void **state)
{
	(void)state;
	start_and_wait();
	(void)usleep(20 * POLL_MS * 1000);
	assert_int_equal(tvs_world_reads(), 1);
}

static void
the_last_table_stays(void **state)
{
	(void)state;
	start_and_wait();
	tvs_world_fail(ERR_UNREACHABLE);
	wait_failures(2);
	assert_true(knows(TVS_WORLD_CALLMANAGER));
	tvs_world_forget(TVS_WORLD_CALLMANAGER);
	wait_failures(4);
	assert_true(knows(TVS_WORLD_CALLMANAGER));
	tvs_world_fail(ERR_NONE);
	wait_knows(TVS_WORLD_CALLMANAGER, false);
	assert_true(knows(TVS_WORLD_TVS));
}

/* Wait for a line of the log, which goes to tvs_world_dir(). */
static void
wait_logged(const char *line)
{
	int64_t deadline = clock_ticks() + WAIT_MS;
	bool found = false;

	while (!found) {
		char *text = testing_read(tvs_world_dir(), "stderr");

		assert_true(clock_ticks() < deadline);
		found = strstr(text, line) != NULL;
		free(text);
		(void)usleep(2000);
	}
}

/* Once when it goes, and once when it is back. */
static void
the_log_tells_of_the_database(void **state)
{
	char *path = mem_printf("%s/stderr", tvs_world_dir());
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	int old = dup(STDERR_FILENO);

	(void)state;
	assert_true(fd != -1 && old != -1);
	log_init("ucm-tvsd", LOG_LEVEL_INFO);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	start_and_wait();
	tvs_world_fail(ERR_UNREACHABLE);
	wait_logged("WARNING ucm-tvsd: the certificates stay as they are");
	tvs_world_fail(ERR_NONE);
	wait_logged("INFO ucm-tvsd: the database answers again");
	assert_int_equal(dup2(old, STDERR_FILENO), STDERR_FILENO);
	(void)close(old);
	(void)close(fd);
	free(path);
}

static void
no_table_before_the_database_answers(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	tvs_world_fail(ERR_UNREACHABLE);
	start();
	wait_failures(1);
	assert_null(tvs_certs_take(certs));
	assert_int_equal(tvs_certs_wait(certs, 20, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_string_equal(e.msg, "told to fail");
	tvs_world_fail(ERR_NONE);
	assert_int_equal(tvs_certs_wait(certs, WAIT_MS, &e), 0);
	assert_true(knows(TVS_WORLD_TVS));
}

/* A table in use stays as it is while others take its place. */
static void
tables_in_use_stay(void **state)
{
	const struct cert *c = tvs_world_cert(TVS_WORLD_CALLMANAGER);
	const struct tvs_bytes der = { c->der, c->der_len };
	const struct tvs_table *old;

	(void)state;
	start_and_wait();
	old = tvs_certs_take(certs);
	tvs_world_forget(TVS_WORLD_CALLMANAGER);
	wait_knows(TVS_WORLD_CALLMANAGER, false);
	tvs_world_add(TVS_WORLD_STRANGER, TRUST_STORE_NO_TTL, tftp);
	wait_knows(TVS_WORLD_STRANGER, true);
	assert_non_null(tvs_table_verify(old, &der));
	assert_int_equal(tvs_table_count(old), 2);
	tvs_certs_give(certs, old);
}

static void *
ask_all_the_time(void *arg)
{
	const atomic_bool *stop = arg;

	while (!atomic_load(stop)) {
		const struct tvs_table *t = tvs_certs_take(certs);

		if (tvs_table_count(t) < 2)
			abort();
		tvs_certs_give(certs, t);
	}
	return NULL;
}

static void
many_threads_ask(void **state)
{
	atomic_bool stop = false;
	pthread_t thread[3];
	size_t i;

	(void)state;
	start_and_wait();
	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&thread[i], NULL,
				     ask_all_the_time, &stop),
		    0);
	for (i = 0; i < 5; i++) {
		tvs_world_add(TVS_WORLD_STRANGER, TRUST_STORE_NO_TTL, tftp);
		wait_knows(TVS_WORLD_STRANGER, true);
		tvs_world_forget(TVS_WORLD_STRANGER);
		wait_knows(TVS_WORLD_STRANGER, false);
	}
	atomic_store(&stop, true);
	for (i = 0; i < 3; i++)
		(void)pthread_join(thread[i], NULL);
}

static void
the_trace_follows_its_parameter(void **state)
{
	int64_t deadline = clock_ticks() + WAIT_MS;

	(void)state;
	start_and_wait();
	assert_true(tvs_trace_wants(trace, TVS_TRACE_DETAILED));
	tvs_world_level("Error");
	while (tvs_trace_wants(trace, TVS_TRACE_SIGNIFICANT)) {
		assert_true(clock_ticks() < deadline);
		(void)usleep(2000);
	}
	assert_true(tvs_trace_wants(trace, TVS_TRACE_ERROR));
}

/*
 * In a process of its own, which has all its threads: one that was left behind
 * by fork() could hold a lock, that of the memory for one.
 */
static void
give_back_twice(void)
{
	const struct tvs_table *t;

	start_trace();
	start_and_wait();
	t = tvs_certs_take(certs);
	tvs_certs_give(certs, t);
	tvs_certs_give(certs, (const struct tvs_table *)(const void *)&t);
}

static void
only_what_was_taken_is_given(void **state)
{
	(void)state;
	tvs_world_start();
	assert_true(testing_aborts(give_back_twice));
	tvs_world_stop();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_what_is_there),
		TEST(follows_the_database),
		TEST(asks_only_for_the_version),
		TEST(the_last_table_stays),
		TEST(the_log_tells_of_the_database),
		TEST(no_table_before_the_database_answers),
		TEST(tables_in_use_stay),
		TEST(many_threads_ask),
		TEST(the_trace_follows_its_parameter),
		cmocka_unit_test(only_what_was_taken_is_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
