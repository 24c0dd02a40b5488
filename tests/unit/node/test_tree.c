/*
 * node/tree.c: the directories of a node.
 */
#include "node/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/str.h"
#include "node/hostuser.h"
#include "tests/fakes/private_host.h"
#include "tests/fakes/testing.h"

#define MANY 2000 /* files in a directory that takes a while to remove */

static int
group_setup(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	private_host_enter();
	return hostuser_make_system(&e);
}

static int
setup(void **state)
{
	*state = private_host_root();
	return 0;
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

/* Each directory has its owner, group and mode. */
static void
check_all(void)
{
	char path[PATH_SIZE];
	struct stat st;

	for (size_t i = 0; i < tree_entries_n; i++) {
		const struct tree_entry *t = &tree_entries[i];

		assert_int_equal(lstat(paths_in(path, "%s", t->path), &st), 0);
		assert_true(S_ISDIR(st.st_mode));
		assert_int_equal(st.st_mode & 07777, t->mode);
		assert_string_equal(getpwuid(st.st_uid)->pw_name, t->owner);
		/* below certs/ the group is inherited */
		if (!str_starts(t->path, "certs/"))
			assert_string_equal(getgrgid(st.st_gid)->gr_name,
			    t->group);
	}
}

static void
everything_is_made_and_made_again(void **state)
{
	struct err e = ERR_INIT;
	char path[PATH_SIZE];

	(void)state;
	assert_false(tree_exists());
	assert_int_equal(tree_make(&e), 0);
	assert_true(tree_exists());
	check_all();
	/* a wrong mode or owner is put right */
	assert_int_equal(chmod(paths_in(path, "certs"), 0777), 0);
	assert_int_equal(chown(paths_in(path, "tftp"), 0, 0), 0);
	assert_int_equal(tree_make(&e), 0);
	check_all();
}

static void
no_directory_may_be_written_by_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < tree_entries_n; i++)
		assert_int_equal(tree_entries[i].mode & 022, 0);
}

static void
a_file_in_the_way_is_an_error(void **state)
{
	struct err e = ERR_INIT;

	testing_write(*state, "service", "");
	assert_int_equal(tree_make(&e), -1);
	assert_int_equal(e.code, ERR_EXISTS);
}

static void
the_mark_comes_last_and_goes_first(void **state)
{
	struct err e = ERR_INIT;

	assert_int_equal(tree_make(&e), 0);
	assert_false(tree_finished());
	assert_int_equal(tree_finish(&e), 0);
	assert_true(tree_finished());
	testing_write(*state, "log/platform/log/x", "y");
	assert_int_equal(tree_remove(&e), 0);
	assert_false(tree_finished());
	assert_int_equal(access(*state, F_OK), -1);
	assert_int_equal(mkdir(*state, 0755), 0); /* for the teardown */
}

static void
links_are_not_followed(void **state)
{
	struct err e = ERR_INIT;
	char *outside = testing_dir();
	char path[PATH_SIZE];

	assert_int_equal(tree_make(&e), 0);
	testing_write(outside, "keep", "");
	assert_int_equal(symlink(outside, paths_in(path, "log/link")), 0);
	assert_int_equal(tree_remove(&e), 0);
	assert_int_equal(testing_count(outside), 1);
	testing_dir_remove(outside);
	assert_int_equal(mkdir(*state, 0755), 0);
}

/* When the walk is inside dir, put a link to outside in its place. */
static void
swap_when_begun(const char *dir, const char *away, const char *outside)
{
	size_t left = MANY;

	while (left == MANY)
		left = testing_count(dir);
	if (rename(dir, away) == -1 || symlink(outside, dir) == -1)
		_exit(1);
	_exit(0);
}

static void
a_link_put_there_meanwhile_is_not_followed(void **state)
{
	struct err e = ERR_INIT;
	char *outside = testing_dir();
	char dir[PATH_SIZE];
	char away[PATH_SIZE];
	char name[32];
	pid_t child;

	assert_int_equal(tree_make(&e), 0);
	paths_in(dir, "log/many");
	paths_in(away, "log/away");
	assert_int_equal(mkdir(dir, 0755), 0);
	for (int i = 0; i < MANY; i++) {
		(void)str_printf(name, sizeof(name), "log/many/%d", i);
		testing_write(*state, name, "");
		(void)str_printf(name, sizeof(name), "%d", i);
		testing_write(outside, name, "");
	}
	child = fork();
	if (child == 0)
		swap_when_begun(dir, away, outside);
	(void)tree_clear(dir, true, &e);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(testing_count(outside), MANY);
	testing_dir_remove(outside);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    everything_is_made_and_made_again, setup, teardown),
		cmocka_unit_test(no_directory_may_be_written_by_others),
		cmocka_unit_test_setup_teardown(a_file_in_the_way_is_an_error,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    the_mark_comes_last_and_goes_first, setup, teardown),
		cmocka_unit_test_setup_teardown(links_are_not_followed, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_link_put_there_meanwhile_is_not_followed, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
