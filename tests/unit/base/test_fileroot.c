#include "base/fileroot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fakes/file_node.h"

static enum err_code
try(const char *word, const char *path)
{
	struct err e = ERR_INIT;
	struct stat st;
	int fd = fileroot_open_file(fileroot_find(word), path, &st, &e);

	if (fd != -1)
		(void)close(fd);
	return fd == -1 ? e.code : ERR_NONE;
}

static void
roots_are_known_by_name(void **state)
{
	(void)state;
	assert_string_equal(fileroot_find("activelog")->shown,
	    "/var/log/active/");
	assert_string_equal(fileroot_find("tftp")->shown,
	    "/usr/local/cm/tftp/");
	assert_non_null(fileroot_find("partBsalog"));
	assert_null(fileroot_find("etc"));
	assert_null(fileroot_find(""));
	assert_false(fileroot_find("install")->deletable);
}

static void
files_open_below_their_root(void **state)
{
	(void)state;
	assert_int_equal(try("activelog", "syslog/CiscoSyslog"), ERR_NONE);
	assert_int_equal(try("tftp", "ITLFile.tlv"), ERR_NONE);
	assert_int_equal(try("tftp", "syslog/CiscoSyslog"), ERR_NOT_FOUND);
	assert_int_equal(try("activelog", "../tftp/ITLFile.tlv"), ERR_USAGE);
	assert_int_equal(try("activelog", "out/secret"), ERR_DENIED);
}

static void
one_root_shows_another(void **state)
{
	struct err e = ERR_INIT;
	int fd;

	(void)state;
	assert_int_equal(try("activelog", "cm/tftpdata/ITLFile.tlv"), ERR_NONE);
	assert_int_equal(try("activelog", "cm/tftpdata/rings/a.raw"), ERR_NONE);
	assert_int_equal(try("activelog", "cm/tftpdatax"), ERR_NOT_FOUND);
	assert_int_equal(try("activelog", "cm/tftpdata/../../etc"), ERR_USAGE);
	fd = fileroot_open_dir(fileroot_find("activelog"), "cm/tftpdata", &e);
	assert_int_not_equal(fd, -1);
	assert_int_equal(faccessat(fd, "ITLFile.tlv", F_OK, 0), 0);
	(void)close(fd);
}

static void
keys_and_hidden_files_are_no_part(void **state)
{
	(void)state;
	assert_int_equal(try("tftp", "stray.key"), ERR_NOT_FOUND);
	assert_int_equal(try("activelog", ".lock"), ERR_USAGE);
	assert_false(fileroot_has_name("a.P12"));
	assert_false(fileroot_has_name("tomcat.pem"));
	assert_false(fileroot_has_name(".key"));
	assert_false(fileroot_has_name(""));
	assert_false(fileroot_has_name("a/b"));
	assert_true(fileroot_has_name("key"));
	assert_true(fileroot_has_name("a.keys"));
}

static void
a_root_this_node_lacks_is_empty(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(try("inactivelog", "syslog"), ERR_NOT_FOUND);
	assert_int_equal(fileroot_open_dir(fileroot_find("salog"), "", &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_are_known_by_name),
		cmocka_unit_test(files_open_below_their_root),
		cmocka_unit_test(one_root_shows_another),
		cmocka_unit_test(keys_and_hidden_files_are_no_part),
		cmocka_unit_test(a_root_this_node_lacks_is_empty),
	};

	return cmocka_run_group_tests(tests, file_node_setup,
	    file_node_teardown);
}
