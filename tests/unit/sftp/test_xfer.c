/*
 * sftp/xfer.c: directories, fetching and removing, with a real sftp-server.
 */
#include "sftp/xfer.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/fakes/server_guest.h"
#include "tests/fakes/sshd_server.h"
#include "tests/fakes/testing.h"

static struct sshd_server server;
static struct server_guest guest;
static struct session *session;
static struct xfer *xfer;
static char *dir;
static char path[XFER_PATH_MAX];

static void
begin(const struct sshd_server_kind *kind)
{
	struct err e = ERR_INIT;

	sshd_server_start_kind(&server, kind);
	server_guest_init(&guest, server.port, SSHD_SERVER_PASSWORD);
	session = server_guest_login(&guest);
	xfer = xfer_open(session, &e);
	dir = testing_dir();
}

static void
end(void)
{
	xfer_close(xfer);
	session_close(session);
	server_guest_release(&guest);
	sshd_server_stop(&server);
	testing_dir_remove(dir);
}

static int
set_up(void **state)
{
	static const struct sshd_server_kind kind = { .key = NULL };

	(void)state;
	begin(&kind);
	assert_non_null(xfer);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	end();
	return 0;
}

static const char *
in_dir(const char *name)
{
	struct err e = ERR_INIT;

	assert_int_equal(xfer_path(path, dir, name, strlen(name), &e), 0);
	return path;
}

static void
test_paths(void **state)
{
	char dst[XFER_PATH_MAX], big[XFER_PATH_MAX];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(xfer_path(dst, "/a", "bc", 2, &e), 0);
	assert_string_equal(dst, "/a/bc");
	assert_int_equal(xfer_path(dst, "/a/", "bc", 1, &e), 0);
	assert_string_equal(dst, "/a/b");
	assert_int_equal(xfer_path(dst, "", "b", 1, &e), 0);
	assert_string_equal(dst, "b");
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(xfer_path(dst, "/a", big, strlen(big), &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
}

static void
test_directories(void **state)
{
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(xfer_check_directory(xfer, dir, &e), 0);
	assert_int_equal(xfer_check_directory(xfer, in_dir("no"), &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	testing_write(dir, "file", "x");
	assert_int_equal(xfer_check_directory(xfer, in_dir("file"), &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_int_equal(xfer_make_directories(xfer, dir, "a/b/c/f", &e), 0);
	assert_int_equal(stat(in_dir("a/b/c"), &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(stat(in_dir("a/b/c/f"), &st), -1);
	/* Again, and one more. */
	assert_int_equal(xfer_make_directories(xfer, dir, "a/b/d/f", &e), 0);
	assert_int_equal(xfer_make_directories(xfer, dir, "f", &e), 0);
	assert_int_equal(e.code, ERR_NONE);
	assert_int_equal(xfer_make_directories(xfer, dir, "file/x/f", &e), -1);
	assert_non_null(strstr(e.msg, "cannot make the directory"));
}

/* A file of n bytes is fetched when at most max are wanted. */
static int
get(size_t n, size_t max, enum err_code code)
{
	char *text = mem_alloc(n + 1);
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len, i;
	int rc;

	for (i = 0; i < n; i++)
		text[i] = (char)('a' + i * 7 % 26);
	testing_write(dir, "got", text);
	rc = xfer_get(xfer, in_dir("got"), max, &data, &len, &e);
	assert_int_equal(e.code, code);
	if (rc == 0) {
		assert_int_equal(len, n);
		assert_memory_equal(data, text, n);
		assert_int_equal(data[n], 0);
		mem_free_wiped(data, len);
	}
	free(text);
	return rc;
}

static void
test_get(void **state)
{
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len;

	(void)state;
	assert_int_equal(get(0, 10, ERR_NONE), 0);
	assert_int_equal(get(10, 10, ERR_NONE), 0);
	assert_int_equal(get(11, 10, ERR_TOO_BIG), -1);
	assert_int_equal(get(100000, 200000, ERR_NONE), 0);
	assert_int_equal(get(100000, 40000, ERR_TOO_BIG), -1);
	assert_int_equal(xfer_get(xfer, in_dir("no"), 10, &data, &len, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(xfer_get(xfer, dir, 10, &data, &len, &e), -1);
	assert_int_equal(e.code, ERR_IO);
}

static void
test_remove(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	testing_write(dir, "file", "x");
	assert_int_equal(xfer_remove(xfer, in_dir("file"), &e), 0);
	assert_int_equal(testing_count(dir), 0);
	assert_int_equal(xfer_remove(xfer, in_dir("file"), &e), 0);
	assert_int_equal(xfer_make_directories(xfer, dir, "d/f", &e), 0);
	assert_int_equal(xfer_remove(xfer, in_dir("d"), &e), -1);
	assert_int_equal(e.code, ERR_IO);
}

static void
test_not_to_be_read(void **state)
{
	static const struct sshd_server_kind kind = { .sftp = "-P read,stat" };
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len;

	(void)state;
	begin(&kind);
	testing_write(dir, "file", "x");
	assert_int_equal(xfer_get(xfer, in_dir("file"), 9, &data, &len, &e),
	    -1);
	assert_int_equal(e.code, ERR_DENIED);
	/* What nobody tells is believed. */
	assert_int_equal(xfer_check_directory(xfer, in_dir("no"), &e), 0);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test_setup_teardown(test_directories, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_get, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_remove, set_up, tear_down),
		cmocka_unit_test(test_not_to_be_read),
	};

	sshd_server_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
