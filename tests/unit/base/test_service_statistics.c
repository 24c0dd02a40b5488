#include "base/service_statistics.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

#define NAME "run/tftpd.statistics"

static int
setup(void **state)
{
	char path[PATH_SIZE];

	*state = testing_dir();
	paths_set_root(*state);
	return file_mkdir(paths_in(path, "run"), 0700, NULL);
}

static int
teardown(void **state)
{
	int rc = service_statistics_remove("tftpd", NULL);

	testing_dir_remove(*state);
	return rc;
}

/* The writer's own. */
static struct service_statistics
sample(void)
{
	struct service_statistics s = { .pid = getpid(), .started = 4711 };

	service_statistics_set(&s, "requests", 1);
	service_statistics_set(&s, "bytes_sent", UINT64_MAX);
	service_statistics_set(&s, "requests", 2);
	return s;
}

static void
read_fails(enum err_code code)
{
	struct service_statistics s;
	struct err e = ERR_INIT;

	assert_int_equal(service_statistics_read("tftpd", &s, &e), -1);
	assert_int_equal(e.code, code);
}

static void
test_what_is_written_is_read(void **state)
{
	struct service_statistics out = sample(), in;
	struct err e = ERR_INIT;
	struct stat st;
	char *text, *want, path[PATH_SIZE];

	read_fails(ERR_NOT_FOUND);
	assert_int_equal(service_statistics_write("tftpd", &out, &e), 0);
	text = testing_read(*state, NAME);
	want = mem_printf("pid %d\nstarted 4711\nrequests 2\n"
			  "bytes_sent 18446744073709551615\n",
	    (int)getpid());
	assert_string_equal(text, want);
	assert_int_equal(stat(paths_in(path, NAME), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(service_statistics_read("tftpd", &in, &e), 0);
	assert_int_equal(in.pid, getpid());
	assert_int_equal(in.started, 4711);
	assert_int_equal(in.n, 2);
	assert_string_equal(in.item[0].key, "requests");
	assert_int_equal(*service_statistics_value(&in, "requests"), 2);
	assert_true(*service_statistics_value(&in, "bytes_sent") == UINT64_MAX);
	assert_null(service_statistics_value(&in, "bytes"));
	/* of another service there is nothing */
	assert_int_equal(service_statistics_read("tvsd", &in, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	free(want);
	free(text);
	service_statistics_release(&in);
	service_statistics_release(&out);
}

static void
test_same_is_not_written_again(void **state)
{
	struct service_statistics s = sample();
	struct stat one, two;
	char path[PATH_SIZE], run[PATH_SIZE];

	(void)state;
	paths_in(path, NAME);
	assert_int_equal(service_statistics_write("tftpd", &s, NULL), 0);
	assert_int_equal(stat(path, &one), 0);
	assert_int_equal(service_statistics_write("tftpd", &s, NULL), 0);
	assert_int_equal(stat(path, &two), 0);
	assert_true(one.st_ino == two.st_ino);
	assert_true(one.st_ctim.tv_nsec == two.st_ctim.tv_nsec);
	/* changed: another file, and nothing beside it */
	service_statistics_set(&s, "requests", 3);
	assert_int_equal(service_statistics_write("tftpd", &s, NULL), 0);
	assert_int_equal(stat(path, &two), 0);
	assert_true(one.st_ino != two.st_ino);
	assert_int_equal(testing_count(paths_in(run, "run")), 1);
	/* somebody has taken it away */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(service_statistics_write("tftpd", &s, NULL), 0);
	assert_int_equal(stat(path, &two), 0);
	service_statistics_release(&s);
}

static void
test_remove(void **state)
{
	struct service_statistics s = sample();

	(void)state;
	assert_int_equal(service_statistics_write("tftpd", &s, NULL), 0);
	assert_int_equal(service_statistics_remove("tftpd", NULL), 0);
	read_fails(ERR_NOT_FOUND);
	/* what another process wrote stays */
	testing_write(*state, NAME, "pid 1\nstarted 1\n");
	assert_int_equal(service_statistics_remove("tftpd", NULL), 0);
	read_fails(ERR_STATE);
	service_statistics_release(&s);
}

/* What a writer that died has left, though its number lives. */
static void
test_stale(void **state)
{
	struct service_statistics s = sample(), in;
	struct err e = ERR_INIT;
	pid_t child = fork();
	char path[PATH_SIZE], run[PATH_SIZE];
	int status;

	(void)state;
	if (child == 0)
		_exit(service_statistics_write("tftpd", &s, NULL) == 0 ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(access(paths_in(path, NAME), F_OK), 0);
	read_fails(ERR_STATE);
	/* a killed writer's half-made file goes, too */
	testing_write(*state, NAME ".tmp0123abcd", "pid");
	assert_int_equal(service_statistics_write("tftpd", &s, &e), 0);
	assert_int_equal(service_statistics_read("tftpd", &in, &e), 0);
	assert_int_equal(testing_count(paths_in(run, "run")), 1);
	service_statistics_release(&in);
	service_statistics_release(&s);
}

/* The writer is never taken for dead while it replaces the file. */
static void
test_reading_while_written(void **state)
{
	struct service_statistics s = sample(), in;
	struct err e = ERR_INIT;
	pid_t child;
	int status = -1;

	(void)state;
	assert_int_equal(service_statistics_write("tftpd", &s, NULL), 0);
	child = fork();
	if (child == 0) {
		int bad = 0;

		for (unsigned i = 0; i < 2000 && bad == 0; i++) {
			if (service_statistics_read("tftpd", &in, &e) == -1)
				bad = 1;
			else
				service_statistics_release(&in);
		}
		_exit(bad);
	}
	for (unsigned i = 10; waitpid(child, &status, WNOHANG) == 0; i++) {
		service_statistics_set(&s, "requests", i);
		assert_int_equal(service_statistics_write("tftpd", &s, &e), 0);
	}
	assert_int_equal(status, 0);
	service_statistics_release(&s);
}

static void
test_broken(void **state)
{
	static const char long_key[] =
	    "pid 1\nstarted 1\n"
	    "k23456789012345678901234567890123456789012345678 1\n";
	static const char *const texts[] = { "", "pid 1\n", "pid 1\nstarted",
		"started 1\npid 1\n", "pid 0\nstarted 1\n",
		"pid 1\nstarted 1\nx\n", "pid 1\nstarted 1\nx 1",
		"pid 1\nstarted 1\nX 1\n", "pid 1\nstarted 1\n 1\n",
		"pid 1\nstarted 1\nx -1\n", "pid 1\nstarted 1\nx 1 \n",
		"pid 1\nstarted 1\nx 1\nx 2\n", "pid 1\nstarted 1\npid 1\n",
		"pid 1\nstarted 1\nx 18446744073709551616\n", long_key };
	struct service_statistics s = sample();

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char path[PATH_SIZE];
		FILE *f;

		/* in the file that is locked */
		assert_int_equal(service_statistics_write("tftpd", &s, NULL),
		    0);
		f = fopen(paths_in(path, NAME), "w");
		assert_non_null(f);
		assert_true(fputs(texts[i], f) >= 0);
		assert_int_equal(fclose(f), 0);
		read_fails(ERR_FORMAT);
		service_statistics_set(&s, "requests", i + 10);
	}
	assert_int_equal(service_statistics_remove("tftpd", NULL), 0);
	service_statistics_release(&s);
}

static struct service_statistics victim;

static void
set_bad_key(void)
{
	service_statistics_set(&victim, "two words", 1);
}

static void
set_reserved_key(void)
{
	service_statistics_set(&victim, "pid", 1);
}

static void
set_too_many(void)
{
	for (unsigned i = 0; i <= SERVICE_STATISTICS_MAX; i++) {
		char key[SERVICE_STATISTICS_KEY_SIZE];

		(void)str_printf(key, sizeof(key), "key%u", i);
		service_statistics_set(&victim, key, i);
	}
}

static void
test_bad_keys_are_bugs(void **state)
{
	(void)state;
	assert_true(testing_aborts(set_bad_key));
	assert_true(testing_aborts(set_reserved_key));
	assert_true(testing_aborts(set_too_many));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_written_is_read,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_is_not_written_again,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(test_remove, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stale, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reading_while_written,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(test_broken, setup, teardown),
		cmocka_unit_test(test_bad_keys_are_bugs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
