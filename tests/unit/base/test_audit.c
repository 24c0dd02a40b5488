#include "base/audit.h"

#include <sys/wait.h>

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
#include "base/paths.h"
#include "tests/fakes/testing.h"

#define LOCK 1 /* the file of base/logdir */

static int
setup(void **state)
{
	char *dir = testing_dir();

	paths_set_root(dir);
	*state = dir;
	return 0;
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
lines_have_the_known_shape(void **state)
{
	struct err e = ERR_INIT;
	char *text, *line;

	assert_int_equal(audit_command(*state, "admin",
			     "utils itl reset localkey", &e),
	    0);
	assert_int_equal(audit_result(*state, "admin",
			     "utils itl reset localkey", 1, &e),
	    0);
	text = testing_read(*state, "cli00001.log");
	assert_non_null(text);
	/* 2014-02-26 10:34:40,558 in front of each */
	assert_int_equal(text[19], ',');
	line = strchr(text, '\n');
	assert_non_null(line);
	*line++ = '\0';
	assert_string_equal(text + 23,
	    " INFO [main] sdMain.main - running command -> "
	    "[utils itl reset localkey ] user=admin");
	assert_string_equal(line + 23,
	    " INFO [main] sdMain.main - command ended -> "
	    "[utils itl reset localkey ] user=admin status=1\n");
	free(text);
}

static void
nothing_can_forge_a_line(void **state)
{
	struct err e = ERR_INIT;
	char *text;

	assert_int_equal(audit_command(*state, "a\nb", "x ]\n2014 \033[2J", &e),
	    0);
	text = testing_read(*state, "cli00001.log");
	assert_non_null(strstr(text, "-> [x ]\\n2014 \\x1b[2J ] user=a\\nb\n"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	free(text);
}

/* A file of this size under that number. */
static void
make_file(const char *dir, unsigned number, size_t size)
{
	char name[32];
	char *text = mem_alloc(size + 1);

	memset(text, 'x', size);
	(void)snprintf(name, sizeof(name), "cli%05u.log", number);
	testing_write(dir, name, text);
	free(text);
}

static void
a_full_file_is_followed_by_the_next(void **state)
{
	struct err e = ERR_INIT;
	char *text;

	make_file(*state, 7, AUDIT_FILE_MAX - 10);
	testing_write(*state, "cli0000x.log", "");
	testing_write(*state, "cli00099.log.gz", "");
	assert_int_equal(audit_command(*state, "u", "c", &e), 0);
	text = testing_read(*state, "cli00008.log");
	assert_non_null(text);
	free(text);
	assert_int_equal(audit_command(*state, "u", "c", &e), 0);
	text = testing_read(*state, "cli00009.log");
	assert_null(text);
	assert_int_equal(testing_count(*state), LOCK + 4);
}

static void
the_oldest_file_goes(void **state)
{
	struct err e = ERR_INIT;
	char *text;

	for (unsigned i = 3; i < 3 + AUDIT_FILES_KEPT; i++)
		make_file(*state, i, 1);
	assert_int_equal(audit_command(*state, "u", "c", &e), 0);
	assert_int_equal(testing_count(*state), LOCK + AUDIT_FILES_KEPT);
	make_file(*state, 2 + AUDIT_FILES_KEPT, AUDIT_FILE_MAX);
	assert_int_equal(audit_command(*state, "u", "c", &e), 0);
	assert_int_equal(audit_command(*state, "u", "c", &e), 0);
	assert_int_equal(testing_count(*state), LOCK + AUDIT_FILES_KEPT);
	text = testing_read(*state, "cli00003.log");
	assert_null(text);
	text = testing_read(*state, "cli00004.log");
	assert_non_null(text);
	free(text);
}

#define WRITERS 4U
#define LINES 100U

static void
processes_write_together(void **state)
{
	struct err e = ERR_INIT;
	size_t lines = 0;
	char *texts[2];

	make_file(*state, 1, AUDIT_FILE_MAX - 2000);
	for (unsigned i = 0; i < WRITERS; i++) {
		pid_t pid = fork();

		assert_true(pid != -1);
		if (pid > 0)
			continue;
		for (unsigned n = 0; n < LINES; n++)
			if (audit_command(*state, "u", "show itl", &e) == -1)
				_exit(1);
		_exit(0);
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		int status;

		assert_true(wait(&status) != -1);
		assert_int_equal(status, 0);
	}
	texts[0] = testing_read(*state, "cli00001.log");
	texts[1] = testing_read(*state, "cli00002.log");
	assert_int_equal(testing_count(*state), LOCK + 2);
	for (int i = 0; i < 2; i++) {
		assert_non_null(texts[i]);
		assert_true(strlen(texts[i]) <= AUDIT_FILE_MAX);
		for (const char *p = texts[i];
		     (p = strstr(p, "-> [show itl ] user=u\n")) != NULL; p++)
			lines++;
		free(texts[i]);
	}
	assert_int_equal(lines, WRITERS * LINES);
}

static void
no_directory_is_an_error(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(audit_command("/nonexistent", "u", "c", &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_have_the_known_shape),
		TEST(nothing_can_forge_a_line),
		TEST(a_full_file_is_followed_by_the_next),
		TEST(the_oldest_file_goes),
		TEST(processes_write_together),
		TEST(no_directory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
