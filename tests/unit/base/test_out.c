#include "base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/fakes/testing.h"

/* One description of a result for both forms. */
static void
describe(struct out *o)
{
	out_printf(o, "length %d\n", 5302);
	out_puts(o, "signer ");
	out_visible(o, "a\033b", 3);
	out_write(o, "\n", 1);
	out_object(o, NULL);
	out_int(o, "length", 5302);
	out_string(o, "signer", "a\033b");
	out_string(o, "broken", "x\xffy");
	out_array(o, "records");
	out_object(o, NULL);
	out_bool(o, "full", true);
	out_null(o, "hash");
	out_end(o);
	out_int(o, NULL, INT64_MIN);
	out_end(o);
	out_end(o);
}

static const char described_text[] = "length 5302\nsigner a\\x1bb\n";
static const char described_json[] = "{\n"
				     "  \"length\": 5302,\n"
				     "  \"signer\": \"a\\u001Bb\",\n"
				     "  \"broken\": \"x\\\\xffy\",\n"
				     "  \"records\": [\n"
				     "    {\n"
				     "      \"full\": true,\n"
				     "      \"hash\": null\n"
				     "    },\n"
				     "    -9223372036854775808\n"
				     "  ]\n"
				     "}\n";

static void
each_form_prints_its_own(void **state)
{
	struct out *text = out_new_mem(OUT_TEXT);
	struct out *json = out_new_mem(OUT_JSON);

	(void)state;
	assert_string_equal(out_text(text), "");
	assert_false(out_json(text));
	assert_true(out_json(json));
	describe(text);
	describe(json);
	assert_string_equal(out_text(json), "");
	assert_int_equal(out_finish(text), 0);
	assert_int_equal(out_finish(json), 0);
	assert_string_equal(out_text(text), described_text);
	assert_string_equal(out_text(json), described_json);
	out_free(text);
	out_free(json);
	out_free(NULL);
}

static void
no_document_prints_nothing(void **state)
{
	struct out *o = out_new_mem(OUT_JSON);

	(void)state;
	assert_int_equal(out_finish(o), 0);
	assert_string_equal(out_text(o), "");
	out_free(o);
}

static void
an_unfinished_document_is_freed(void **state)
{
	struct out *o = out_new_mem(OUT_JSON);

	(void)state;
	out_object(o, NULL);
	out_array(o, "a");
	out_free(o);
	o = out_new_mem(OUT_JSON);
	out_object(o, NULL);
	out_end(o);
	out_free(o);
}

struct taker {
	char *text;
	unsigned left; /* pieces it takes before it refuses */
};

static int
take(void *self, const char *s, size_t n)
{
	struct taker *t = self;
	char *more;

	if (t->left == 0)
		return -1;
	t->left--;
	more = mem_printf("%s%.*s", t->text == NULL ? "" : t->text, (int)n, s);
	free(t->text);
	t->text = more;
	return 0;
}

static void
pieces_go_to_the_function(void **state)
{
	struct taker t = { .text = NULL, .left = 100 };
	struct out *o = out_new_fn(take, &t, OUT_TEXT);

	(void)state;
	describe(o);
	assert_string_equal(t.text, described_text);
	assert_int_equal(out_finish(o), 0);
	out_free(o);
	free(t.text);
}

static void
a_refusal_ends_the_text(void **state)
{
	struct taker t = { .text = NULL, .left = 2 };
	struct out *o = out_new_fn(take, &t, OUT_TEXT);

	(void)state;
	out_puts(o, "1");
	out_puts(o, "2");
	assert_false(out_failed(o));
	out_puts(o, "3");
	assert_true(out_failed(o));
	t.left = 5;
	out_puts(o, "4");
	assert_string_equal(t.text, "12");
	assert_int_equal(out_finish(o), -1);
	out_free(o);
	free(t.text);
}

