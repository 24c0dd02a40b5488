#include "services/tvs_server.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fakes/tvs_database.h"
#include "tests/fakes/tvs_service.h"

#define CLIENTS 4
#define EACH 10

static struct tvs_service s;

static int
set_up(void **state)
{
	(void)state;
	tvs_service_prepare(&s);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	tvs_service_stop(&s);
	return 0;
}

static void *
ask_often(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < EACH; i++) {
		if (!tvs_service_verify(&s, "127.0.0.1", TVS_WORLD_TVS))
			fail();
	}
	return NULL;
}

static void
threads_share_the_work(void **state)
{
	pthread_t thread[CLIENTS];
	size_t i;

	(void)state;
	s.config.threads = 3;
	tvs_service_start(&s);
	for (i = 0; i < CLIENTS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, ask_often,
				     NULL),
		    0);
	for (i = 0; i < CLIENTS; i++)
		(void)pthread_join(thread[i], NULL);
	tvs_service_await(&s, TVS_COUNT_VERIFY_VALID, (uint64_t)CLIENTS * EACH);
	tvs_service_await(&s, TVS_COUNT_OPEN, 0);
}

/* Who holds the port is told apart from a server that cannot answer yet. */
static void
the_port_is_one_servers(void **state)
{
	struct tvs_server *second;
	struct err e = ERR_INIT;

	(void)state;
	tvs_service_start(&s);
	s.config.port = tvs_server_port(s.server);
	second = tvs_server_new(&s.config, &e);
	if (second != NULL) {
		/* bound, because of SO_REUSEADDR, but it cannot listen */
		assert_int_equal(tvs_server_start(second, &e), -1);
		tvs_server_free(second);
	}
	assert_int_equal(e.code, ERR_IO);
	assert_true(tvs_service_verify(&s, "127.0.0.1", TVS_WORLD_TVS));
}

static void
a_restart_finds_its_port(void **state)
{
	(void)state;
	tvs_service_start(&s);
	assert_true(tvs_service_verify(&s, "127.0.0.1", TVS_WORLD_TVS));
	s.config.port = tvs_server_port(s.server);
	tvs_server_free(s.server);
	tvs_service_start(&s);
	assert_true(tvs_service_verify(&s, "127.0.0.1", TVS_WORLD_TVS));
}

static void
stops_with_connections_open(void **state)
{
	int fd[8];
	size_t i;

	(void)state;
	s.config.threads = 2;
	tvs_service_start(&s);
	for (i = 0; i < 8; i++)
		fd[i] = tvs_service_connect(&s, "127.0.0.1");
	tvs_service_await(&s, TVS_COUNT_OPEN, 8);
	tvs_server_free(s.server);
	s.server = NULL;
	assert_int_equal(tvs_count_of(&s.counters, TVS_COUNT_OPEN), 0);
	for (i = 0; i < 8; i++) {
		assert_true(tls_client_closed(fd[i]));
		(void)close(fd[i]);
	}
}

static void
needs_an_address(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	s.config.address = "localhost";
	assert_null(tvs_server_new(&s.config, &e));
	assert_int_equal(e.code, ERR_USAGE);
	s.config.address = "192.0.2.1"; /* nobody's */
	assert_null(tvs_server_new(&s.config, &e));
	assert_int_equal(e.code, ERR_IO);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(threads_share_the_work),
		TEST(the_port_is_one_servers),
		TEST(a_restart_finds_its_port),
		TEST(stops_with_connections_open),
		TEST(needs_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
