/*
 * services/tvs_loop.c: connections of all kinds, through the server.
 */
#include "services/tvs_loop.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

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
one_request_one_answer_and_the_end(void **state)
{
	static const enum tls_client_version versions[] = { TLS_CLIENT_1_2,
		TLS_CLIENT_1_3 };
	struct tvs_message_bytes m;
	size_t i, n;

	(void)state;
	tvs_service_start(&s);
	tvs_world_query(TVS_WORLD_CALLMANAGER, &m);
	for (i = 0; i < 2; i++) {
		struct tls_client *c = client(versions[i]);
		uint8_t *answer;

		assert_non_null(c);
		tls_client_send(c, m.data, m.len);
		assert_true(tls_client_rest(c, &answer, &n));
		assert_true(n > 500);
		assert_memory_equal(answer, "\x57\x01\x04\0\0\0\x03\xe9", 8);
		free(answer);
		tls_client_free(c);
	}
	free(m.data);
	tvs_service_await(&s, TVS_COUNT_OPEN, 0);
	tvs_service_await(&s, TVS_COUNT_HANDSHAKES, 2);
	tvs_service_await(&s, TVS_COUNT_TLS_1_2, 1);
	tvs_service_await(&s, TVS_COUNT_TLS_1_3, 1);
	tvs_service_await(&s, TVS_COUNT_VANISHED, 0);
}

/* Byte by byte, and more of them than one request has. */
static void
requests_in_pieces(void **state)
{
	struct tls_client *c;
	struct tvs_message_bytes m;
	uint8_t *answer;
	size_t i, n;

	(void)state;
	tvs_service_start(&s);
	tvs_world_verify(TVS_WORLD_TVS, &m);
	c = client(TLS_CLIENT_1_3);
	for (i = 0; i + 1 < m.len; i++)
		tls_client_send(c, m.data + i, 1);
	m.data = realloc(m.data, m.len + 100);
	assert_non_null(m.data);
	tls_client_send(c, m.data + i, 101);
	assert_true(tls_client_rest(c, &answer, &n));
	assert_int_equal(n, 25);
	assert_int_equal(answer[13], 0);
	free(answer);
	free(m.data);
	tls_client_free(c);
	tvs_service_await(&s, TVS_COUNT_VERIFY, 1);
}

static void
the_longest_request(void **state)
{
	static uint8_t message[TVS_MESSAGE_MAX] = "\x57\x01\x01\0\0\0\0\1\xff"
						  "\xff\x02\xff\xfc";
	struct tls_client *c;
	uint8_t *answer;
	size_t n;

	(void)state;
	tvs_service_start(&s);
	c = client(TLS_CLIENT_1_2);
	tls_client_send(c, message, sizeof(message));
	assert_true(tls_client_rest(c, &answer, &n));
	assert_int_equal(n, 14);
	free(answer);
	tls_client_free(c);
}

static void
what_is_not_understood_is_closed(void **state)
{
	struct tls_client *c;
	uint8_t *answer;
	size_t n;
	int fd;

	(void)state;
	tvs_service_start(&s);
	c = client(TLS_CLIENT_1_2);
	tls_client_send(c, "hello", 5);
	assert_true(tls_client_rest(c, &answer, &n));
	assert_int_equal(n, 0);
	free(answer);
	tls_client_free(c);
	tvs_service_await(&s, TVS_COUNT_NOT_UNDERSTOOD, 1);
	fd = tvs_service_connect(&s, "127.0.0.1");
	assert_int_equal(write(fd, "GET / HTTP/1.0\r\n\r\n", 18), 18);
	tvs_service_await(&s, TVS_COUNT_HANDSHAKE_FAILURES, 1);
	(void)close(fd);
	assert_true(tvs_service_verify(&s, "127.0.0.1", TVS_WORLD_TVS));
}

/* Clients that go at every step; the next one is served. */
static void
clients_vanish(void **state)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	struct tls_client *c;
	int fd;

	(void)state;
	tvs_service_start(&s);
	fd = tvs_service_connect(&s, "127.0.0.1");
	(void)close(fd);
	tvs_service_await(&s, TVS_COUNT_VANISHED, 1);
	fd = tvs_service_connect(&s, "127.0.0.1");
	assert_int_equal(write(fd, "\x16\x03\x01\x02\x00\x01", 6), 6);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset,
			     sizeof(reset)),
	    0);
	(void)close(fd);
	tvs_service_await(&s, TVS_COUNT_VANISHED, 2);
	c = client(TLS_CLIENT_1_3);
	tls_client_send(c, "\x57\x01", 2);
	tls_client_free(c);
	tvs_service_await(&s, TVS_COUNT_VANISHED, 3);
	assert_true(tvs_service_verify(&s, "127.0.0.1", TVS_WORLD_TVS));
	tvs_service_await(&s, TVS_COUNT_OPEN, 0);
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

/* An answer that is not taken, and a client that does not close. */
static void
who_does_not_close_is_closed(void **state)
{
	struct tvs_message_bytes m;
	struct tls_client *c;
	uint8_t *answer;
	size_t n;

	(void)state;
	s.config.limits.close = 300;
	tvs_service_start(&s);
	tvs_world_verify(TVS_WORLD_TVS, &m);
	c = client(TLS_CLIENT_1_2);
	tls_client_send(c, m.data, m.len);
	assert_true(tls_client_rest(c, &answer, &n));
	free(answer);
	free(m.data);
	tvs_service_await(&s, TVS_COUNT_OPEN, 0);
	tls_client_free(c);
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

static void
the_handshake_is_traced(void **state)
{
	char *text;

	(void)state;
	tvs_service_start(&s);
	assert_false(tvs_service_verify(&s, "127.0.0.9", TVS_WORLD_STRANGER));
	tvs_service_await(&s, TVS_COUNT_OPEN, 0);
	tvs_server_free(s.server);
	s.server = NULL;
	tvs_trace_free(s.trace);
	s.trace = NULL;
	text = testing_read(tvs_world_dir(), "trace/tvs00000001.txt");
	assert_non_null(strstr(text,
	    "debug 127.0.0.9: tvsSSLHandShake Session ciphers - ECDHE-RSA-"));
	assert_non_null(strstr(text, "debug TLS HS Done for ph_conn .\n"));
	free(text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_request_one_answer_and_the_end),
		TEST(requests_in_pieces),
		TEST(the_longest_request),
		TEST(what_is_not_understood_is_closed),
		TEST(clients_vanish),
		TEST(time_limits),
		TEST(who_does_not_close_is_closed),
		TEST(silent_ones_make_room),
		TEST(many_silent_sources_never_starve_a_phone),
		TEST(work_is_not_thrown_away),
		TEST(descriptors_run_out),
		TEST(the_handshake_is_traced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
