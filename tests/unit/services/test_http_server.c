/*
 * services/http_server.c: files by HTTP.  The finder is the test's own.
 */
#include "services/http_server.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

#define DEADLINE_MS 30000
#define LARGE (8UL * 1024 * 1024)

/* --- the finder -------------------------------------------------------------
 */

struct finder_wait {
	finder_fn *fn;
	void *self;
	bool cancelled;
};

static struct finder_wait waiting;
static bool was_forwarded;
static struct tftp_file *large;

static struct tftp_file *
file_of(const char *text)
{
	size_t len = strlen(text);

	return tftp_file_new(mem_dup(text, len), len);
}

/* What a request is answered with depends on its name. */
struct finder_wait *
file_finder_ask(struct file_finder *f, const char *request, bool forwarded,
    finder_fn *fn, void *self)
{
	struct err e = ERR_INIT;

	(void)f;
	was_forwarded = forwarded;
	if (str_equal(request, "/large.bin")) {
		fn(self, FINDER_FOUND, tftp_file_hold(large), NULL);
	} else if (str_equal(request, "/busy.xml")) {
		(void)err_set(&e, ERR_IO, "cannot be read");
		fn(self, FINDER_BUSY, NULL, &e);
	} else if (str_equal(request, "/later.xml")) {
		waiting.fn = fn;
		waiting.self = self;
		waiting.cancelled = false;
		return &waiting;
	} else if (str_equal(request, "/none.xml")) {
		fn(self, FINDER_MISSING, NULL, NULL);
	} else {
		fn(self, FINDER_FOUND, file_of(request), NULL);
	}
	return NULL;
}

void
finder_wait_cancel(struct finder_wait *w)
{
	w->cancelled = true;
}

/* --- the test ---------------------------------------------------------------
 */

struct fixture {
	struct event_base *base;
	struct http_server *server;
};

static void
start(struct fixture *f, const struct http_server_config *config)
{
	struct http_server_config c = *config;
	struct err e = ERR_INIT;

	c.address = "127.0.0.1";
	f->server = http_server_new(f->base, &c, NULL, &e);
	if (f->server == NULL)
		fail_msg("%s", e.msg);
}

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	f->base = event_base_new();
	assert_non_null(f->base);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	http_server_free(f->server);
	event_base_free(f->base);
	free(f);
	return 0;
}

/* Let the server work until there is nothing to do just now. */
static void
run(struct fixture *f)
{
	assert_int_not_equal(event_base_loop(f->base, EVLOOP_NONBLOCK), -1);
}

static int
connect_from(struct fixture *f, const char *source)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_not_equal(fd, -1);
	assert_int_equal(inet_pton(AF_INET, source, &a.sin_addr), 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	a.sin_port = htons(http_server_port(f->server));
	assert_int_equal(inet_pton(AF_INET, "127.0.0.1", &a.sin_addr), 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static int
connect_to(struct fixture *f)
{
	return connect_from(f, "127.0.0.1");
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
	    strlen(text));
}

static bool
readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 1) == 1;
}

/* The next bytes for the client, at most size; 0: the end. */
static size_t
hear(struct fixture *f, int fd, char *dst, size_t size)
{
	int64_t deadline = clock_ticks() + DEADLINE_MS;
	ssize_t n;

	do {
		if (clock_ticks() > deadline)
			fail_msg("no answer");
		run(f);
	} while (!readable(fd));
	n = recv(fd, dst, size, 0);
	assert_true(n >= 0 || errno == ECONNRESET);
	return n > 0 ? (size_t)n : 0;
}

/* A whole answer without body bytes of other answers. */
struct answer {
	char head[1024];
	char body[512];
	size_t len; /* of the body, as announced */
};

static void
take_answer(struct fixture *f, int fd, struct answer *a, bool body)
{
	char *end, *length;
	size_t n = 0;

	memset(a, 0, sizeof(*a));
	do {
		assert_true(n + 1 < sizeof(a->head));
		assert_int_equal(hear(f, fd, a->head + n, 1), 1);
		n++;
	} while (!str_ends(a->head, "\r\n\r\n"));
	length = strstr(a->head, "\r\nContent-length: ");
	assert_non_null(length);
	a->len = strtoul(length + 18, &end, 10);
	assert_memory_equal(end, "\r\n", 2);
	for (n = 0; body && n < a->len;) {
		size_t got;

		assert_true(a->len < sizeof(a->body));
		got = hear(f, fd, a->body + n, a->len - n);
		assert_int_not_equal(got, 0);
		n += got;
	}
}

