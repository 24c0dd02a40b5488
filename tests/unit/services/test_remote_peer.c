/*
 * services/remote_peer.c: questions to one remote cluster.
 */
#include "services/remote_peer.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "tests/fakes/http_remote.h"

#define DEADLINE_MS 30000
#define FILE_MAX 1000
#define FOUND(body, length) \
	"HTTP/1.1 200 OK\r\nContent-length: " length "\r\n\r\n" body

struct fixture {
	struct event_base *base;
	struct http_remote remote;
	struct remote_peer *peer;
};

struct result {
	size_t answers;
	enum peer_answer answer;
	char text[64];
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	f->base = event_base_new();
	assert_non_null(f->base);
	http_remote_start(&f->remote, f->base);
	f->peer = remote_peer_new(f->base, &f->remote.address, FILE_MAX);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	remote_peer_free(f->peer);
	http_remote_stop(&f->remote);
	event_base_free(f->base);
	free(f);
	return 0;
}

static void
on_answer(void *self, enum peer_answer answer, struct tftp_file *file)
{
	struct result *r = self;
	const uint8_t *data;
	size_t len;

	r->answers++;
	r->answer = answer;
	assert_true((answer == PEER_FOUND) == (file != NULL));
	if (file == NULL)
		return;
	data = tftp_file_bytes(file, TFTP_OCTET, &len);
	assert_true(len < sizeof(r->text));
	memcpy(r->text, data, len);
	r->text[len] = '\0';
	tftp_file_release(file);
}

