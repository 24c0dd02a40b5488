#include "commands/file_batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/file_node.h"
#include "tests/fakes/testing.h"

static const struct fake_answer answers[] = {
	{ .words = "recovery p12", .data = "fresh p12" },
	{ .words = NULL },
};

/* A world in which spec has been found. */
struct scene {
	struct cmd_world w;
	struct file_set set;
	struct file_plain plain;
};

static void
begin(struct scene *s, const struct fake_answer *answer, const char *root,
    const char *spec)
{
	const struct file_find f = {
		.root = fileroot_find(root),
		.spec = spec,
		.flags = FILE_FIND_FILES | FILE_FIND_RECURS,
	};

	cmd_world_init(&s->w, answer, NULL, OUT_TEXT);
	assert_int_equal(file_find(&s->w.ctx, &f, &s->set, &s->w.e), 0);
	file_plain_init(&s->plain, &s->w.ctx, &s->set);
}

static void
end(struct scene *s)
{
	file_plain_release(&s->plain);
	file_set_release(&s->set);
	cmd_world_release(&s->w);
}

/* All bytes of number i, a few at a time. */
static const char *
bytes(struct scene *s, size_t i)
{
	static char text[64];
	const struct file_batch *b = &s->plain.batch;
	size_t len = 0;
	ssize_t n;

	assert_int_equal(b->open(b->self, i, &s->w.e), 0);
	while ((n = b->read(b->self, text + len, 3, &s->w.e)) > 0)
		len += (size_t)n;
	assert_int_equal(n, 0);
	text[len] = '\0';
	b->close(b->self);
	return text;
}

static void
files_come_with_their_names(void **state)
{
	struct file_source f;
	struct scene s;

	(void)state;
	begin(&s, NULL, "tftp", "rings");
	assert_int_equal(s.plain.batch.n, 2);
	s.plain.batch.describe(s.plain.batch.self, 1, &f);
	assert_string_equal(f.name, "deep/b.raw");
	assert_string_equal(f.shown, "/usr/local/cm/tftp/rings/deep/b.raw");
	assert_int_equal(f.size, 2);
	assert_false(f.recovery_key);
	assert_string_equal(bytes(&s, 1), "bb");
	assert_string_equal(bytes(&s, 0), "a");
	assert_string_equal(bytes(&s, 1), "bb");
	end(&s);
}

static void
the_key_comes_from_the_agent(void **state)
{
	struct file_source f;
	struct scene s;

	(void)state;
	begin(&s, answers, "tftp", "ITLRecovery.p12");
	s.plain.batch.describe(s.plain.batch.self, 0, &f);
	assert_true(f.recovery_key);
	assert_string_equal(f.shown, "/usr/local/cm/tftp/ITLRecovery.p12");
	assert_string_equal(bytes(&s, 0), "fresh p12");
	end(&s);
	begin(&s, NULL, "tftp", "ITLRecovery.p12");
	assert_int_equal(s.plain.batch.open(s.plain.batch.self, 0, &s.w.e), -1);
	end(&s);
}

static void
what_grows_ends_where_it_ended(void **state)
{
	const struct file_batch *b;
	struct scene s;
	char text[64];

	begin(&s, NULL, "activelog", "syslog/CiscoSyslog");
	b = &s.plain.batch;
	assert_int_equal(b->open(b->self, 0, &s.w.e), 0);
	testing_write(*state, "log/syslog/CiscoSyslog",
	    "one\ntwo\nthree\nfour\n");
	assert_int_equal(b->read(b->self, text, sizeof(text), &s.w.e), 14);
	assert_int_equal(b->read(b->self, text, sizeof(text), &s.w.e), 0);
	b->close(b->self);
	end(&s);
}

static void
what_is_gone_is_told(void **state)
{
	struct scene s;
	char *path;

	begin(&s, NULL, "activelog", "platform/log/*");
	path = mem_printf("%s/log/platform/log/cli00001.log", (char *)*state);
	assert_int_equal(remove(path), 0);
	free(path);
	assert_int_equal(s.plain.batch.open(s.plain.batch.self, 0, &s.w.e), -1);
	assert_int_equal(s.w.e.code, ERR_NOT_FOUND);
	assert_int_equal(s.plain.missed.n, 1);
	assert_true(str_starts(s.plain.missed.item[0],
	    "/var/log/active/platform/log/cli00001.log: "));
	testing_write(*state, "log/platform/log/cli00001.log", "back\n");
	end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_come_with_their_names),
		cmocka_unit_test(the_key_comes_from_the_agent),
		cmocka_unit_test(what_grows_ends_where_it_ended),
		cmocka_unit_test(what_is_gone_is_told),
	};

	return cmocka_run_group_tests(tests, file_node_setup,
	    file_node_teardown);
}
