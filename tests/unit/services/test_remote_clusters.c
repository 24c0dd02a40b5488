/*
 * services/remote_clusters.c: questions to all remote clusters, shared,
 * bounded and remembered.
 */
#include "services/remote_clusters.h"

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
#include "services/remote_peer.h"
#include "tests/fakes/http_remote.h"

#define DEADLINE_MS 30000
#define LONG_MS 600000 /* what must not happen during a test */
#define FOUND(body, length) \
	"HTTP/1.1 200 OK\r\nContent-length: " length "\r\n\r\n" body
#define PHONE "SEP0011AABBCCDD.cnf.xml.sgn"

struct fixture {
	struct event_base *base;
	struct http_remote a;
	struct http_remote b;
	struct remote_clusters *remotes;
};

struct result {
	size_t answers;
	enum remote_answer answer;
	char text[64];
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	f->base = event_base_new();
	assert_non_null(f->base);
	http_remote_start(&f->a, f->base);
	http_remote_start(&f->b, f->base);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	remote_clusters_free(f->remotes);
	http_remote_stop(&f->a);
	http_remote_stop(&f->b);
	event_base_free(f->base);
	free(f);
	return 0;
}

static void
start(struct fixture *f, const struct remote_clusters_config *config)
{
	f->remotes = remote_clusters_new(f->base, config);
}

static void
use_both(struct fixture *f)
{
	const struct sockaddr_in address[] = { f->a.address, f->b.address };

	remote_clusters_set(f->remotes, address, 2);
}

