#include "base/beneath.h"

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
#include "tests/fakes/file_node.h"

static int
root_of(void *const *state)
{
	int fd = open(*state, O_RDONLY | O_DIRECTORY);

	assert_int_not_equal(fd, -1);
	return fd;
}

static enum err_code
try_file(int root, const char *path)
{
	struct err e = ERR_INIT;
	struct stat st;
	int fd = beneath_open_file(root, path, &st, &e);

	if (fd != -1)
		(void)close(fd);
	return fd == -1 ? e.code : ERR_NONE;
}

static enum err_code
try_dir(int root, const char *path)
{
	struct err e = ERR_INIT;
	int fd = beneath_open_dir(root, path, &e);

	if (fd != -1)
		(void)close(fd);
	return fd == -1 ? e.code : ERR_NONE;
}

static void
regular_files_open(void **state)
{
	struct err e = ERR_INIT;
	int root = root_of(state);
	char text[8] = "";
	struct stat st;
	int fd;

	fd = beneath_open_file(root, "log/syslog/CiscoSyslog", &st, &e);
	assert_int_not_equal(fd, -1);
	assert_int_equal(st.st_size, 14);
	assert_int_equal(read(fd, text, 3), 3);
	assert_string_equal(text, "one");
	(void)close(fd);
	assert_int_equal(try_dir(root, ""), ERR_NONE);
	assert_int_equal(try_dir(root, "log/syslog"), ERR_NONE);
	(void)close(root);
}

static void
odd_paths_are_none(void **state)
{
	static const char *const odd[] = { "/", "/etc", "log/", "log//syslog",
		".", "..", "../etc", "log/..", "log/../etc/secret", "log/.lock",
		"..log", "./log" };
	int root = root_of(state);
	size_t i;
	char *longest;

	assert_int_equal(try_file(root, ""), ERR_USAGE);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_int_equal(try_file(root, odd[i]), ERR_USAGE);
		assert_int_equal(try_dir(root, odd[i]), ERR_USAGE);
	}
	longest = mem_alloc(300);
	memset(longest, 'a', 299);
	assert_int_equal(try_file(root, longest), ERR_USAGE);
	longest[255] = '\0';
	assert_int_equal(try_file(root, longest), ERR_NOT_FOUND);
	free(longest);
	(void)close(root);
}

static void
links_are_not_followed(void **state)
{
	int root = root_of(state);

	assert_int_equal(try_file(root, "log/syslog/link"), ERR_DENIED);
	assert_int_equal(try_file(root, "log/syslog/absolute"), ERR_DENIED);
	assert_int_equal(try_file(root, "log/out/secret"), ERR_DENIED);
	assert_int_equal(try_dir(root, "log/out"), ERR_DENIED);
	(void)close(root);
}

static void
other_things_are_refused_at_once(void **state)
{
	int root = root_of(state);

	assert_int_equal(try_file(root, "log/syslog/fifo"), ERR_DENIED);
	assert_int_equal(try_file(root, "log/syslog"), ERR_DENIED);
	assert_int_equal(try_file(root, "log/nothing"), ERR_NOT_FOUND);
	assert_int_equal(try_file(root, "tftp/ITLFile.tlv/x"), ERR_NOT_FOUND);
	assert_int_equal(try_dir(root, "tftp/ITLFile.tlv"), ERR_NOT_FOUND);
	(void)close(root);
}

static void
a_directory_that_becomes_a_link_leads_nowhere(void **state)
{
	char *from = mem_printf("%s/log/platform", (char *)*state);
	char *to = mem_printf("%s/log/moved", (char *)*state);
	struct err e = ERR_INIT;
	int root = root_of(state);
	const char *leaf;
	struct stat st;
	int dir;

	dir = beneath_open_parent(root, "log/platform/log/cli00001.log", &leaf,
	    &e);
	assert_int_not_equal(dir, -1);
	assert_string_equal(leaf, "cli00001.log");
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(symlink("../etc", from), 0);
	/* What is open stays what it was; by name there is no way any more. */
	assert_int_equal(fstatat(dir, leaf, &st, 0), 0);
	assert_int_equal(try_file(root, "log/platform/secret"), ERR_DENIED);
	(void)close(dir);
	(void)close(root);
	free(from);
	free(to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(regular_files_open),
		cmocka_unit_test(odd_paths_are_none),
		cmocka_unit_test(links_are_not_followed),
		cmocka_unit_test(other_things_are_refused_at_once),
		cmocka_unit_test(a_directory_that_becomes_a_link_leads_nowhere),
	};

	return cmocka_run_group_tests(tests, file_node_setup,
	    file_node_teardown);
}
