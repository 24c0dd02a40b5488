#include "services/tvs_tls.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/paths.h"
#include "tests/fakes/testing.h"
#include "tests/fakes/tls_client.h"
#include "tests/fakes/tvs_world.h"

static struct tvs_tls *tls;

/* The server's end of a pair of sockets, and how its handshake ended. */
struct server {
	int fd;
	enum tvs_io io;
	int version;
	bool resumed;
	char cipher[64];
	char got[16];
	struct err e;
};

static int
start(void **state)
{
	(void)state;
	tvs_world_start();
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0;
}

static int
stop(void **state)
{
	(void)state;
	tvs_world_stop();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	tvs_tls_free(tls);
	tls = NULL;
	return 0;
}

static void
open_tls(enum node_tls min_tls)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	tls = tvs_tls_new(paths_in(path, "certs/TVS.pem"), min_tls, &e);
	if (tls == NULL)
		fail_msg("%s", e.msg);
}

/* The socket waits, so that every call is done or failed in the end. */
static enum tvs_io
handshake(struct tvs_session *session, struct err *e)
{
	enum tvs_io io;

	do
		io = tvs_session_handshake(session, e);
	while (io == TVS_IO_READ);
	return io;
}

static void *
serve(void *arg)
{
	struct server *s = arg;
	struct tvs_session *session = tvs_session_new(tls, s->fd);
	size_t n;

	s->io = handshake(session, &s->e);
	if (s->io == TVS_IO_DONE) {
		(void)snprintf(s->cipher, sizeof(s->cipher), "%s",
		    tvs_session_cipher(session));
		s->version = tvs_session_version(session);
		s->resumed = tvs_session_resumed(session);
		s->io = tvs_session_read(session, s->got, sizeof(s->got) - 1,
		    &n, &s->e);
	}
	if (s->io == TVS_IO_DONE)
		s->io = tvs_session_write(session, s->got, n, &s->e);
	tvs_session_bye(session);
	tvs_session_free(session);
	(void)close(s->fd);
	return NULL;
}

/* One connection; the client is returned after its answer, or NULL. */
static struct tls_client *
talk(struct server *s, enum tls_client_version version,
    struct tls_client *before)
{
	struct tls_client *c;
	pthread_t thread;
	int pair[2];

	memset(s, 0, sizeof(*s));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	s->fd = pair[0];
	assert_int_equal(pthread_create(&thread, NULL, serve, s), 0);
	c = tls_client_new(pair[1], version, before);
	if (c != NULL) {
		uint8_t *answer;
		size_t n;

		tls_client_send(c, "hello", 5);
		assert_true(tls_client_rest(c, &answer, &n));
		assert_int_equal(n, 5);
		assert_memory_equal(answer, "hello", 5);
		free(answer);
	}
	(void)pthread_join(thread, NULL);
	return c;
}

static void
serves_tls_1_2_and_1_3(void **state)
{
	static const enum tls_client_version versions[] = { TLS_CLIENT_1_2,
		TLS_CLIENT_1_3 };
	const struct cert *own = tvs_world_cert(TVS_WORLD_TVS);
	size_t i;

	(void)state;
	open_tls(NODE_TLS_1_2);
	for (i = 0; i < 2; i++) {
		struct server s;
		struct tls_client *c = talk(&s, versions[i], NULL);

		assert_non_null(c);
		assert_int_equal(s.version, (int)versions[i]);
		assert_false(s.resumed);
		assert_string_equal(s.cipher, tls_client_cipher(c));
		assert_true(tls_client_server_is(c, own->der, own->der_len));
		tls_client_free(c);
	}
}

static void
old_phones_only_when_allowed(void **state)
{
	struct tls_client *c;
	struct server s;

	(void)state;
	open_tls(NODE_TLS_1_2);
	assert_null(talk(&s, TLS_CLIENT_1_0, NULL));
	assert_int_equal(s.io, TVS_IO_FAILED);
	assert_int_equal(s.e.code, ERR_FORMAT);
	assert_non_null(strstr(s.e.msg, "handshake: "));
	tvs_tls_free(tls);
	open_tls(NODE_TLS_1_0);
	c = talk(&s, TLS_CLIENT_1_0, NULL);
	assert_non_null(c);
	assert_string_equal(s.cipher, "AES256-SHA");
	assert_int_equal(s.version, 0x0301);
	tls_client_free(c);
	c = talk(&s, TLS_CLIENT_1_3, NULL);
	assert_non_null(c);
	tls_client_free(c);
}