static void
expect_status(const struct answer *a, const char *status)
{
	char line[128];

	(void)snprintf(line, sizeof(line), "HTTP/1.1 %s\r\n", status);
	if (!str_starts(a->head, line))
		fail_msg("not %s: %s", status, a->head);
}

static void
expect_end(struct fixture *f, int fd)
{
	char byte;

	assert_int_equal(hear(f, fd, &byte, 1), 0);
	(void)close(fd);
}

static struct http_counters
counters_of(const struct fixture *f)
{
	struct http_counters c;

	http_server_counters(f->server, &c);
	return c;
}

static void
until_open(struct fixture *f, uint64_t open)
{
	int64_t deadline = clock_ticks() + DEADLINE_MS;

	while (counters_of(f).open != open) {
		if (clock_ticks() > deadline)
			fail_msg("%lu are open",
			    (unsigned long)counters_of(f).open);
		run(f);
		(void)poll(NULL, 0, 1);
	}
}

/* A request that waits for its file, in waiting. */
static void
until_asked_later(struct fixture *f, int fd)
{
	int64_t deadline = clock_ticks() + DEADLINE_MS;

	waiting.fn = NULL;
	say(fd, "GET /later.xml HTTP/1.1\r\n\r\n");
	while (waiting.fn == NULL) {
		if (clock_ticks() > deadline)
			fail_msg("the request does not come");
		run(f);
	}
}

static const struct http_server_config defaults = { .address = NULL };

static void
test_get(void **state)
{
	struct fixture *f = *state;
	struct answer a;
	int fd;

	start(f, &defaults);
	fd = connect_to(f);
	say(fd, "GET /x%2exml HTTP/1.1\r\nHost: x\r\n\r\n");
	take_answer(f, fd, &a, true);
	expect_status(&a, "200 OK");
	assert_string_equal(a.body, "/x.xml");
	assert_non_null(strstr(a.head, "\r\nCache-Control: no-store\r\n"));
	assert_non_null(strstr(a.head, "\r\nContent-type: */*\r\n"));
	assert_non_null(strstr(a.head, " GMT\r\n"));
	assert_non_null(strstr(a.head, "\r\nConnection: keep-alive\r\n"));
	assert_null(strstr(a.head, "Server"));
	assert_false(was_forwarded);
	/* The same connection once more. */
	say(fd,
	    "GET /y.xml HTTP/1.1\r\nX-Ucmsh-Forwarded: 1\r\n"
	    "Connection: close\r\n\r\n");
	take_answer(f, fd, &a, true);
	assert_string_equal(a.body, "/y.xml");
	assert_non_null(strstr(a.head, "\r\nConnection: close\r\n"));
	assert_true(was_forwarded);
	expect_end(f, fd);
	assert_int_equal(counters_of(f).connections, 1);
	assert_int_equal(counters_of(f).requests, 2);
	assert_int_equal(counters_of(f).found, 2);
	assert_int_equal(counters_of(f).forwarded, 1);
	assert_int_equal(counters_of(f).bytes, 12);
	assert_int_equal(counters_of(f).open, 0);
}

static void
test_head(void **state)
{
	struct fixture *f = *state;
	struct answer a;
	int fd;

	start(f, &defaults);
	fd = connect_to(f);
	say(fd, "HEAD /x.xml HTTP/1.1\r\n\r\nGET /y.xml HTTP/1.1\r\n\r\n");
	take_answer(f, fd, &a, false);
	expect_status(&a, "200 OK");
	assert_int_equal(a.len, 6);
	take_answer(f, fd, &a, true);
	assert_string_equal(a.body, "/y.xml");
	(void)close(fd);
	until_open(f, 0);
}

static void
test_missing(void **state)
{
	struct fixture *f = *state;
	struct answer a;
	int fd;

	start(f, &defaults);
	fd = connect_to(f);
	say(fd, "GET /none.xml HTTP/1.1\r\n\r\n");
	take_answer(f, fd, &a, true);
	expect_status(&a, "503 Service Unavailable");
	assert_int_equal(a.len, 0);
	assert_null(strstr(a.head, "Retry-After"));
	say(fd, "GET /busy.xml HTTP/1.1\r\n\r\n");
	take_answer(f, fd, &a, true);
	expect_status(&a, "503 Service Unavailable");
	assert_non_null(strstr(a.head, "\r\nRetry-After: 1\r\n"));
	(void)close(fd);
	until_open(f, 0);
	assert_int_equal(counters_of(f).missing, 1);
	assert_int_equal(counters_of(f).busy, 1);
	assert_int_equal(counters_of(f).found, 0);
}

