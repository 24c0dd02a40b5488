#include "cluster/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/paths.h"
#include "tests/fakes/link_agent.h"

static struct link_agent agent;

static int
setup(void **state)
{
	(void)state;
	link_agent_start(&agent);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	link_agent_stop(&agent);
	return 0;
}

/* What a sink got, as text. */
struct seen {
	struct wbuf w;
	size_t stop_after; /* pieces; 0: never */
	size_t pieces;
};

static int
piece(struct seen *s)
{
	return ++s->pieces == s->stop_after;
}

static int
see_text(void *self, const char *text, size_t n)
{
	struct seen *s = self;

	wbuf_printf(&s->w, "text %.*s;", (int)n, text);
	return piece(s);
}

static int
see_row(void *self, const struct strlist *columns)
{
	struct seen *s = self;
	size_t i;

	wbuf_printf(&s->w, "row");
	for (i = 0; i < columns->n; i++)
		wbuf_printf(&s->w, " %s", columns->item[i]);
	wbuf_printf(&s->w, ";");
	return piece(s);
}

static int
see_data(void *self, const void *p, size_t n)
{
	struct seen *s = self;

	(void)p;
	wbuf_printf(&s->w, "data %zu;", n);
	return piece(s);
}

static struct link *
open_link(void)
{
	struct err e = ERR_INIT;
	struct link *l = link_open_local(&e);

	assert_string_equal(e.msg, "");
	assert_non_null(l);
	return l;
}

static int
call(struct link *l, struct seen *s, struct err *e)
{
	struct link_sink sink = { see_text, see_row, see_data, s };
	struct link_request rq = { .payload = NULL };
	int rc;

	strlist_add(&rq.words, "whoami");
	rc = link_call(l, &rq, s != NULL ? &sink : NULL, clock_ticks() + 5000,
	    e);
	strlist_release(&rq.words);
	return rc;
}

static void
test_answer(void **state)
{
	struct link *l = open_link();
	struct seen s = { .stop_after = 0 };
	struct err e = ERR_INIT;

	(void)state;
	link_agent_clear(&agent);
	link_agent_text(&agent, "Do you want?");
	link_agent_row(&agent, "a", "b");
	link_agent_data(&agent, "12345", 5);
	link_agent_result(&agent, ERR_NONE, "Rows: 3", "");
	wbuf_init(&s.w, 0);
	assert_int_equal(call(l, &s, &e), 0);
	assert_int_equal(e.code, ERR_NONE);
	wbuf_u8(&s.w, '\0');
	assert_string_equal((char *)s.w.data,
	    "text Do you want?;row a b;data 5;");
	assert_string_equal(link_message(l), "Rows: 3");
	/* The same connection again, and nobody listening. */
	assert_int_equal(call(l, NULL, &e), 0);
	assert_string_equal(agent.request.words.item[0], "whoami");
	wbuf_release(&s.w);
	link_close(l);
	link_close(NULL);
}

static void
test_request(void **state)
{
	struct link *l = open_link();
	struct link_request rq = { .payload = "a\0b", .payload_len = 3 };
	struct secret secret;
	struct err e = ERR_INIT;

	(void)state;
	link_agent_clear(&agent);
	link_agent_result(&agent, ERR_NONE, "", "");
	secret_set(&secret, "cisco123", 8);
	strlist_add(&rq.words, "service");
	strlist_add(&rq.words, "Cisco Tftp");
	rq.secret = &secret;
	assert_int_equal(link_call(l, &rq, NULL, 0, &e), 0);
	assert_int_equal(agent.request.words.n, 2);
	assert_string_equal(agent.request.words.item[1], "Cisco Tftp");
	assert_int_equal(agent.request.len, 3);
	assert_memory_equal(agent.request.bytes, "a\0b", 3);
	assert_string_equal(agent.request.secret.text, "cisco123");
	strlist_release(&rq.words);
	secret_release(&secret);
	link_close(l);
}

static void
test_failure_of_the_job(void **state)
{
	struct link *l = open_link();
	struct err e = ERR_INIT;

	(void)state;
	link_agent_clear(&agent);
	/* controls of C0 and, as UTF-8 and bare, of C1 */
	link_agent_result(&agent, ERR_HELD,
	    "held\033[2J\n100%s \xc2\x9b \x9b \\x1b \xc3\xa4\\n",
	    "wait 5 minutes");
	assert_int_equal(call(l, NULL, &e), -1);
	assert_int_equal(e.code, ERR_HELD);
	assert_string_equal(e.msg,
	    "held\\x1b[2J\n100%s \\xc2\\x9b \\x9b \\x1b \xc3\xa4\\n");
	assert_string_equal(e.hint, "wait 5 minutes");
	assert_string_equal(link_message(l), "");
	/* A bad result does not end the link. */
	link_agent_clear(&agent);
	link_agent_result(&agent, ERR_NONE, "", "");
	assert_int_equal(call(l, NULL, &e), 0);
	link_close(l);
}

static void
test_sink_has_enough(void **state)
{
	struct link *l = open_link();
	struct seen s = { .stop_after = 2 };
	struct err e = ERR_INIT;

	(void)state;
	link_agent_clear(&agent);
	link_agent_text(&agent, "1");
	link_agent_text(&agent, "2");
	link_agent_text(&agent, "3");
	link_agent_result(&agent, ERR_NONE, "", "");
	wbuf_init(&s.w, 0);
	assert_int_equal(call(l, &s, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_int_equal(s.pieces, 2);
	assert_int_equal(call(l, &s, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	wbuf_release(&s.w);
	link_close(l);
}

static void
test_agent_goes_away(void **state)
{
	struct link *l = open_link();
	struct err e = ERR_INIT;

	(void)state;
	link_agent_clear(&agent);
	assert_int_equal(call(l, NULL, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	link_close(l);
	/* Inside a frame. */
	l = open_link();
	link_agent_text(&agent, "half");
	agent.answer.len -= 2;
	{
		struct link_request rq = { .payload = NULL };

		strlist_add(&rq.words, "whoami");
		assert_int_equal(link_call(l, &rq, NULL, clock_ticks() + 300,
				     &e),
		    -1);
		assert_int_equal(e.code, ERR_TIMEOUT);
		strlist_release(&rq.words);
	}
	link_close(l);
}

static void
test_not_our_protocol(void **state)
{
	struct link *l = open_link();
	struct err e = ERR_INIT;

	(void)state;
	link_agent_clear(&agent);
	wbuf_bytes(&agent.answer, "HTTP/1.1 400 Bad Request\r\n", 26);
	assert_int_equal(call(l, NULL, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	link_close(l);
	l = open_link();
	link_agent_clear(&agent);
	wbuf_bytes(&agent.answer, "\0\0\0\7\1\1\0\0\0\1z", 11);
	assert_int_equal(call(l, NULL, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	link_close(l);
}

static void
test_no_agent(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(unlink(paths_in(path, "run/agent.sock")), 0);
	assert_null(link_open_local(&e));
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_string_not_equal(e.hint, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_failure_of_the_job),
		cmocka_unit_test(test_sink_has_enough),
		cmocka_unit_test(test_agent_goes_away),
		cmocka_unit_test(test_not_our_protocol),
		cmocka_unit_test(test_no_agent),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