/* The oldest phones know no tickets, and nobody needs one. */
static void
sessions_are_resumed(void **state)
{
	static const enum tls_client_version versions[] = { TLS_CLIENT_1_0,
		TLS_CLIENT_1_2, TLS_CLIENT_1_3 };
	size_t i;

	(void)state;
	open_tls(NODE_TLS_1_0);
	for (i = 0; i < 3; i++) {
		struct server s;
		struct tls_client *first = talk(&s, versions[i], NULL);
		struct tls_client *second;

		assert_non_null(first);
		if (versions[i] != TLS_CLIENT_1_3)
			assert_false(tls_client_has_ticket(first));
		tvs_tls_forget(tls); /* it is not too old for that */
		second = talk(&s, versions[i], first);
		assert_non_null(second);
		assert_true(s.resumed);
		assert_true(tls_client_resumed(second));
		tls_client_free(first);
		tls_client_free(second);
	}
}

/* Sessions are those of one process. */
static void
not_after_a_restart(void **state)
{
	struct tls_client *first, *second;
	struct server s;

	(void)state;
	open_tls(NODE_TLS_1_2);
	first = talk(&s, TLS_CLIENT_1_2, NULL);
	tvs_tls_free(tls);
	open_tls(NODE_TLS_1_2);
	second = talk(&s, TLS_CLIENT_1_2, first);
	assert_non_null(second);
	assert_false(s.resumed);
	tls_client_free(first);
	tls_client_free(second);
}

struct meeting {
	int fd;
	struct tls_client *client;
};

static void *
meet(void *arg)
{
	struct meeting *m = arg;

	m->client = tls_client_new(m->fd, TLS_CLIENT_1_3, NULL);
	return NULL;
}

/* What has the library busy without an end does not keep the thread. */
static void
a_flood_of_new_keys_takes_turns(void **state)
{
	struct tvs_session *session;
	struct err e = ERR_INIT;
	struct meeting m;
	pthread_t thread;
	int pair[2], left, turns = 0;
	char got[8];
	size_t n;

	(void)state;
	open_tls(NODE_TLS_1_2);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	m.fd = pair[1];
	assert_int_equal(pthread_create(&thread, NULL, meet, &m), 0);
	session = tvs_session_new(tls, pair[0]);
	assert_int_equal(handshake(session, &e), TVS_IO_DONE);
	(void)pthread_join(thread, NULL);
	assert_non_null(m.client);
	tls_client_change_keys(m.client, 100000);
	assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
	do {
		assert_int_equal(tvs_session_read(session, got, sizeof(got), &n,
				     &e),
		    TVS_IO_READ);
		assert_int_equal(ioctl(pair[0], FIONREAD, &left), 0);
		turns++;
	} while (left > 0);
	assert_true(turns > 2);
	tls_client_send(m.client, "hello", 5);
	assert_int_equal(tvs_session_read(session, got, sizeof(got), &n, &e),
	    TVS_IO_DONE);
	assert_memory_equal(got, "hello", 5);
	tvs_session_free(session);
	(void)close(pair[0]);
	tls_client_free(m.client);
}

