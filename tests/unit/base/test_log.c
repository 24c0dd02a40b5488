#include "base/log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/paths.h"
#include "tests/fakes/testing.h"

static char *dir;

static int
setup(void **state)
{
	(void)state;
	dir = testing_dir();
	paths_set_root(dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	testing_dir_remove(dir);
	return 0;
}

/* What write_some() put on standard error; free with free(). */
static char *
caught(void (*write_some)(void))
{
	char *path = mem_printf("%s/stderr", dir);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	int old = dup(STDERR_FILENO);

	assert_true(fd != -1 && old != -1);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	write_some();
	assert_int_equal(dup2(old, STDERR_FILENO), STDERR_FILENO);
	(void)close(old);
	(void)close(fd);
	free(path);
	return testing_read(dir, "stderr");
}

static void
every_level(void)
{
	log_error("e %d", 1);
	log_warning("w %d", 2);
	log_info("i %d", 3);
	log_debug("d %d", 4);
}

static void
levels_below_are_left_out(void **state)
{
	char *text;

	(void)state;
	log_init("ucm-x", LOG_LEVEL_DEBUG);
	text = caught(every_level);
	assert_non_null(strstr(text, " ERROR ucm-x: e 1\n"));
	assert_non_null(strstr(text, " WARNING ucm-x: w 2\n"));
	assert_non_null(strstr(text, " INFO ucm-x: i 3\n"));
	assert_non_null(strstr(text, " DEBUG ucm-x: d 4\n"));
	free(text);
	log_init("ucm-x", LOG_LEVEL_WARNING);
	text = caught(every_level);
	assert_non_null(strstr(text, " ERROR "));
	assert_non_null(strstr(text, " WARNING "));
	assert_null(strstr(text, " INFO "));
	assert_null(strstr(text, " DEBUG "));
	free(text);
}

static void
something_hostile(void)
{
	log_error("name %s", "\033]0;x\007\n2014 INFO root: forged");
}

static void
a_line_stays_a_line(void **state)
{
	char *text;

	(void)state;
	text = caught(something_hostile);
	assert_null(strchr(text, '\033'));
	assert_non_null(
	    strstr(text, "name \\x1b]0;x\\x07\\n2014 INFO root: forged\n"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	/* 2014-02-26 10:34:40,558 ERROR … */
	assert_int_equal(text[4], '-');
	assert_int_equal(text[10], ' ');
	assert_int_equal(text[19], ',');
	assert_int_equal(text[23], ' ');
	free(text);
}

static void
something_long(void)
{
	char *text = mem_alloc(100001);

	memset(text, 'x', 100000);
	log_error("%s", text);
	free(text);
}

static void
long_lines_are_whole(void **state)
{
	char *text;

	(void)state;
	text = caught(something_long);
	assert_true(strlen(text) > 100000);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_below_are_left_out),
		cmocka_unit_test(a_line_stays_a_line),
		cmocka_unit_test(long_lines_are_whole),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
