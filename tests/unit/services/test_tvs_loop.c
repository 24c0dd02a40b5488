/*
 * services/tvs_loop.c: who has a place and for how long, through the server.
 */
#include "services/tvs_loop.h"

#include <sys/resource.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/fakes/testing.h"
#include "tests/fakes/tvs_database.h"
#include "tests/fakes/tvs_service.h"

#define MANY 24

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

static struct tls_client *
client(enum tls_client_version version)
{
	return tls_client_new(tvs_service_connect(&s, "127.0.0.1"), version,
	    NULL);
}

static void
time_limits(void **state)
{
	struct tls_client *c;
	uint8_t *rest;
	size_t n;
	int silent, half;

	(void)state;
	s.config.limits.silent = 300;
	s.config.limits.handshake = 300;
	s.config.limits.request = 300;
	tvs_service_start(&s);
	silent = tvs_service_connect(&s, "127.0.0.1");
	tvs_service_await(&s, TVS_COUNT_SILENT, 1);
	assert_true(tls_client_closed(silent));
	half = tvs_service_connect(&s, "127.0.0.1");
	assert_int_equal(write(half, "\x16\x03\x01\x02\x00\x01", 6), 6);
	tvs_service_await(&s, TVS_COUNT_HANDSHAKE_TIMEOUTS, 1);
	assert_true(tls_client_closed(half));
	c = client(TLS_CLIENT_1_2);
	assert_non_null(c);
	tvs_service_await(&s, TVS_COUNT_REQUEST_TIMEOUTS, 1);
	(void)tls_client_rest(c, &rest, &n);
	assert_int_equal(n, 0);
	free(rest);
	tls_client_free(c);
	(void)close(silent);
	(void)close(half);
}

/* No room: the oldest silent one of the address that has most goes. */
static void
silent_ones_make_room(void **state)
{
	int fd[MANY];
	size_t i;

	(void)state;
	s.config.max_connections = 16;
	tvs_service_start(&s);
	for (i = 0; i < MANY; i++) {
		fd[i] = tvs_service_connect(&s, "127.0.0.2");
		tvs_service_await(&s, TVS_COUNT_CONNECTIONS, i + 1);
	}
	/* a quarter of 16 */
	assert_int_equal(tvs_count_of(&s.counters, TVS_COUNT_OPEN), 4);
	assert_int_equal(tvs_count_of(&s.counters, TVS_COUNT_EVICTED),
	    MANY - 4);
	assert_true(tls_client_closed(fd[0]));
	assert_true(tvs_service_verify(&s, "127.0.0.1", TVS_WORLD_TVS));
	tvs_service_await(&s, TVS_COUNT_OPEN, 4);
	for (i = 0; i < MANY; i++)
		(void)close(fd[i]);
}

static void
many_silent_sources_never_starve_a_phone(void **state)
{
	int fd[MANY];
	char from[32];
	size_t i;

	(void)state;
	s.config.max_connections = 16;
	tvs_service_start(&s);
	for (i = 0; i < MANY; i++) {
		(void)snprintf(from, sizeof(from), "127.0.1.%zu", i + 1);
		fd[i] = tvs_service_connect(&s, from);
		tvs_service_await(&s, TVS_COUNT_CONNECTIONS, i + 1);
	}
	assert_int_equal(tvs_count_of(&s.counters, TVS_COUNT_OPEN), 16);
	assert_true(tls_client_closed(fd[0]));
	assert_true(tvs_service_verify(&s, "127.0.0.1", TVS_WORLD_CALLMANAGER));
	for (i = 0; i < MANY; i++)
		(void)close(fd[i]);
}

/* Those at work keep their places; who comes then is refused. */
static void
work_is_not_thrown_away(void **state)
{
	struct tls_client *busy[4];
	uint8_t *rest;
	struct tvs_message_bytes m;
	size_t i, n;
	int fd;

	(void)state;
	s.config.max_connections = 16;
	tvs_service_start(&s);
	for (i = 0; i < 4; i++) {
		busy[i] = client(TLS_CLIENT_1_2);
		assert_non_null(busy[i]);
		tvs_service_await(&s, TVS_COUNT_HANDSHAKES, i + 1);
	}
	fd = tvs_service_connect(&s, "127.0.0.1");
	assert_true(tls_client_closed(fd));
	(void)close(fd);
	tvs_world_verify(TVS_WORLD_TVS, &m);
	for (i = 0; i < 4; i++) {
		tls_client_send(busy[i], m.data, m.len);
		assert_true(tls_client_rest(busy[i], &rest, &n));
		assert_int_equal(n, 25);
		free(rest);
		tls_client_free(busy[i]);
	}
	free(m.data);
}

