#include "base/file_batch.h"

#include <sys/resource.h>
#include <sys/stat.h>

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

static char *
in(const char *dir, const char *name)
{
	return mem_printf("%s/%s", dir, name);
}

static void
put(struct file_pending *p, const char *dir, const char *name, const char *text)
{
	char *path = in(dir, name);
	struct err e = ERR_INIT;

	if (file_pending_write(p, path, text, strlen(text), 0640, &e) == -1)
		fail_msg("%s", e.msg);
	free(path);
}

static void
expect(const char *dir, const char *name, const char *text)
{
	char *got = testing_read(dir, name);

	if (text == NULL)
		assert_null(got);
	else
		assert_string_equal(got, text);
	free(got);
}

static void
all_get_their_names(void **state)
{
	char *dir = testing_dir(), *other = testing_dir();
	struct file_pending a, b, c, none = { 0 };
	struct file_pending *all[] = { &a, &none, &b, &c };
	char *path = in(dir, "b");
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	testing_write(dir, "b", "old");
	put(&a, dir, "a", "one");
	put(&b, dir, "b", "two");
	put(&c, other, "c", "");
	expect(dir, "a", NULL);
	expect(dir, "b", "old");
	assert_int_equal(file_pending_commit(all, 4, &e), 0);
	assert_true(a.committed && b.committed && c.committed);
	for (size_t i = 0; i < 4; i++)
		file_pending_release(all[i]);
	expect(dir, "a", "one");
	expect(dir, "b", "two");
	expect(other, "c", "");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(testing_count(dir), 2);
	assert_int_equal(testing_count(other), 1);
	free(path);
	testing_dir_remove(dir);
	testing_dir_remove(other);
}

static void
what_is_not_committed_is_gone(void **state)
{
	char *dir = testing_dir();
	struct file_pending a;

	(void)state;
	testing_write(dir, "a", "old");
	put(&a, dir, "a", "new");
	assert_int_equal(testing_count(dir), 2);
	file_pending_release(&a);
	assert_null(a.path);
	file_pending_release(&a);
	expect(dir, "a", "old");
	assert_int_equal(testing_count(dir), 1);
	testing_dir_remove(dir);
}

static void
a_name_that_is_taken(void **state)
{
	char *dir = testing_dir(), *taken = in(dir, "b");
	struct file_pending a, b, c;
	struct file_pending *all[] = { &a, &b, &c };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(mkdir(taken, 0700), 0);
	put(&a, dir, "a", "one");
	put(&b, dir, "b", "two");
	put(&c, dir, "c", "three");
	assert_int_equal(file_pending_commit(all, 3, &e), -1);
	assert_non_null(strstr(e.msg, "rename "));
	assert_true(a.committed && !b.committed && !c.committed);
	for (size_t i = 0; i < 3; i++)
		file_pending_release(all[i]);
	expect(dir, "a", "one");
	expect(dir, "c", NULL);
	assert_int_equal(testing_count(dir), 2);
	free(taken);
	testing_dir_remove(dir);
}

static void
a_directory_that_is_gone(void **state)
{
	char *dir = testing_dir(), *path = in(dir, "none/a");
	struct err e = ERR_INIT;
	struct file_pending a;
	struct file_pending *all[] = { &a };

	(void)state;
	assert_int_equal(file_pending_write(&a, path, "x", 1, 0600, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_null(a.path);
	put(&a, dir, "a", "one");
	assert_int_equal(unlink(a.temporary), 0);
	assert_int_equal(rmdir(dir), 0);
	err_clear(&e);
	assert_int_equal(file_pending_commit(all, 1, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_non_null(strstr(e.msg, "directory "));
	file_pending_release(&a);
	free(path);
	free(dir);
}

/* No file may grow past 4 bytes: as good as a full disk. */
static void
limit_file_size(rlim_t size)
{
	struct rlimit limit;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size == 0 ? limit.rlim_max : size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
a_full_disk(void **state)
{
	char *dir = testing_dir(), *path = in(dir, "a");
	struct err e = ERR_INIT;
	struct file_pending a;
	int rc;

	(void)state;
	testing_write(dir, "a", "old");
	limit_file_size(4);
	rc = file_pending_write(&a, path, "0123456789", 10, 0600, &e);
	limit_file_size(0);
	assert_int_equal(rc, -1);
	assert_int_equal(e.code, ERR_IO);
	assert_null(a.path);
	expect(dir, "a", "old");
	assert_int_equal(testing_count(dir), 1);
	free(path);
	testing_dir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_get_their_names),
		cmocka_unit_test(what_is_not_committed_is_gone),
		cmocka_unit_test(a_name_that_is_taken),
		cmocka_unit_test(a_directory_that_is_gone),
		cmocka_unit_test(a_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
