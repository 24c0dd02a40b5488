#include "commands/file_follow.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/file_node.h"
#include "tests/fakes/testing.h"

/*
 * What happens to log/f while it is followed: one step each time the follower
 * has looked for Ctrl-C long enough; the last one is Ctrl-C.
 */
struct script {
	const char *root;
	int (*const *step)(const char *path);
	size_t patience; /* questions before each step */
	struct cmd_world w;
	size_t at;
	bool over;
};

static int
append(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND);
	ssize_t n = write(fd, "four\nfi", 7);

	(void)close(fd);
	return n == 7 ? 0 : -1;
}

static int
finish(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND);
	ssize_t n = write(fd, "ve\nlast", 7);

	(void)close(fd);
	return n == 7 ? 0 : -1;
}

static int
rotate(const char *path)
{
	char *old = mem_printf("%s.1", path);
	int rc = rename(path, old), fd;

	free(old);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	if (write(fd, "new\n", 4) != 4)
		rc = -1;
	(void)close(fd);
	return rc;
}

static int
empty(const char *path)
{
	int fd = open(path, O_WRONLY | O_TRUNC);
	ssize_t n = write(fd, "x\n", 2);

	(void)close(fd);
	return n == 2 ? 0 : -1;
}

static bool
interrupted(void *self)
{
	struct script *s = self;
	char *path;

	if (s->over || ++s->at % s->patience != 0)
		return s->over;
	if (*s->step == NULL) {
		s->over = true;
		return true;
	}
	path = mem_printf("%s/log/f", s->root);
	assert_int_equal((*s->step)(path), 0);
	s->step++;
	free(path);
	return false;
}

static const char *
followed(struct script *s, struct file_follow *f)
{
	f->root = fileroot_find("activelog");
	f->path = "f";
	if (s->patience == 0)
		s->patience = 4;
	cmd_world_init(&s->w, NULL, NULL, OUT_TEXT);
	s->w.ctx.interrupted = interrupted;
	s->w.ctx.interrupted_self = s;
	assert_int_equal(file_follow_run(&s->w.ctx, f, &s->w.e), -1);
	assert_int_equal(s->w.e.code, ERR_CANCELLED);
	return cmd_world_text(&s->w);
}

static void
the_last_lines_come_first(void **state)
{
	static int (*const none[])(const char *) = { NULL };
	static const struct {
		const char *file;
		uint64_t lines;
		const char *printed;
	} known[] = { { "a\nb\nc\n", 2, "b\nc\n" },
		{ "a\nb\nc\n", 3, "a\nb\nc\n" },
		{ "a\nb\nc\n", 99, "a\nb\nc\n" }, { "\n\n\n", 2, "\n\n" },
		{ "", 5, "" } };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct script s = { .root = *state,
			.step = none,
			.patience = 6 };
		struct file_follow f = { .lines = known[i].lines };

		testing_write(*state, "log/f", known[i].file);
		assert_string_equal(followed(&s, &f), known[i].printed);
		cmd_world_release(&s.w);
	}
}

static void
what_is_appended_comes_in_whole_lines(void **state)
{
	static int (*const steps[])(const char *) = { append, finish, NULL };
	struct script s = { .root = *state, .step = steps };
	struct file_follow f = { .lines = 1 };

	testing_write(*state, "log/f", "two\nthree\n");
	assert_string_equal(followed(&s, &f), "three\nfour\nfive\n");
	cmd_world_release(&s.w);
}

static void
rotation_is_followed(void **state)
{
	static int (*const steps[])(
	    const char *) = { append, finish, rotate, NULL };
	struct script s = { .root = *state, .step = steps };
	struct file_follow f = { .lines = 1 };

	testing_write(*state, "log/f", "three\n");
	assert_string_equal(followed(&s, &f), "three\nfour\nfive\nlast\nnew\n");
	cmd_world_release(&s.w);
}

static void
an_emptied_file_begins_anew(void **state)
{
	static int (*const steps[])(const char *) = { empty, NULL };
	struct script s = { .root = *state, .step = steps };
	struct file_follow f = { .lines = 1 };

	testing_write(*state, "log/f", "three\n");
	assert_string_equal(followed(&s, &f), "three\nx\n");
	cmd_world_release(&s.w);
}

static void
lines_can_be_chosen_and_dumped(void **state)
{
	static int (*const steps[])(const char *) = { append, NULL };
	struct script s = { .root = *state, .step = steps };
	struct file_follow f = { .lines = 5, .hex = true };
	struct err e = ERR_INIT;

	testing_write(*state, "log/f", "two\nthree\n");
	assert_int_equal(regexp_new(&f.match, "our", false, &e), 0);
	assert_string_equal(followed(&s, &f),
	    "0000000a  66 6f 75 72 0a                                    "
	    "|four.|\n");
	regexp_free(f.match);
	cmd_world_release(&s.w);
}

static void
a_long_line_is_not_read_from_its_beginning(void **state)
{
	static int (*const none[])(const char *) = { NULL };
	struct script s = { .root = *state, .step = none };
	struct file_follow f = { .lines = 1 };
	char *text = mem_alloc(300001);

	memset(text, 'x', 300000);
	testing_write(*state, "log/f", text);
	/* It has no end yet: its last piece is waited for. */
	assert_true(strlen(followed(&s, &f)) <= 8193);
	cmd_world_release(&s.w);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_lines_come_first),
		cmocka_unit_test(what_is_appended_comes_in_whole_lines),
		cmocka_unit_test(rotation_is_followed),
		cmocka_unit_test(an_emptied_file_begins_anew),
		cmocka_unit_test(lines_can_be_chosen_and_dumped),
		cmocka_unit_test(a_long_line_is_not_read_from_its_beginning),
	};

	return cmocka_run_group_tests(tests, file_node_setup,
	    file_node_teardown);
}