static void
text_waits_for_a_flush(void **state)
{
	struct out *o;
	char got[16];
	int p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(fcntl(p[0], F_SETFL, O_NONBLOCK), 0);
	o = out_new_fd(p[1], OUT_TEXT);
	out_puts(o, "abc");
	assert_int_equal(read(p[0], got, sizeof(got)), -1);
	out_flush(o);
	assert_int_equal(read(p[0], got, sizeof(got)), 3);
	assert_memory_equal(got, "abc", 3);
	out_puts(o, "de");
	out_free(o);
	assert_int_equal(read(p[0], got, sizeof(got)), 2);
	(void)close(p[0]);
	(void)close(p[1]);
}

#define MUCH 1000000

static void *
drain(void *arg)
{
	int *fd = arg;
	char buf[4096];
	size_t total = 0;
	ssize_t n;

	while ((n = read(*fd, buf, sizeof(buf))) > 0)
		total += (size_t)n;
	return total == MUCH ? arg : NULL;
}

static void
a_slow_reader_gets_it_all(void **state)
{
	char *text = mem_alloc(MUCH);
	pthread_t thread;
	struct out *o;
	void *result;
	int p[2];

	(void)state;
	memset(text, 'x', MUCH);
	assert_int_equal(pipe(p), 0);
	assert_int_equal(fcntl(p[1], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(pthread_create(&thread, NULL, drain, &p[0]), 0);
	o = out_new_fd(p[1], OUT_TEXT);
	out_write(o, text, MUCH);
	assert_int_equal(out_finish(o), 0);
	out_free(o);
	(void)close(p[1]);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_non_null(result);
	(void)close(p[0]);
	free(text);
}

static void
a_closed_reader_is_an_error(void **state)
{
	struct out *o;
	int p[2];

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(p), 0);
	(void)close(p[0]);
	o = out_new_fd(p[1], OUT_TEXT);
	out_puts(o, "x");
	assert_int_equal(out_finish(o), -1);
	assert_int_equal(errno, EPIPE);
	out_puts(o, "y");
	errno = 0;
	assert_int_equal(out_finish(o), -1);
	assert_int_equal(errno, EPIPE);
	out_free(o);
	(void)close(p[1]);
}

static void
end_of_nothing(void)
{
	out_end(out_new_mem(OUT_JSON));
}

static void
value_outside(void)
{
	out_int(out_new_mem(OUT_JSON), NULL, 1);
}

static void
key_in_array(void)
{
	struct out *o = out_new_mem(OUT_JSON);

	out_array(o, NULL);
	out_int(o, "key", 1);
}

static void
no_key_in_object(void)
{
	struct out *o = out_new_mem(OUT_JSON);

	out_object(o, NULL);
	out_null(o, NULL);
}

static void
left_open(void)
{
	struct out *o = out_new_mem(OUT_JSON);

	out_object(o, NULL);
	(void)out_finish(o);
}

static void
two_documents(void)
{
	struct out *o = out_new_mem(OUT_JSON);

	out_object(o, NULL);
	out_end(o);
	out_object(o, NULL);
}

static void
too_deep(void)
{
	struct out *o = out_new_mem(OUT_JSON);

	for (int i = 0; i < 1000; i++)
		out_array(o, NULL);
}

static void
unbalanced_calls_are_bugs(void **state)
{
	(void)state;
	assert_true(testing_aborts(end_of_nothing));
	assert_true(testing_aborts(value_outside));
	assert_true(testing_aborts(key_in_array));
	assert_true(testing_aborts(no_key_in_object));
	assert_true(testing_aborts(left_open));
	assert_true(testing_aborts(two_documents));
	assert_true(testing_aborts(too_deep));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_prints_its_own),
		cmocka_unit_test(no_document_prints_nothing),
		cmocka_unit_test(an_unfinished_document_is_freed),
		cmocka_unit_test(pieces_go_to_the_function),
		cmocka_unit_test(a_refusal_ends_the_text),
		cmocka_unit_test(text_waits_for_a_flush),
		cmocka_unit_test(a_slow_reader_gets_it_all),
		cmocka_unit_test(a_closed_reader_is_an_error),
		cmocka_unit_test(unbalanced_calls_are_bugs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