static void
other_bytes_and_other_ends(void **state)
{
	struct server s = { .io = TVS_IO_DONE };
	pthread_t thread;
	int pair[2];

	(void)state;
	open_tls(NODE_TLS_1_2);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	s.fd = pair[0];
	assert_int_equal(write(pair[1], "GET / HTTP/1.0\r\n\r\n", 18), 18);
	assert_int_equal(pthread_create(&thread, NULL, serve, &s), 0);
	(void)pthread_join(thread, NULL);
	assert_int_equal(s.io, TVS_IO_FAILED);
	(void)close(pair[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	s.fd = pair[0];
	(void)close(pair[1]);
	assert_int_equal(pthread_create(&thread, NULL, serve, &s), 0);
	(void)pthread_join(thread, NULL);
	assert_int_equal(s.io, TVS_IO_CLOSED);
}

static void
needs_a_pair(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_null(
	    tvs_tls_new(paths_in(path, "certs/none.pem"), NODE_TLS_1_2, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	testing_write(tvs_world_dir(), "certs/bad.pem", "rubbish\n");
	assert_null(
	    tvs_tls_new(paths_in(path, "certs/bad.pem"), NODE_TLS_1_2, &e));
	assert_int_equal(e.code, ERR_KEY);
	assert_non_null(strstr(e.msg, "certs/bad.pem: the private key"));
}

/* Nobody is asked for a password, not even one who would know it. */
static void
an_encrypted_key_is_refused(void **state)
{
	static const char pem[] =
	    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
	    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiS2fZK0YMk5QICCAAw\n"
	    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEJzwOd9rh4yckjyYoxohIlcEgZAY\n"
	    "18JJ+F4g7/+Lyjgwa9KcpTD+Tf3gNouc61W2lc4b6wPxo+aqnMmMteSUSowqcnRc\n"
	    "3YjWO/WoxKvuuwdNU91MiJDY/2NevhcmL1qQ0azHn8+Q4led9RwjU4FUXHuvpL9m\n"
	    "NwM/PgB4rISmk0D/RcTcxuqPqS6yPoXD1GyEsHbqWreZ5lGam27JX/vSUzUM5ns=\n"
	    "-----END ENCRYPTED PRIVATE KEY-----\n";
	const int before = dup(STDIN_FILENO);
	char path[PATH_SIZE], byte;
	struct err e = ERR_INIT;
	int asked[2];

	(void)state;
	assert_int_equal(pipe(asked), 0);
	assert_int_equal(write(asked[1], "secret\n", 7), 7);
	(void)close(asked[1]);
	assert_int_equal(dup2(asked[0], STDIN_FILENO), STDIN_FILENO);
	testing_write(tvs_world_dir(), "certs/locked.pem", pem);
	assert_null(
	    tvs_tls_new(paths_in(path, "certs/locked.pem"), NODE_TLS_1_2, &e));
	assert_non_null(strstr(e.msg, "the private key"));
	assert_int_equal(read(asked[0], &byte, 1), 1);
	assert_int_equal(byte, 's');
	(void)close(asked[0]);
	(void)dup2(before, STDIN_FILENO);
	(void)close(before);
}

static void
key_and_certificate_belong_together(void **state)
{
	char path[PATH_SIZE], other[PATH_SIZE];
	char *key, *cert, *both;
	struct err e = ERR_INIT;
	const struct cert *c = tvs_world_cert(TVS_WORLD_STRANGER);

	(void)state;
	(void)paths_in(path, "certs/TVS.pem");
	key = testing_read(tvs_world_dir(), "certs/TVS.pem");
	*strstr(key, "-----BEGIN CERTIFICATE") = '\0';
	testing_write(tvs_world_dir(), "certs/half.pem", key);
	assert_null(
	    tvs_tls_new(paths_in(other, "certs/half.pem"), NODE_TLS_1_2, &e));
	assert_non_null(strstr(e.msg, "the certificate"));
	cert = cert_to_pem(c);
	both = mem_printf("%s%s", key, cert);
	testing_write(tvs_world_dir(), "certs/half.pem", both);
	assert_null(tvs_tls_new(other, NODE_TLS_1_2, &e));
	assert_int_equal(e.code, ERR_KEY);
	free(key);
	free(cert);
	free(both);
}

#define TEST(f) cmocka_unit_test_teardown(f, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(serves_tls_1_2_and_1_3),
		TEST(old_phones_only_when_allowed),
		TEST(sessions_are_resumed),
		TEST(not_after_a_restart),
		TEST(a_flood_of_new_keys_takes_turns),
		TEST(other_bytes_and_other_ends),
		TEST(needs_a_pair),
		TEST(an_encrypted_key_is_refused),
		TEST(key_and_certificate_belong_together),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
