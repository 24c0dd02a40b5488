/*
 * services/tvs_connection.c: one connection from its first byte to its end,
 * through the server.
 */
#include "services/tvs_loop.h"

#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fakes/testing.h"
#include "tests/fakes/tvs_database.h"
#include "tests/fakes/tvs_service.h"

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
		TEST(who_does_not_close_is_closed),
		TEST(the_handshake_is_traced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