static void
run_until(const struct fixture *f, const size_t *what, size_t n)
{
	int64_t deadline = clock_ticks() + DEADLINE_MS;

	while (*what < n) {
		if (clock_ticks() > deadline)
			fail_msg("nothing happens");
		(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
	}
}

static struct result
ask(struct fixture *f, const char *name)
{
	struct result r = { .answers = 0 };

	assert_non_null(remote_peer_ask(f->peer, name, on_answer, &r));
	assert_int_equal(r.answers, 0);
	run_until(f, &r.answers, 1);
	return r;
}

static void
test_found(void **state)
{
	struct fixture *f = *state;
	struct result r;
	char host[64];

	http_remote_answer(&f->remote, "/ITLSEP001122334455.tlv",
	    FOUND("some bytes", "10"));
	http_remote_answer(&f->remote, "/German_Germany/x.jar", FOUND("", "0"));
	r = ask(f, "ITLSEP001122334455.tlv");
	assert_int_equal(r.answer, PEER_FOUND);
	assert_string_equal(r.text, "some bytes");
	assert_non_null(strstr(f->remote.head, "\r\nX-Ucmsh-Forwarded: 1\r\n"));
	(void)str_printf(host, sizeof(host), "\r\nHost: 127.0.0.1:%u\r\n",
	    (unsigned)ntohs(f->remote.address.sin_port));
	assert_non_null(strstr(f->remote.head, host));
	r = ask(f, "German_Germany/x.jar");
	assert_int_equal(r.answer, PEER_FOUND);
	assert_string_equal(r.text, "");
	/* One connection was enough. */
	assert_int_equal(f->remote.connections, 1);
}

static void
test_statuses(void **state)
{
	static const struct {
		const char *path;
		const char *bytes;
		enum peer_answer answer;
	} cases[] = {
		{ "/a", "HTTP/1.1 503 x\r\nContent-length: 0\r\n\r\n",
		    PEER_MISSING },
		{ "/b", "HTTP/1.1 404 x\r\nContent-length: 2\r\n\r\nno",
		    PEER_MISSING },
		{ "/c",
		    "HTTP/1.1 503 x\r\nContent-length: 0\r\n"
		    "Retry-After: 1\r\n\r\n",
		    PEER_FAILED },
		{ "/d", "HTTP/1.1 500 x\r\nContent-length: 0\r\n\r\n",
		    PEER_FAILED },
		{ "/e", "HTTP/1.1 429 x\r\nContent-length: 0\r\n\r\n",
		    PEER_FAILED },
		{ "/f",
		    "HTTP/1.1 302 x\r\nLocation: /a\r\n"
		    "Content-length: 0\r\n\r\n",
		    PEER_FAILED },
		{ "/g", "nonsense\r\n\r\n", PEER_FAILED },
		{ "/h", HTTP_REMOTE_CLOSE, PEER_FAILED },
		{ "/i", FOUND("", "1001") "x", PEER_FAILED },
		{ "/j", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbytes",
		    PEER_FAILED },
		{ "/k",
		    "HTTP/1.1 200 OK\r\nConnection: close\r\n"
		    "Content-length: 9\r\n\r\nbytes",
		    PEER_FAILED },
		{ "/l",
		    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "3\r\nabc\r\n0\r\n\r\n",
		    PEER_FOUND },
		{ "/m",
		    "HTTP/1.1 200 OK\r\nConnection: close\r\n"
		    "Content-length: 5\r\n\r\nbytes",
		    PEER_FOUND },
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct result r;

		http_remote_answer(&f->remote, cases[i].path, cases[i].bytes);
		r = ask(f, cases[i].path + 1);
		if (r.answer != cases[i].answer)
			fail_msg("%s: %d", cases[i].bytes, (int)r.answer);
	}
	assert_false(remote_peer_is_out(f->peer));
}

/* Nobody listens: no answer, but nothing that costs time either. */
static void
test_refused(void **state)
{
	struct fixture *f = *state;
	struct result r;

	http_remote_stop(&f->remote);
	r = ask(f, "x.xml");
	assert_int_equal(r.answer, PEER_FAILED);
	r = ask(f, "x.xml");
	assert_int_equal(r.answer, PEER_FAILED);
	assert_false(remote_peer_is_out(f->peer));
}

/* A connection that was closed after an answer is no failure of the next. */
static void
test_closed_meanwhile(void **state)
{
	struct fixture *f = *state;
	struct result r;

	http_remote_answer(&f->remote, "/x.xml", FOUND("x", "1"));
	r = ask(f, "x.xml");
	assert_int_equal(r.answer, PEER_FOUND);
	http_remote_hang_up(&f->remote);
	r = ask(f, "x.xml");
	assert_int_equal(r.answer, PEER_FOUND);
	assert_int_equal(f->remote.connections, 2);
	/* Closed as soon as the next question comes. */
	http_remote_answer(&f->remote, "/y.xml", HTTP_REMOTE_CLOSE);
	r = ask(f, "y.xml");
	assert_int_equal(r.answer, PEER_FAILED);
	assert_int_equal(f->remote.requests, 4);
	assert_int_equal(f->remote.connections, 3);
}

static void
test_silence(void **state)
{
	struct fixture *f = *state;
	struct result r = { .answers = 0 };
	struct peer_call *c;
	int64_t deadline;

	http_remote_answer(&f->remote, "/x.xml", HTTP_REMOTE_SILENCE);
	c = remote_peer_ask(f->peer, "x.xml", on_answer, &r);
	run_until(f, &f->remote.requests, 1);
	assert_false(peer_call_is_late(c, 600000));
	while (!peer_call_is_late(c, REMOTE_PEER_SILENT_MS))
		(void)poll(NULL, 0, 10);
	peer_call_expire(c, 2000);
	assert_true(remote_peer_is_out(f->peer));
	deadline = clock_ticks() + DEADLINE_MS;
	while (remote_peer_is_out(f->peer) && clock_ticks() < deadline)
		(void)poll(NULL, 0, 10);
	assert_false(remote_peer_is_out(f->peer));
	assert_int_equal(r.answers, 0);
}

/* One that answers something is not left out when it does not answer all. */
static void
test_not_all_silent(void **state)
{
	struct fixture *f = *state;
	struct result r = { .answers = 0 }, other;
	struct peer_call *c;

	http_remote_answer(&f->remote, "/x.xml", HTTP_REMOTE_SILENCE);
	http_remote_answer(&f->remote, "/y.xml", FOUND("y", "1"));
	c = remote_peer_ask(f->peer, "x.xml", on_answer, &r);
	while (!peer_call_is_late(c, REMOTE_PEER_SILENT_MS))
		(void)poll(NULL, 0, 10);
	other = ask(f, "y.xml");
	assert_int_equal(other.answer, PEER_FOUND);
	peer_call_expire(c, 60000);
	assert_false(remote_peer_is_out(f->peer));
}

/* Nor is one that has been asked just now. */
static void
test_just_asked(void **state)
{
	struct fixture *f = *state;
	struct result r = { .answers = 0 };

	http_remote_answer(&f->remote, "/x.xml", HTTP_REMOTE_SILENCE);
	peer_call_expire(remote_peer_ask(f->peer, "x.xml", on_answer, &r),
	    60000);
	assert_false(remote_peer_is_out(f->peer));
}

/* What waits for a connection to one that is left out waits no more. */
static void
test_queue_of_the_silent(void **state)
{
	const size_t n = 2UL * REMOTE_PEER_CONNECTIONS;
	struct fixture *f = *state;
	struct result *r = mem_array(n, sizeof(*r));
	struct peer_call **c = mem_array(n, sizeof(struct peer_call *));
	size_t i;

	http_remote_answer(&f->remote, "/x.xml", HTTP_REMOTE_SILENCE);
	for (i = 0; i < n; i++)
		c[i] = remote_peer_ask(f->peer, "x.xml", on_answer, &r[i]);
	while (!peer_call_is_late(c[0], REMOTE_PEER_SILENT_MS))
		(void)poll(NULL, 0, 10);
	assert_false(peer_call_is_late(c[n - 1], 0));
	peer_call_expire(c[0], 600000);
	for (i = REMOTE_PEER_CONNECTIONS; i < n; i++) {
		run_until(f, &r[i].answers, 1);
		assert_int_equal(r[i].answer, PEER_FAILED);
	}
	for (i = 1; i < REMOTE_PEER_CONNECTIONS; i++) {
		assert_int_equal(r[i].answers, 0);
		peer_call_cancel(c[i]);
	}
	free(c);
	free(r);
}

/* Half an answer is no silence. */
static void
test_slow_body(void **state)
{
	struct fixture *f = *state;
	struct result r = { .answers = 0 };
	struct peer_call *c;
	int i;

	http_remote_answer(&f->remote, "/x.xml", FOUND("x", "10"));
	c = remote_peer_ask(f->peer, "x.xml", on_answer, &r);
	run_until(f, &f->remote.requests, 1);
	for (i = 0; i < 20 || !peer_call_is_late(c, REMOTE_PEER_SILENT_MS);
	     i++) {
		(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 10);
	}
	peer_call_expire(c, 60000);
	assert_false(remote_peer_is_out(f->peer));
	assert_int_equal(r.answers, 0);
}

/* More questions than connections: the rest queues up, in order. */
static void
test_queue(void **state)
{
	const size_t n = 3UL * REMOTE_PEER_CONNECTIONS;
	struct fixture *f = *state;
	struct result *r = mem_array(n, sizeof(*r));
	struct peer_call *c;
	struct result silent = { .answers = 0 };
	size_t i;

	http_remote_answer(&f->remote, "/x.xml", FOUND("x", "1"));
	for (i = 0; i < n; i++)
		assert_non_null(
		    remote_peer_ask(f->peer, "x.xml", on_answer, &r[i]));
	c = remote_peer_ask(f->peer, "x.xml", on_answer, &silent);
	peer_call_cancel(c);
	c = remote_peer_ask(f->peer, "x.xml", on_answer, &silent);
	/* It was not even asked. */
	peer_call_expire(c, 60000);
	assert_false(remote_peer_is_out(f->peer));
	for (i = 0; i < n; i++) {
		run_until(f, &r[i].answers, 1);
		assert_int_equal(r[i].answer, PEER_FOUND);
	}
	assert_true(f->remote.connections <= REMOTE_PEER_CONNECTIONS);
	assert_int_equal(silent.answers, 0);
	free(r);
}

/* Cancelled while it is asked, and when its answer is there already. */
static void
test_cancel(void **state)
{
	struct fixture *f = *state;
	struct result r = { .answers = 0 };
	struct peer_call *c;

	http_remote_answer(&f->remote, "/x.xml", HTTP_REMOTE_SILENCE);
	c = remote_peer_ask(f->peer, "x.xml", on_answer, &r);
	run_until(f, &f->remote.requests, 1);
	peer_call_cancel(c);
	assert_int_equal(r.answers, 0);
	assert_int_equal(ask(f, "none.xml").answer, PEER_MISSING);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_found),
		TEST(test_statuses),
		TEST(test_refused),
		TEST(test_closed_meanwhile),
		TEST(test_silence),
		TEST(test_not_all_silent),
		TEST(test_just_asked),
		TEST(test_queue_of_the_silent),
		TEST(test_slow_body),
		TEST(test_queue),
		TEST(test_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