/*
 * Phones that have just come do not push each other out: who finds no room
 * waits for it.
 */
static void
who_has_just_come_keeps_its_place(void **state)
{
	int64_t until;
	int fd[16], late;
	char from[32];
	size_t i;

	(void)state;
	s.config.max_connections = 16;
	s.config.limits.haste = 600000;
	s.config.limits.handshake = 600000;
	tvs_service_start(&s);
	for (i = 0; i < 16; i++) {
		(void)snprintf(from, sizeof(from), "127.0.1.%zu", i + 1);
		fd[i] = tvs_service_connect(&s, from);
		assert_int_equal(write(fd[i], "\x16\x03\x01\x02\x00\x01", 6),
		    6);
		tvs_service_await(&s, TVS_COUNT_CONNECTIONS, i + 1);
	}
	late = tvs_service_connect(&s, "127.0.2.1");
	/* it would be served at once if it were to be served now */
	for (until = clock_ticks() + 500; clock_ticks() < until;)
		assert_int_equal(tvs_count_of(&s.counters,
				     TVS_COUNT_CONNECTIONS),
		    16);
	(void)close(fd[0]);
	tvs_service_await(&s, TVS_COUNT_CONNECTIONS, 17);
	assert_int_equal(tvs_count_of(&s.counters, TVS_COUNT_EVICTED), 0);
	(void)close(late);
	for (i = 1; i < 16; i++)
		(void)close(fd[i]);
}

/* A handshake that takes its time is no phone's. */
static void
slow_handshakes_make_room(void **state)
{
	int fd[16];
	char from[32];
	size_t i;

	(void)state;
	s.config.max_connections = 16;
	s.config.limits.haste = 50;
	tvs_service_start(&s);
	for (i = 0; i < 16; i++) {
		(void)snprintf(from, sizeof(from), "127.0.1.%zu", i + 1);
		fd[i] = tvs_service_connect(&s, from);
		assert_int_equal(write(fd[i], "\x16\x03\x01\x02\x00\x01", 6),
		    6);
		tvs_service_await(&s, TVS_COUNT_CONNECTIONS, i + 1);
	}
	assert_true(tvs_service_verify(&s, "127.0.0.1", TVS_WORLD_TVS));
	assert_int_equal(tvs_count_of(&s.counters, TVS_COUNT_EVICTED), 1);
	assert_true(tls_client_closed(fd[0]));
	for (i = 0; i < 16; i++)
		(void)close(fd[i]);
}

/* Without descriptors nothing dies, and later ones are served. */
static void
descriptors_run_out(void **state)
{
	struct rlimit before, few;
	int fd[MANY];
	size_t i;
	int probe;

	(void)state;
	tvs_service_start(&s);
	for (i = 0; i < MANY; i++)
		fd[i] = tvs_service_connect(&s, "127.0.0.2");
	tvs_service_await(&s, TVS_COUNT_OPEN, MANY);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	probe = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(probe, -1);
	few = before;
	/* one more: the client's own end */
	few.rlim_cur = (rlim_t)probe + 1;
	(void)close(probe);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	probe = tvs_service_connect(&s, "127.0.0.1");
	tvs_service_await(&s, TVS_COUNT_CONNECTIONS, MANY + 1);
	assert_true(tvs_count_of(&s.counters, TVS_COUNT_NO_DESCRIPTOR) > 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	(void)close(probe);
	assert_true(tvs_service_verify(&s, "127.0.0.1", TVS_WORLD_TVS));
	for (i = 0; i < MANY; i++)
		(void)close(fd[i]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(time_limits),
		TEST(silent_ones_make_room),
		TEST(many_silent_sources_never_starve_a_phone),
		TEST(work_is_not_thrown_away),
		TEST(who_has_just_come_keeps_its_place),
		TEST(slow_handshakes_make_room),
		TEST(descriptors_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
