#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/paths.h"
#include "commands/table.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/testing.h"

static int
mkdir_in(const char *name)
{
	struct err e = ERR_INIT;
	char path[PATH_SIZE];

	return file_mkdir(paths_in(path, "%s", name), 0755, &e);
}

static int
make_root(void **state)
{
	char *dir = testing_dir();

	paths_set_root(dir);
	*state = dir;
	return mkdir_in("tftp");
}

static int
remove_root(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

/* Put a file of the vectors, cut to len bytes (0: whole), into tftp/. */
static void
serve(const char *vector, size_t cut)
{
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	uint8_t *data;
	size_t len;

	assert_int_equal(file_read(vector, 65536, &data, &len, &e), 0);
	assert_int_equal(file_replace(paths_in(path, "tftp/ITLFile.tlv"), data,
			     cut > 0 ? cut : len, 0644, &e),
	    0);
	free(data);
}

static void
no_file_is_told_as_for_a_ctl(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_itl, NULL), -1);
	assert_int_equal(w.e.code, ERR_NOT_FOUND);
	assert_string_equal(w.e.msg, "");
	assert_int_equal(strncmp(cmd_world_text(&w),
			     "Length of ITL file: 0\nITL File not found.", 41),
	    0);
	assert_non_null(
	    strstr(cmd_world_text(&w), "\nError parsing the ITL File.\n"));
	assert_int_equal(w.agent.asked.n, 0);
	cmd_world_release(&w);
}

static void
a_good_file_is_verified(void **state)
{
	struct cmd_world w;

	(void)state;
	serve("tests/data/vectors/c01_seed_shape_5302.tlv", 0);
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_itl, NULL), 0);
	assert_non_null(
	    strstr(cmd_world_text(&w), "Length of ITL file: 5302\n"));
	assert_non_null(strstr(cmd_world_text(&w),
	    "The ITL file was verified successfully.\n"));
	cmd_world_release(&w);
}

static void
a_damaged_file_fails_and_says_why(void **state)
{
	struct cmd_world w;

	(void)state;
	serve("tests/data/vectors/c01_seed_shape_5302.tlv", 5000);
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_itl, NULL), -1);
	assert_int_not_equal(w.e.msg[0], '\0');
	assert_non_null(
	    strstr(cmd_world_text(&w), "Error parsing the ITL file!!\n"));
	cmd_world_release(&w);
	serve("tests/data/vectors/m01_sig_last_byte_flipped.tlv", 0);
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_itl, NULL), -1);
	assert_non_null(strstr(cmd_world_text(&w),
	    "Verification of the ITL file failed.\n"));
	cmd_world_release(&w);
}

static void
json_is_one_document_also_when_it_fails(void **state)
{
	struct cmd_world w;

	(void)state;
	serve("tests/data/vectors/m01_sig_last_byte_flipped.tlv", 0);
	cmd_world_init(&w, NULL, NULL, OUT_JSON);
	assert_int_equal(cmd_world_run(&w, &cmd_show_itl, NULL), -1);
	assert_int_equal(cmd_world_text(&w)[0], '{');
	assert_null(strstr(cmd_world_text(&w), "BYTEPOS"));
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_file_is_told_as_for_a_ctl),
		cmocka_unit_test(a_good_file_is_verified),
		cmocka_unit_test(a_damaged_file_fails_and_says_why),
		cmocka_unit_test(json_is_one_document_also_when_it_fails),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