static void
test_refused(void **state)
{
	struct fixture *f = *state;
	struct answer a;
	int fd;

	start(f, &defaults);
	fd = connect_to(f);
	say(fd, "PUT /x.xml HTTP/1.1\r\nContent-Length: 1\r\n\r\nx");
	take_answer(f, fd, &a, true);
	expect_status(&a, "405 Method Not Allowed");
	assert_non_null(strstr(a.head, "\r\nAllow: GET, HEAD\r\n"));
	expect_end(f, fd);
	fd = connect_to(f);
	say(fd, "GET /x.xml?y HTTP/1.1\r\n\r\n");
	take_answer(f, fd, &a, true);
	expect_status(&a, "400 Bad Request");
	expect_end(f, fd);
	assert_int_equal(counters_of(f).refused, 2);
	until_open(f, 0);
}

/* A head that never ends is refused when it is too long. */
static void
test_long_head(void **state)
{
	struct fixture *f = *state;
	struct answer a;
	char line[101];
	int fd, i;

	start(f, &defaults);
	fd = connect_to(f);
	say(fd, "GET /x.xml HTTP/1.1\r\n");
	memset(line, 'a', sizeof(line));
	line[1] = ':';
	(void)str_copy(line + sizeof(line) - 3, 3, "\r\n");
	for (i = 0; i < 100; i++)
		say(fd, line);
	take_answer(f, fd, &a, true);
	expect_status(&a, "400 Bad Request");
	(void)close(fd);
	until_open(f, 0);
}

static void
test_slow_request(void **state)
{
	const struct http_server_config config = { .request_ms = 50,
		.idle_ms = 600000 };
	struct fixture *f = *state;
	int fd;

	start(f, &config);
	fd = connect_to(f);
	say(fd, "GET /x.xml");
	expect_end(f, fd);
	assert_int_equal(counters_of(f).timed_out, 1);
}

static void
test_idle(void **state)
{
	const struct http_server_config config = { .request_ms = 600000,
		.idle_ms = 50 };
	struct fixture *f = *state;
	int fd;

	start(f, &config);
	fd = connect_to(f);
	expect_end(f, fd);
	assert_int_equal(counters_of(f).timed_out, 0);
}

/* A client that takes nothing of a large file, and one that takes it. */
static void
test_large(void **state)
{
	const struct http_server_config config = { .send_ms = 100 };
	struct fixture *f = *state;
	uint8_t *data = mem_alloc(LARGE);
	char *got = mem_alloc(LARGE);
	struct answer a;
	size_t i, n;
	int fd;

	for (i = 0; i < LARGE; i++)
		data[i] = (uint8_t)(i * 7 / 3);
	large = tftp_file_new(data, LARGE);
	start(f, &config);
	fd = connect_to(f);
	say(fd, "GET /large.bin HTTP/1.1\r\n\r\n");
	until_open(f, 1);
	until_open(f, 0);
	assert_int_equal(counters_of(f).timed_out, 1);
	(void)close(fd);
	http_server_free(f->server);
	start(f, &defaults);
	fd = connect_to(f);
	say(fd, "GET /large.bin HTTP/1.0\r\n\r\n");
	take_answer(f, fd, &a, false);
	assert_int_equal(a.len, LARGE);
	for (n = 0; n < LARGE;) {
		size_t len = hear(f, fd, got + n, LARGE - n);

		assert_int_not_equal(len, 0);
		n += len;
	}
	assert_memory_equal(got, data, LARGE);
	expect_end(f, fd);
	/* Nobody holds it any more but the test. */
	tftp_file_release(large);
	large = NULL;
	free(got);
}

static void
test_later(void **state)
{
	struct fixture *f = *state;
	struct answer a;
	int fd;

	start(f, &defaults);
	fd = connect_to(f);
	until_asked_later(f, fd);
	waiting.fn(waiting.self, FINDER_FOUND, file_of("at last"), NULL);
	take_answer(f, fd, &a, true);
	assert_string_equal(a.body, "at last");
	/* The end of the server calls off what waits. */
	until_asked_later(f, fd);
	http_server_free(f->server);
	f->server = NULL;
	assert_true(waiting.cancelled);
	(void)close(fd);
}

