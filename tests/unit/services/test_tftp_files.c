#include "services/tftp_files.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "tests/fakes/testing.h"

struct fixture {
	char *dir;
	struct tftp_files *files;
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	struct err e = ERR_INIT;

	f->dir = testing_dir();
	f->files = tftp_files_new(f->dir, &e);
	assert_non_null(f->files);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tftp_files_free(f->files);
	testing_dir_remove(f->dir);
	free(f);
	return 0;
}

static void
replace(const struct fixture *f, const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", f->dir, name);
	struct err e = ERR_INIT;

	assert_int_equal(file_replace(path, text, strlen(text), 0644, &e), 0);
	free(path);
}

static void
in_dir(const struct fixture *f, const char *name, char path[512])
{
	(void)snprintf(path, 512, "%s/%s", f->dir, name);
}

static void
expect(const struct fixture *f, const char *request, const char *text)
{
	struct tftp_file *file = NULL;
	struct err e = ERR_INIT;
	const uint8_t *data;
	size_t len;

	if (tftp_files_lookup(f->files, request, &file, &e) == -1)
		fail_msg("%s: %s", request, e.msg);
	data = tftp_file_bytes(file, TFTP_OCTET, &len);
	assert_int_equal(len, strlen(text));
	assert_memory_equal(data, text, len);
	tftp_file_release(file);
}

static void
expect_error(const struct fixture *f, const char *request, enum err_code code)
{
	struct tftp_file *file = NULL;
	struct err e = ERR_INIT;

	if (tftp_files_lookup(f->files, request, &file, &e) == 0)
		fail_msg("%s was found", request);
	if (e.code != code)
		fail_msg("%s: %s", request, e.msg);
	assert_null(file);
	/* Without a place for the error it is the same. */
	assert_int_equal(tftp_files_lookup(f->files, request, &file, NULL), -1);
}