static void
on_answer(void *self, enum remote_answer answer, struct tftp_file *file)
{
	struct result *r = self;
	const uint8_t *data;
	size_t len;

	r->answers++;
	r->answer = answer;
	assert_true((answer == REMOTE_FOUND) == (file != NULL));
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

static struct remote_wait *
begin(struct fixture *f, const char *request, struct result *r)
{
	struct remote_wait *w;
	struct tftp_name name;

	memset(r, 0, sizeof(*r));
	assert_int_equal(tftp_name_parse(&name, request), 0);
	w = remote_clusters_ask(f->remotes, &name, on_answer, r);
	assert_true((w == NULL) == (r->answers == 1));
	return w;
}

static struct result
ask(struct fixture *f, const char *request)
{
	struct result r;

	(void)begin(f, request, &r);
	run_until(f, &r.answers, 1);
	return r;
}

static void
expect(struct fixture *f, const char *request, enum remote_answer answer)
{
	struct result r = ask(f, request);

	if (r.answer != answer)
		fail_msg("%s: %d", request, (int)r.answer);
}

static struct remote_counters
counters_of(const struct fixture *f)
{
	struct remote_counters c;

	remote_clusters_counters(f->remotes, &c);
	return c;
}

static const struct remote_clusters_config patient = { .answer_ms = LONG_MS,
	.patience_ms = LONG_MS };

static void
test_found(void **state)
{
	struct fixture *f = *state;
	struct result r;

	http_remote_answer(&f->b, "/" PHONE, FOUND("of b", "4"));
	start(f, &patient);
	use_both(f);
	r = ask(f, PHONE);
	assert_int_equal(r.answer, REMOTE_FOUND);
	assert_string_equal(r.text, "of b");
	/* The second time nobody is asked. */
	r = ask(f, "/sep0011aabbccdd.CNF.xml.sgn");
	assert_int_equal(r.answer, REMOTE_FOUND);
	assert_string_equal(r.text, "of b");
	assert_int_equal(f->b.requests, 1);
	assert_int_equal(counters_of(f).requests, 2);
	assert_int_equal(counters_of(f).cached, 1);
	assert_int_equal(counters_of(f).questions, 1);
	assert_int_equal(counters_of(f).found, 1);
	assert_int_equal(counters_of(f).kept_files, 1);
	assert_int_equal(counters_of(f).clusters, 2);
}

static void
test_missing(void **state)
{
	struct fixture *f = *state;

	start(f, &patient);
	use_both(f);
	expect(f, PHONE, REMOTE_MISSING);
	expect(f, PHONE, REMOTE_MISSING);
	assert_int_equal(f->a.requests, 1);
	assert_int_equal(f->b.requests, 1);
	assert_int_equal(counters_of(f).cached, 1);
}

/* What is remembered is forgotten in time. */
static void
test_times(void **state)
{
	const struct remote_clusters_config config = { .answer_ms = LONG_MS,
		.keep_ms = 1,
		.keep_missing_ms = 1 };
	struct fixture *f = *state;

	http_remote_answer(&f->a, "/x.xml", FOUND("x", "1"));
	start(f, &config);
	use_both(f);
	expect(f, "x.xml", REMOTE_FOUND);
	expect(f, "y.xml", REMOTE_MISSING);
	(void)poll(NULL, 0, 5);
	expect(f, "x.xml", REMOTE_FOUND);
	expect(f, "y.xml", REMOTE_MISSING);
	assert_int_equal(counters_of(f).cached, 0);
	assert_int_equal(counters_of(f).questions, 4);
}

/* The first whole answer wins, whatever the others do. */
static void
test_first_wins(void **state)
{
	struct fixture *f = *state;

	http_remote_answer(&f->a, "/x.xml", HTTP_REMOTE_SILENCE);
	http_remote_answer(&f->b, "/x.xml", FOUND("x", "1"));
	http_remote_answer(&f->a, "/y.xml", FOUND("half", "10"));
	http_remote_answer(&f->b, "/y.xml", FOUND("y", "1"));
	start(f, &patient);
	use_both(f);
	expect(f, "x.xml", REMOTE_FOUND);
	assert_string_equal(ask(f, "y.xml").text, "y");
}

static void
test_one_question(void **state)
{
	struct fixture *f = *state;
	struct result r[10];
	struct remote_wait *w;
	size_t i;

	http_remote_answer(&f->a, "/x.xml", FOUND("x", "1"));
	start(f, &patient);
	use_both(f);
	for (i = 0; i < 9; i++)
		assert_non_null(begin(f, "x.xml", &r[i]));
	w = begin(f, "x.xml", &r[9]);
	remote_wait_cancel(w);
	for (i = 0; i < 9; i++) {
		run_until(f, &r[i].answers, 1);
		assert_string_equal(r[i].text, "x");
	}
	assert_int_equal(r[9].answers, 0);
	assert_int_equal(f->a.requests, 1);
	/* All have called it off, and the answer is kept all the same. */
	http_remote_answer(&f->a, "/z.xml", FOUND("z", "1"));
	remote_wait_cancel(begin(f, "z.xml", &r[0]));
	run_until(f, &f->a.requests, 2);
	while (counters_of(f).found < 2)
		(void)event_base_loop(f->base, EVLOOP_ONCE);
	assert_null(begin(f, "z.xml", &r[0]));
}

static void
test_silent(void **state)
{
	const struct remote_clusters_config config = { .answer_ms = 1000,
		.left_out_ms = LONG_MS };
	struct fixture *f = *state;

	http_remote_answer(&f->a, "/x.xml", HTTP_REMOTE_SILENCE);
	http_remote_answer(&f->b, "/y.xml", FOUND("y", "1"));
	start(f, &config);
	use_both(f);
	expect(f, "x.xml", REMOTE_SILENT);
	assert_int_equal(counters_of(f).silent, 1);
	assert_int_equal(counters_of(f).left_out, 1);
	/* The other one is asked alone, and its "no" does not prove it. */
	expect(f, "x.xml", REMOTE_SILENT);
	assert_int_equal(f->a.requests, 1);
	expect(f, "y.xml", REMOTE_FOUND);
	assert_int_equal(f->a.requests, 1);
}

/* When all are left out nobody waits. */
static void
test_all_silent(void **state)
{
	const struct remote_clusters_config config = { .answer_ms = 1000,
		.left_out_ms = LONG_MS };
	struct fixture *f = *state;
	struct result r;

	http_remote_answer(&f->a, "/x.xml", HTTP_REMOTE_SILENCE);
	start(f, &config);
	remote_clusters_set(f->remotes, &f->a.address, 1);
	expect(f, "x.xml", REMOTE_SILENT);
	assert_null(begin(f, "x.xml", &r));
	assert_int_equal(r.answer, REMOTE_SILENT);
	assert_int_equal(f->a.requests, 1);
}

/* A queue at one that does not answer waits no longer than its head. */
static void
test_queue_of_the_silent(void **state)
{
	const struct remote_clusters_config config = { .answer_ms = 1000,
		.turn_ms = LONG_MS,
		.left_out_ms = LONG_MS };
	const size_t n = 3UL * REMOTE_PEER_CONNECTIONS;
	struct fixture *f = *state;
	struct result *r = mem_array(n, sizeof(*r));
	char name[32];
	size_t i;

	http_remote_answer(&f->a, HTTP_REMOTE_ANY, HTTP_REMOTE_SILENCE);
	start(f, &config);
	remote_clusters_set(f->remotes, &f->a.address, 1);
	for (i = 0; i < n; i++) {
		(void)str_printf(name, sizeof(name), "%zu.xml", i);
		assert_non_null(begin(f, name, &r[i]));
	}
	for (i = 0; i < n; i++) {
		run_until(f, &r[i].answers, 1);
		assert_int_equal(r[i].answer, REMOTE_SILENT);
	}
	assert_true(f->a.requests <= REMOTE_PEER_CONNECTIONS);
	assert_int_equal(counters_of(f).silent, n);
	free(r);
}

/* One that answers all, but not all at once, is waited for. */
static void
test_queue_of_the_busy(void **state)
{
	const struct remote_clusters_config config = { .answer_ms = LONG_MS };
	const size_t n = 10UL * REMOTE_PEER_CONNECTIONS;
	struct fixture *f = *state;
	struct result *r = mem_array(n, sizeof(*r));
	char name[32];
	size_t i;

	http_remote_answer(&f->a, HTTP_REMOTE_ANY, FOUND("x", "1"));
	start(f, &config);
	remote_clusters_set(f->remotes, &f->a.address, 1);
	for (i = 0; i < n; i++) {
		(void)str_printf(name, sizeof(name), "%zu.xml", i);
		assert_non_null(begin(f, name, &r[i]));
	}
	for (i = 0; i < n; i++) {
		run_until(f, &r[i].answers, 1);
		assert_int_equal(r[i].answer, REMOTE_FOUND);
	}
	assert_int_equal(f->a.requests, n);
	assert_true(f->a.connections <= REMOTE_PEER_CONNECTIONS);
	free(r);
}

static void
test_refused(void **state)
{
	struct fixture *f = *state;

	http_remote_stop(&f->a);
	start(f, &patient);
	use_both(f);
	expect(f, "x.xml", REMOTE_SILENT);
	assert_int_equal(counters_of(f).left_out, 0);
	http_remote_answer(&f->b, "/x.xml", FOUND("x", "1"));
	expect(f, "x.xml", REMOTE_FOUND);
}

/* A phone may be of a cluster that cannot be found. */
static void
test_no_address(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_in address[] = { f->a.address, f->b.address };
	struct result r;

	address[0].sin_addr.s_addr = htonl(INADDR_ANY);
	start(f, &patient);
	assert_non_null(begin(f, "x.xml", &r));
	remote_clusters_set(f->remotes, address, 1);
	assert_int_equal(r.answer, REMOTE_SILENT);
	assert_true(remote_clusters_any(f->remotes));
	assert_int_equal(counters_of(f).clusters, 1);
	assert_int_equal(counters_of(f).left_out, 1);
	assert_null(begin(f, "x.xml", &r));
	assert_int_equal(r.answer, REMOTE_SILENT);
	/* With another one that can. */
	remote_clusters_set(f->remotes, address, 2);
	expect(f, "x.xml", REMOTE_SILENT);
	http_remote_answer(&f->b, "/y.xml", FOUND("y", "1"));
	expect(f, "y.xml", REMOTE_FOUND);
	use_both(f);
	expect(f, "x.xml", REMOTE_MISSING);
	assert_int_equal(f->a.requests, 1);
}

static void
test_default_names(void **state)
{
	struct fixture *f = *state;

	start(f, &patient);
	expect(f, "ITLFile.tlv", REMOTE_MISSING);
	use_both(f);
	expect(f, "ITLFile.tlv", REMOTE_MISSING);
	expect(f, "XMLDefault.cnf.xml", REMOTE_MISSING);
	assert_int_equal(f->a.requests, 0);
}

/* Before the list is known, and when it is empty. */
static void
test_unknown_list(void **state)
{
	struct fixture *f = *state;
	struct result one, two;

	http_remote_answer(&f->a, "/x.xml", FOUND("x", "1"));
	start(f, &patient);
	assert_true(remote_clusters_any(f->remotes));
	assert_non_null(begin(f, "x.xml", &one));
	assert_non_null(begin(f, "y.xml", &two));
	use_both(f);
	assert_true(remote_clusters_any(f->remotes));
	run_until(f, &one.answers, 1);
	run_until(f, &two.answers, 1);
	assert_int_equal(one.answer, REMOTE_FOUND);
	assert_int_equal(two.answer, REMOTE_MISSING);
}

static void
test_no_list(void **state)
{
	const struct remote_clusters_config config = { .answer_ms = LONG_MS,
		.patience_ms = LONG_MS };
	struct fixture *f = *state;
	struct result r;

	start(f, &config);
	assert_non_null(begin(f, "x.xml", &r));
	remote_clusters_set(f->remotes, NULL, 0);
	assert_int_equal(r.answers, 1);
	assert_int_equal(r.answer, REMOTE_MISSING);
	assert_false(remote_clusters_any(f->remotes));
	assert_null(begin(f, "x.xml", &r));
	assert_int_equal(r.answer, REMOTE_MISSING);
}

/* A database that never says whether there are any. */
static void
test_impatient(void **state)
{
	const struct remote_clusters_config config = { .answer_ms = LONG_MS,
		.patience_ms = 1 };
	struct fixture *f = *state;
	struct result r;

	start(f, &config);
	(void)poll(NULL, 0, 5);
	assert_null(begin(f, "x.xml", &r));
	assert_int_equal(r.answer, REMOTE_SILENT);
}

static void
test_new_list(void **state)
{
	struct fixture *f = *state;
	struct result r;

	http_remote_answer(&f->a, "/x.xml", FOUND("of a", "4"));
	http_remote_answer(&f->b, "/x.xml", FOUND("of b", "4"));
	http_remote_answer(&f->a, "/y.xml", HTTP_REMOTE_SILENCE);
	start(f, &patient);
	remote_clusters_set(f->remotes, &f->a.address, 1);
	assert_string_equal(ask(f, "x.xml").text, "of a");
	/* The same list once more changes nothing. */
	remote_clusters_set(f->remotes, &f->a.address, 1);
	assert_string_equal(ask(f, "x.xml").text, "of a");
	assert_int_equal(f->a.requests, 1);
	assert_non_null(begin(f, "y.xml", &r));
	run_until(f, &f->a.requests, 2);
	remote_clusters_set(f->remotes, &f->b.address, 1);
	assert_int_equal(r.answers, 1);
	assert_int_equal(r.answer, REMOTE_SILENT);
	assert_string_equal(ask(f, "x.xml").text, "of b");
	remote_clusters_set(f->remotes, NULL, 0);
	expect(f, "x.xml", REMOTE_MISSING);
}

static void
test_limits(void **state)
{
	const struct remote_clusters_config config = { .answer_ms = LONG_MS,
		.questions_max = 2,
		.file_max = 3 };
	struct fixture *f = *state;
	struct result one, two, three;
	struct remote_wait *w[2];

	http_remote_answer(&f->a, "/1.xml", HTTP_REMOTE_SILENCE);
	http_remote_answer(&f->a, "/2.xml", HTTP_REMOTE_SILENCE);
	http_remote_answer(&f->b, "/4.xml", FOUND("1234", "4"));
	start(f, &config);
	use_both(f);
	expect(f, "4.xml", REMOTE_SILENT);
	w[0] = begin(f, "1.xml", &one);
	w[1] = begin(f, "2.xml", &two);
	assert_null(begin(f, "3.xml", &three));
	assert_int_equal(three.answer, REMOTE_SILENT);
	/* The end calls off what is asked of the others. */
	remote_wait_cancel(w[0]);
	remote_wait_cancel(w[1]);
	remote_clusters_free(f->remotes);
	f->remotes = NULL;
	assert_int_equal(one.answers + two.answers, 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_found),
		TEST(test_missing),
		TEST(test_times),
		TEST(test_first_wins),
		TEST(test_one_question),
		TEST(test_silent),
		TEST(test_all_silent),
		TEST(test_queue_of_the_silent),
		TEST(test_queue_of_the_busy),
		TEST(test_refused),
		TEST(test_no_address),
		TEST(test_default_names),
		TEST(test_unknown_list),
		TEST(test_no_list),
		TEST(test_impatient),
		TEST(test_new_list),
		TEST(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