/* A client that has said all and closes its side gets its answer. */
static void
test_half_closed(void **state)
{
	struct fixture *f = *state;
	struct answer a;
	int fd;

	start(f, &defaults);
	fd = connect_to(f);
	say(fd, "GET /x.xml HTTP/1.1\r\n\r\n");
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	take_answer(f, fd, &a, true);
	assert_string_equal(a.body, "/x.xml");
	expect_end(f, fd);
}

static void
test_source_limit(void **state)
{
	const struct http_server_config config = { .max_per_source = 2 };
	struct fixture *f = *state;
	struct answer a;
	int one, two, three, other;

	start(f, &config);
	one = connect_to(f);
	two = connect_to(f);
	three = connect_to(f);
	expect_end(f, three);
	assert_int_equal(counters_of(f).refused_connections, 1);
	other = connect_from(f, "127.0.0.2");
	say(other, "GET /x.xml HTTP/1.0\r\n\r\n");
	take_answer(f, other, &a, true);
	expect_end(f, other);
	(void)close(one);
	until_open(f, 1);
	one = connect_to(f);
	say(one, "GET /x.xml HTTP/1.0\r\n\r\n");
	take_answer(f, one, &a, true);
	expect_end(f, one);
	(void)close(two);
	until_open(f, 0);
}

/* Nor does a source that has too many cost others theirs. */
static void
test_source_limit_when_full(void **state)
{
	const struct http_server_config config = { .max_connections = 2,
		.max_per_source = 1 };
	struct fixture *f = *state;
	struct answer a;
	int one, two, other;

	start(f, &config);
	other = connect_from(f, "127.0.0.2");
	until_open(f, 1);
	one = connect_to(f);
	until_open(f, 2);
	two = connect_to(f);
	expect_end(f, two);
	assert_int_equal(counters_of(f).made_room, 0);
	say(other, "GET /x.xml HTTP/1.0\r\n\r\n");
	take_answer(f, other, &a, true);
	expect_end(f, other);
	(void)close(one);
	until_open(f, 0);
}

/* Silent connections make room; those that are busy do not. */
static void
test_limit(void **state)
{
	const struct http_server_config config = { .max_connections = 2,
		.max_per_source = 3 };
	struct fixture *f = *state;
	struct finder_wait first;
	struct answer a;
	int one, two, three;

	start(f, &config);
	one = connect_to(f);
	until_open(f, 1);
	two = connect_to(f);
	until_open(f, 2);
	three = connect_to(f);
	say(three, "GET /x.xml HTTP/1.1\r\n\r\n");
	take_answer(f, three, &a, true);
	expect_end(f, one);
	assert_int_equal(counters_of(f).made_room, 1);
	until_asked_later(f, two);
	first = waiting;
	until_asked_later(f, three);
	one = connect_to(f);
	expect_end(f, one);
	assert_int_equal(counters_of(f).refused_connections, 1);
	first.fn(first.self, FINDER_MISSING, NULL, NULL);
	take_answer(f, two, &a, true);
	waiting.fn(waiting.self, FINDER_MISSING, NULL, NULL);
	take_answer(f, three, &a, true);
	(void)close(two);
	(void)close(three);
	until_open(f, 0);
}

static void
test_cannot_listen(void **state)
{
	struct fixture *f = *state;
	struct http_server_config config = { .address = "nowhere" };
	struct err e = ERR_INIT;

	assert_null(http_server_new(f->base, &config, NULL, &e));
	assert_int_equal(e.code, ERR_USAGE);
	start(f, &defaults);
	config.address = "127.0.0.1";
	config.port = http_server_port(f->server);
	assert_null(http_server_new(f->base, &config, NULL, &e));
	assert_int_equal(e.code, ERR_IO);
	http_server_free(NULL);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_get),
		TEST(test_head),
		TEST(test_missing),
		TEST(test_refused),
		TEST(test_long_head),
		TEST(test_slow_request),
		TEST(test_idle),
		TEST(test_large),
		TEST(test_later),
		TEST(test_half_closed),
		TEST(test_source_limit),
		TEST(test_source_limit_when_full),
		TEST(test_limit),
		TEST(test_cannot_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