static void
test_no_directory(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	char path[512];

	in_dir(f, "none", path);
	assert_null(tftp_files_new(path, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	testing_write(f->dir, "file", "x");
	in_dir(f, "file", path);
	assert_null(tftp_files_new(path, &e));
	in_dir(f, "link", path);
	assert_int_equal(symlink(f->dir, path), 0);
	assert_null(tftp_files_new(path, &e));
}

static void
test_names(void **state)
{
	struct fixture *f = *state;

	testing_write(f->dir, "ITLFile.tlv", "itl");
	testing_write(f->dir, "SEP0011AABBCCDD.cnf.xml", "sep");
	testing_write(f->dir, "RingList.xml", "rings");
	testing_write(f->dir, "empty.xml", "");
	expect(f, "ITLFile.tlv", "itl");
	expect(f, "/itlfile.tlv", "itl");
	expect(f, "SEP0011aabbccdd.cnf.xml", "sep");
	expect(f, "RingList.xml", "rings");
	expect(f, "ringlist.XML", "rings");
	expect(f, "empty.xml", "");
	expect_error(f, "CTLFile.tlv", ERR_NOT_FOUND);
	expect_error(f, "RingLists.xml", ERR_NOT_FOUND);
}

/* Another case is found although the directory has changed meanwhile. */
static void
test_case_after_change(void **state)
{
	struct fixture *f = *state;
	char path[512];

	expect_error(f, "A.xml", ERR_NOT_FOUND);
	testing_write(f->dir, "a.xml", "small");
	expect(f, "A.xml", "small");
	testing_write(f->dir, "A.xml", "capital");
	expect(f, "A.xml", "capital");
	expect(f, "a.xml", "small");
	in_dir(f, "A.xml", path);
	assert_int_equal(unlink(path), 0);
	expect(f, "A.xml", "small");
	in_dir(f, "a.xml", path);
	assert_int_equal(unlink(path), 0);
	expect_error(f, "A.xml", ERR_NOT_FOUND);
}

static void
test_secrets(void **state)
{
	static const char *const names[] = { "ITLRecovery.p12", "x.pem",
		"x.KEY", "x.pem.sgn", ".x.xml", "ITLFile.tlv.tmp00000001" };
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		testing_write(f->dir, names[i], "secret");
		expect_error(f, names[i], ERR_NOT_FOUND);
	}
}

static void
test_outside(void **state)
{
	struct fixture *f = *state;
	char *outside = testing_dir();
	char path[512], target[512];

	testing_write(outside, "x.xml", "outside");
	(void)snprintf(target, sizeof(target), "%s/x.xml", outside);
	in_dir(f, "link.xml", path);
	assert_int_equal(symlink(target, path), 0);
	expect_error(f, "link.xml", ERR_DENIED);
	in_dir(f, "German_Germany", path);
	assert_int_equal(symlink(outside, path), 0);
	expect_error(f, "German_Germany/x.xml", ERR_IO);
	in_dir(f, "fifo.xml", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_error(f, "fifo.xml", ERR_DENIED);
	in_dir(f, "dir.xml", path);
	assert_int_equal(mkdir(path, 0700), 0);
	expect_error(f, "dir.xml", ERR_DENIED);
	(void)snprintf(path, sizeof(path), "../%s/x.xml",
	    strrchr(outside, '/') + 1);
	expect_error(f, path, ERR_NOT_FOUND);
	expect_error(f, target, ERR_NOT_FOUND);
	testing_dir_remove(outside);
}

static void
test_folders(void **state)
{
	struct fixture *f = *state;
	char path[512];

	in_dir(f, "German_Germany", path);
	assert_int_equal(mkdir(path, 0700), 0);
	testing_write(path, "be-sip.jar", "jar");
	expect(f, "German_Germany/be-sip.jar", "jar");
	expect_error(f, "German_Germany/none.jar", ERR_NOT_FOUND);
	expect_error(f, "French_France/be-sip.jar", ERR_NOT_FOUND);
	in_dir(f, "Desktops", path);
	assert_int_equal(mkdir(path, 0700), 0);
	in_dir(f, "Desktops/320x212x16", path);
	assert_int_equal(mkdir(path, 0700), 0);
	testing_write(path, "List.xml", "list");
	expect(f, "/Desktops/320x212x16/List.xml", "list");
}

static void
test_replaced_while_held(void **state)
{
	struct fixture *f = *state;
	struct tftp_file *old = NULL, *same = NULL;
	struct err e = ERR_INIT;
	const uint8_t *data;
	char path[512];
	size_t len;

	replace(f, "ITLFile.tlv", "one");
	assert_int_equal(tftp_files_lookup(f->files, "ITLFile.tlv", &old, &e),
	    0);
	assert_int_equal(tftp_files_lookup(f->files, "ITLFile.tlv", &same, &e),
	    0);
	assert_ptr_equal(old, same);
	tftp_file_release(same);
	replace(f, "ITLFile.tlv", "two");
	expect(f, "ITLFile.tlv", "two");
	data = tftp_file_bytes(old, TFTP_OCTET, &len);
	assert_memory_equal(data, "one", 3);
	in_dir(f, "ITLFile.tlv", path);
	assert_int_equal(unlink(path), 0);
	expect_error(f, "ITLFile.tlv", ERR_NOT_FOUND);
	replace(f, "ITLFile.tlv", "three");
	expect(f, "ITLFile.tlv", "three");
	/* A snapshot outlives the directory it came from. */
	tftp_files_free(f->files);
	f->files = NULL;
	assert_memory_equal(data, "one", 3);
	tftp_file_release(old);
}

/* Folders are found in any case, like files; the spelling asked for wins. */
static void
test_case_in_folders(void **state)
{
	struct fixture *f = *state;
	char path[512];

	in_dir(f, "German_Germany", path);
	assert_int_equal(mkdir(path, 0700), 0);
	testing_write(path, "BE-sip.jar", "jar");
	expect(f, "german_GERMANY/be-SIP.jar", "jar");
	expect_error(f, "german_germany/none.jar", ERR_NOT_FOUND);
	testing_write(path, "be-sip.jar", "small");
	expect(f, "german_germany/be-sip.jar", "small");
	expect(f, "german_germany/BE-sip.jar", "jar");
	in_dir(f, "GERMAN_Germany", path);
	assert_int_equal(mkdir(path, 0700), 0);
	testing_write(path, "be-sip.jar", "other");
	expect(f, "GERMAN_Germany/BE-SIP.jar", "other");
	in_dir(f, "Desktops", path);
	assert_int_equal(mkdir(path, 0700), 0);
	in_dir(f, "Desktops/320x212x16", path);
	assert_int_equal(mkdir(path, 0700), 0);
	testing_write(path, "List.xml", "list");
	expect(f, "desktops/320x212x16/list.XML", "list");
}

/* More folders than listings are remembered. */
static void
test_many_folders(void **state)
{
	struct fixture *f = *state;
	char path[512], name[16];
	int i;

	for (i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "L_%c%c", 'a' + i / 26,
		    'a' + i % 26);
		in_dir(f, name, path);
		assert_int_equal(mkdir(path, 0700), 0);
		testing_write(path, "x.xml", name);
	}
	for (i = 0; i < 100; i++) {
		char request[64];

		(void)snprintf(name, sizeof(name), "L_%c%c", 'a' + i / 26,
		    'a' + i % 26);
		(void)snprintf(request, sizeof(request), "l%s/X.xml", name + 1);
		expect(f, request, name);
	}
}

/* Bytes from elsewhere are a snapshot like others. */
static void
test_new_file(void **state)
{
	struct tftp_file *file = tftp_file_new(mem_dup("a\nb", 3), 3);
	const uint8_t *data;
	size_t len;

	(void)state;
	assert_ptr_equal(tftp_file_hold(file), file);
	tftp_file_release(file);
	data = tftp_file_bytes(file, TFTP_OCTET, &len);
	assert_int_equal(len, 3);
	assert_memory_equal(data, "a\nb", 3);
	data = tftp_file_bytes(file, TFTP_NETASCII, &len);
	assert_int_equal(len, 4);
	assert_memory_equal(data, "a\r\nb", 4);
	tftp_file_release(file);
	tftp_file_release(tftp_file_new(NULL, 0));
}

static void
test_netascii(void **state)
{
	struct fixture *f = *state;
	struct tftp_file *file = NULL;
	struct err e = ERR_INIT;
	const uint8_t *first, *second;
	size_t len;

	replace(f, "a.txt", "a\nb\n");
	assert_int_equal(tftp_files_lookup(f->files, "a.txt", &file, &e), 0);
	first = tftp_file_bytes(file, TFTP_NETASCII, &len);
	assert_int_equal(len, 6);
	assert_memory_equal(first, "a\r\nb\r\n", 6);
	second = tftp_file_bytes(file, TFTP_NETASCII, &len);
	assert_ptr_equal(first, second);
	tftp_file_release(file);
}

/* A file that is too large, without writing it. */
static void
test_too_large(void **state)
{
	struct fixture *f = *state;
	char path[512];
	int fd;

	in_dir(f, "large.bin", path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(ftruncate(fd, (off_t)TFTP_FILE_MAX + 1), 0);
	(void)close(fd);
	expect_error(f, "large.bin", ERR_TOO_BIG);
}

static void
make_sparse(const struct fixture *f, const char *name, size_t size)
{
	char path[512];
	int fd;

	in_dir(f, name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	(void)close(fd);
}

/* The cache lets go of what was not wanted for longest. */
static void
test_bounded_cache(void **state)
{
	static const char *const names[] = { "a.bin", "b.bin", "c.bin" };
	struct fixture *f = *state;
	struct tftp_file *held = NULL, *now = NULL;
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < 3; i++) {
		make_sparse(f, names[i], TFTP_CACHE_MAX / 3 + 1);
		assert_int_equal(tftp_files_lookup(f->files, names[i], &now,
				     &e),
		    0);
		if (i == 0)
			held = now;
		else
			tftp_file_release(now);
	}
	assert_int_equal(tftp_files_lookup(f->files, "b.bin", &now, &e), 0);
	tftp_file_release(now);
	assert_int_equal(tftp_files_lookup(f->files, "a.bin", &now, &e), 0);
	assert_ptr_not_equal(now, held);
	tftp_file_release(now);
	tftp_file_release(held);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_directory),
		TEST(test_names),
		TEST(test_case_after_change),
		TEST(test_secrets),
		TEST(test_outside),
		TEST(test_folders),
		TEST(test_replaced_while_held),
		TEST(test_case_in_folders),
		TEST(test_many_folders),
		cmocka_unit_test(test_new_file),
		TEST(test_netascii),
		TEST(test_too_large),
		TEST(test_bounded_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
