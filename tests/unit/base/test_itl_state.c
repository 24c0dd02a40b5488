#include "base/itl_state.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

#define SHA1 "a9993e364706816aba3e25717850c26c9cd0d89d"

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
	testing_dir_remove(*state);
	return 0;
}

static void
test_marker(void **state)
{
	char boot[CLOCK_BOOT_ID_SIZE];
	struct itl_marker m;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(itl_marker_read(&m, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(itl_marker_remove(&e), 0);
	assert_int_equal(itl_marker_write(SHA1, &e), 0);
	assert_int_equal(itl_marker_read(&m, &e), 0);
	assert_string_equal(m.sha1, SHA1);
	clock_boot_id(boot);
	assert_string_equal(m.boot_id, boot);
	assert_in_range(m.time, clock_boot() - 5, clock_boot());
	assert_int_equal(itl_marker_check(&m, SHA1, &e), 0);
	assert_int_equal(itl_marker_remove(&e), 0);
	assert_int_equal(itl_marker_read(&m, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
test_marker_sha1(void **state)
{
	struct itl_marker m;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(itl_marker_write("", &e), -1);
	assert_int_equal(itl_marker_write(SHA1 "0", &e), -1);
	assert_int_equal(itl_marker_write("x" SHA1, &e), -1);
	assert_int_equal(itl_marker_read(&m, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(
	    itl_marker_write("A9993E364706816ABA3E25717850C26C9CD0D89D", &e),
	    0);
	assert_int_equal(itl_marker_read(&m, &e), 0);
	assert_string_equal(m.sha1, SHA1);
}

static void
expect_refused(const struct itl_marker *m, const char *sha1, const char *why)
{
	struct err e = ERR_INIT;

	assert_int_equal(itl_marker_check(m, sha1, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	if (strstr(e.msg, why) == NULL)
		fail_msg("%s", e.msg);
}

static void
test_marker_check(void **state)
{
	struct itl_marker good = { .sha1 = SHA1 }, m;
	struct err e = ERR_INIT;

	(void)state;
	clock_boot_id(good.boot_id);
	good.time = clock_boot();
	m = good;
	m.time -= ITL_MARKER_AGE_MAX - 5;
	assert_int_equal(itl_marker_check(&m, SHA1, &e), 0);
	m.time = good.time - ITL_MARKER_AGE_MAX;
	expect_refused(&m, SHA1, " s old");
	m.time = good.time + 60;
	expect_refused(&m, SHA1, "ahead of time");
	m = good;
	m.boot_id[0] = m.boot_id[0] == 'f' ? '0' : 'f';
	expect_refused(&m, SHA1, "another boot");
	m.boot_id[0] = '\0';
	expect_refused(&m, SHA1, "another boot");
	expect_refused(&good, "0000000000000000000000000000000000000000",
	    "names");
}

static void
test_marker_files(void **state)
{
	static const char *const broken[] = {
		"",
		"sha1 " SHA1 "\n",
		"sha1 " SHA1 "\nboot x\n",
		"sha1 " SHA1 "\nboot x\ntime 1",
		"sha1 " SHA1 "\nboot x\ntime 1\ntime 1\n",
		"sha1 " SHA1 "\nboot x\ntime 1\nmore 1\n",
		"sha1 " SHA1 "\nboot x\ntime -1\n",
		"sha1 " SHA1 "\nboot x\ntime\n",
		"sha1 " SHA1 "0\nboot x\ntime 1\n",
		"sha1 z9993e364706816aba3e25717850c26c9cd0d89d\nboot x\n"
		"time 1\n",
		"sha1 " SHA1 "\nboot 0123456789012345678901234567890123456789\n"
		"time 1\n",
		"\nsha1 " SHA1 "\nboot x\ntime 1\n",
		"sha1  " SHA1 "\nboot x\ntime 1\n",
	};
	struct itl_marker m;
	size_t i;

	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct err e = ERR_INIT;

		testing_write(*state, "run/itl-keep", broken[i]);
		if (itl_marker_read(&m, &e) == 0)
			fail_msg("accepted: %s", broken[i]);
		assert_int_equal(e.code, ERR_FORMAT);
		assert_non_null(strstr(e.msg, "run/itl-keep"));
	}
	testing_write(*state, "run/itl-keep",
	    "time 1\nboot x\nsha1 " SHA1 "\n");
	assert_int_equal(itl_marker_read(&m, NULL), 0);
}

static void
test_status(void **state)
{
	struct tftpd_status s = { .pid = 4711,
		.state = TFTPD_SERVING,
		.sha1 = SHA1,
		.signer = "CN=a;O=b",
		.started = 99 };
	struct tftpd_status got;
	struct err e = ERR_INIT;
	struct stat st;
	char path[PATH_SIZE];

	(void)state;
	assert_int_equal(tftpd_status_read(&got, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(tftpd_status_write(&s, &e), 0);
	assert_int_equal(stat(paths_in(path, "run/tftpd.status"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	if (tftpd_status_read(&got, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(got.pid, 4711);
	assert_int_equal(got.state, TFTPD_SERVING);
	assert_string_equal(got.reason, "");
	assert_string_equal(got.sha1, SHA1);
	assert_string_equal(got.signer, "CN=a;O=b");
	assert_false(got.reset_in_force);
	assert_int_equal(got.started, 99);

	s.state = TFTPD_FAILED;
	s.reset_in_force = true;
	s.sha1[0] = '\0';
	s.signer[0] = '\0';
	(void)str_copy(s.reason, sizeof(s.reason), "two\nlines");
	assert_int_equal(tftpd_status_write(&s, &e), 0);
	assert_int_equal(tftpd_status_read(&got, &e), 0);
	assert_int_equal(got.state, TFTPD_FAILED);
	assert_string_equal(got.reason, "two\\nlines");
	assert_string_equal(got.sha1, "");
	assert_true(got.reset_in_force);

	assert_int_equal(tftpd_status_remove(&e), 0);
	assert_int_equal(tftpd_status_remove(&e), 0);
	assert_int_equal(tftpd_status_read(&got, &e), -1);
}

/* Texts as long as they can be, and longer once they are visible. */
static void
test_long_status(void **state)
{
	struct tftpd_status s = { .pid = 1, .state = TFTPD_BUILDING }, got;
	struct err e = ERR_INIT;

	(void)state;
	memset(s.reason, '\n', sizeof(s.reason) - 1);
	memset(s.signer, 'x', sizeof(s.signer) - 1);
	assert_int_equal(tftpd_status_write(&s, &e), 0);
	if (tftpd_status_read(&got, &e) == -1)
		fail_msg("%s", e.msg);
	assert_string_equal(got.signer, s.signer);
}

static void
test_status_files(void **state)
{
	static const char *const broken[] = {
		"pid 0\nstate serving\nreason \nsha1 \nsigner \nreset no\n"
		"started 1\n",
		"pid 1\nstate asleep\nreason \nsha1 \nsigner \nreset no\n"
		"started 1\n",
		"pid 1\nstate serving\nreason \nsha1 \nsigner \nreset maybe\n"
		"started 1\n",
		"pid 1\nstate serving\nreason \nsha1 0\nsigner \nreset no\n"
		"started 1\n",
		"pid 1\nstate serving\nreason \nsha1 \nsigner \nreset no\n"
		"started x\n",
		"pid 1\nstate serving\nreason \nsha1 \nsigner \nreset no\n",
	};
	struct tftpd_status s;
	size_t i;

	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct err e = ERR_INIT;

		testing_write(*state, "run/tftpd.status", broken[i]);
		if (tftpd_status_read(&s, &e) == 0)
			fail_msg("accepted: %s", broken[i]);
		assert_int_equal(e.code, ERR_FORMAT);
	}
	testing_write(*state, "run/tftpd.status",
	    "pid 1\nstate serving\nreason\nsha1\nsigner\nreset no\n"
	    "started 1\n");
	assert_int_equal(tftpd_status_read(&s, NULL), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_marker),
		TEST(test_marker_sha1),
		TEST(test_marker_check),
		TEST(test_marker_files),
		TEST(test_status),
		TEST(test_long_status),
		TEST(test_status_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
