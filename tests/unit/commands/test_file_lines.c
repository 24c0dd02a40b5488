#include "commands/file_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/fakes/testing.h"

/* dir/name open for reading. */
static int
open_file(const char *dir, const char *name)
{
	char *path = mem_printf("%s/%s", dir, name);
	int fd = open(path, O_RDONLY);

	assert_int_not_equal(fd, -1);
	free(path);
	return fd;
}

static int
setup(void **state)
{
	*state = testing_dir();
	return 0;
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
lines_come_one_by_one(void **state)
{
	struct err e = ERR_INIT;
	struct file_lines l;
	const char *line;
	size_t n;
	int fd;

	testing_write(*state, "f", "one\n\nthree");
	fd = open_file(*state, "f");
	file_lines_init(&l, fd, 0);
	assert_int_equal(file_lines_next(&l, true, &line, &n, &e), 1);
	assert_int_equal(n, 3);
	assert_memory_equal(line, "one", 3);
	assert_int_equal(l.pos, 4);
	assert_int_equal(file_lines_next(&l, true, &line, &n, &e), 1);
	assert_int_equal(n, 0);
	assert_int_equal(file_lines_next(&l, true, &line, &n, &e), 0);
	assert_int_equal(l.pos, 5);
	assert_int_equal(file_lines_next(&l, false, &line, &n, &e), 1);
	assert_memory_equal(line, "three", 5);
	assert_int_equal(l.pos, 10);
	assert_int_equal(file_lines_next(&l, false, &line, &n, &e), 0);
	file_lines_release(&l);
	(void)close(fd);
}

static void
a_line_that_grows_is_waited_for(void **state)
{
	char *path = mem_printf("%s/f", (char *)*state);
	struct err e = ERR_INIT;
	struct file_lines l;
	const char *line;
	size_t n;
	int fd, out;

	testing_write(*state, "f", "be");
	fd = open_file(*state, "f");
	out = open(path, O_WRONLY | O_APPEND);
	file_lines_init(&l, fd, 0);
	assert_int_equal(file_lines_next(&l, true, &line, &n, &e), 0);
	assert_int_equal(write(out, "gun\nx", 5), 5);
	assert_int_equal(file_lines_next(&l, true, &line, &n, &e), 1);
	assert_int_equal(n, 5);
	assert_memory_equal(line, "begun", 5);
	assert_int_equal(file_lines_next(&l, true, &line, &n, &e), 0);
	file_lines_release(&l);
	(void)close(fd);
	(void)close(out);
	free(path);
}

static void
long_lines_come_in_pieces(void **state)
{
	size_t size = 5UL * FILE_LINE_MAX, i, n, sum = 0, pieces = 0;
	char *text = mem_alloc(size + 2);
	struct err e = ERR_INIT;
	struct file_lines l;
	const char *line;
	int fd;

	/* Characters of two bytes, none of which may be cut. */
	text[0] = 'x';
	for (i = 1; i < size; i += 2) {
		text[i] = '\303';
		text[i + 1] = '\244';
	}
	text[size] = '\n';
	testing_write(*state, "f", text);
	fd = open_file(*state, "f");
	file_lines_init(&l, fd, 0);
	while (file_lines_next(&l, false, &line, &n, &e) == 1) {
		assert_true(n <= FILE_LINE_MAX);
		assert_memory_equal(line, text + sum, n);
		assert_int_not_equal((unsigned char)line[0], 0xa4);
		sum += n;
		pieces++;
	}
	assert_true(sum >= size);
	assert_in_range(pieces, 5, 6);
	file_lines_release(&l);
	(void)close(fd);
	free(text);
}

static void
bytes_without_characters_are_cut_all_the_same(void **state)
{
	static char text[FILE_LINE_MAX + 10];
	struct err e = ERR_INIT;
	struct file_lines l;
	const char *line;
	size_t n;
	int fd;

	memset(text, 0x80, sizeof(text) - 1);
	testing_write(*state, "f", text);
	fd = open_file(*state, "f");
	file_lines_init(&l, fd, 0);
	assert_int_equal(file_lines_next(&l, true, &line, &n, &e), 1);
	assert_int_equal(n, FILE_LINE_MAX);
	assert_int_equal(file_lines_next(&l, false, &line, &n, &e), 1);
	assert_int_equal(n, 9);
	file_lines_release(&l);
	(void)close(fd);
}

static void
what_acts_on_a_terminal_is_shown(void **state)
{
	struct out *out = out_new_mem(OUT_TEXT);

	(void)state;
	file_line_print(out, "a\tb\\c\033[2J\0z", 11);
	file_line_print(out, "", 0);
	assert_string_equal(out_text(out), "a\tb\\c\\x1b[2J\\x00z\n\n");
	out_free(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_one_by_one),
		cmocka_unit_test(a_line_that_grows_is_waited_for),
		cmocka_unit_test(long_lines_come_in_pieces),
		cmocka_unit_test(bytes_without_characters_are_cut_all_the_same),
		cmocka_unit_test(what_acts_on_a_terminal_is_shown),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
