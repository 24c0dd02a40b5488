#include "base/file.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/fakes/testing.h"

struct fixture {
	char *dir;
	char *path; /* dir/file */
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	f->dir = testing_dir();
	f->path = mem_printf("%s/file", f->dir);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	testing_dir_remove(f->dir);
	free(f->path);
	free(f);
	return 0;
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
what_is_written_is_read(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len;

	assert_int_equal(file_replace(f->path, "a\0b", 3, 0640, &e), 0);
	assert_int_equal(mode_of(f->path), 0640);
	assert_int_equal(file_read(f->path, 3, &data, &len, &e), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(data, "a\0b\0", 4);
	free(data);
	assert_int_equal(file_replace(f->path, "", 0, 0600, &e), 0);
	assert_int_equal(file_read(f->path, 0, &data, &len, &e), 0);
	assert_int_equal(len, 0);
	assert_int_equal(data[0], 0);
	free(data);
	assert_int_equal(testing_count(f->dir), 1);
}

static void
mode_is_exact_whatever_the_umask(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	mode_t old = umask(0777);
	char *sub = mem_printf("%s/sub", f->dir);

	assert_int_equal(file_replace(f->path, "x", 1, 0644, &e), 0);
	assert_int_equal(file_mkdir(sub, 0751, &e), 0);
	(void)umask(old);
	assert_int_equal(mode_of(f->path), 0644);
	assert_int_equal(mode_of(sub), 0751);
	/* An existing one is left as it is. */
	assert_int_equal(file_mkdir(sub, 0700, &e), 0);
	assert_int_equal(mode_of(sub), 0751);
	free(sub);
}

static void
reading_refuses(void **state)
{
	struct fixture *f = *state;
	char *link_path = mem_printf("%s/link", f->dir);
	char *fifo = mem_printf("%s/fifo", f->dir);
	struct err e = ERR_INIT;
	uint8_t *data = NULL;
	size_t len = 42;

	assert_int_equal(file_read(f->path, 9, &data, &len, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	testing_write(f->dir, "file", "0123456789");
	assert_int_equal(file_read(f->path, 9, &data, &len, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	assert_int_equal(symlink("file", link_path), 0);
	assert_int_equal(file_read(link_path, 99, &data, &len, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(file_read(f->dir, 99, &data, &len, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(file_read(fifo, 99, &data, &len, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	assert_null(data);
	assert_int_equal(len, 42);
	free(link_path);
	free(fifo);
}

static void
replacing_a_link_leaves_its_target(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct stat st;
	char *text;

	testing_write(f->dir, "target", "old");
	assert_int_equal(symlink("target", f->path), 0);
	assert_int_equal(file_replace(f->path, "new", 3, 0600, &e), 0);
	assert_int_equal(lstat(f->path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	text = testing_read(f->dir, "target");
	assert_string_equal(text, "old");
	free(text);
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
a_failed_write_leaves_the_old_file(void **state)
{
	struct fixture *f = *state;
	char *other = mem_printf("%s/other", f->dir);
	struct err e = ERR_INIT;
	char *text;
	int replaced, written;

	testing_write(f->dir, "file", "old");
	limit_file_size(4);
	replaced = file_replace(f->path, "0123456789", 10, 0600, &e);
	written = file_write_synced(other, "0123456789", 10, 0600, &e);
	limit_file_size(0);
	assert_int_equal(replaced, -1);
	assert_int_equal(written, -1);
	assert_int_equal(e.code, ERR_IO);
	text = testing_read(f->dir, "file");
	assert_string_equal(text, "old");
	assert_int_equal(testing_count(f->dir), 1);
	free(text);
	free(other);
}

static void
the_two_halves_work_alone(void **state)
{
	struct fixture *f = *state;
	char *fresh = mem_printf("%s/file.new", f->dir);
	struct err e = ERR_INIT;
	char *text;

	testing_write(f->dir, "file", "old");
	testing_write(f->dir, "file.new", "something longer");
	assert_int_equal(file_write_synced(fresh, "new", 3, 0600, &e), 0);
	assert_int_equal(mode_of(fresh), 0600);
	text = testing_read(f->dir, "file.new");
	assert_string_equal(text, "new");
	free(text);
	assert_int_equal(file_rename(fresh, f->path, &e), 0);
	text = testing_read(f->dir, "file");
	assert_string_equal(text, "new");
	free(text);
	assert_int_equal(testing_count(f->dir), 1);
	assert_int_equal(file_rename(fresh, f->path, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	free(fresh);
}

static void
a_link_is_not_written_through(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	char *text;

	testing_write(f->dir, "target", "old");
	assert_int_equal(symlink("target", f->path), 0);
	assert_int_equal(file_write_synced(f->path, "new", 3, 0600, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	text = testing_read(f->dir, "target");
	assert_string_equal(text, "old");
	free(text);
}

static void
removing_twice_is_fine(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;

	testing_write(f->dir, "file", "x");
	assert_int_equal(file_remove(f->path, &e), 0);
	assert_int_equal(testing_count(f->dir), 0);
	assert_int_equal(file_remove(f->path, &e), 0);
	assert_int_equal(file_remove(f->dir, &e), -1);
}

static void
a_file_is_no_directory(void **state)
{
	struct fixture *f = *state;
	char *below = mem_printf("%s/no/sub", f->dir);
	struct err e = ERR_INIT;

	testing_write(f->dir, "file", "x");
	assert_int_equal(file_mkdir(f->path, 0700, &e), -1);
	assert_int_equal(e.code, ERR_EXISTS);
	assert_int_equal(file_mkdir(below, 0700, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(file_replace(below, "x", 1, 0600, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	free(below);
}

static void
temporary_names(void **state)
{
	(void)state;
	assert_true(file_is_temporary("ITLFile.tlv.tmp0123abcd"));
	assert_false(file_is_temporary(".tmp0123abcd"));
	assert_false(file_is_temporary("ITLFile.tlv.tmp0123abcg"));
	assert_false(file_is_temporary("ITLFile.tlv.tmp0123abc"));
	assert_false(file_is_temporary("ITLFile.tlv.tmp0123abcd5"));
	assert_false(file_is_temporary(""));
}

/* What stands beside it is somebody else's. */
static void
clean_removes_its_own(void **state)
{
	static const char *const others[] = { "file", "file.tmp",
		"files.tmp0123abcd", "fil.tmp0123abcd",
		"file.tmp0123abcd.tmp0123abcd" };
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < 5; i++)
		testing_write(f->dir, others[i], "text");
	testing_write(f->dir, "file.tmp0123abcd", "half");
	testing_write(f->dir, "file.tmpffffffff", "");
	file_clean(f->path);
	assert_int_equal(testing_count(f->dir), 5);
	for (i = 0; i < 5; i++) {
		char *text = testing_read(f->dir, others[i]);

		assert_string_equal(text, "text");
		free(text);
	}
	file_clean("/nonexistent/file");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(temporary_names),
		TEST(clean_removes_its_own),
		TEST(what_is_written_is_read),
		TEST(mode_is_exact_whatever_the_umask),
		TEST(reading_refuses),
		TEST(replacing_a_link_leaves_its_target),
		TEST(a_failed_write_leaves_the_old_file),
		TEST(the_two_halves_work_alone),
		TEST(a_link_is_not_written_through),
		TEST(removing_twice_is_fine),
		TEST(a_file_is_no_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
