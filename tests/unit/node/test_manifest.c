#include "node/manifest.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

/* The node is the directory; its programs are in bin/. */
static int
setup(void **state)
{
	char *root = testing_dir();
	char *bin = mem_printf("%s/bin", root);
	char *etc = mem_printf("%s/etc", root);

	assert_int_equal(mkdir(bin, 0755), 0);
	assert_int_equal(mkdir(etc, 0755), 0);
	free(bin);
	free(etc);
	testing_write(root, "bin/ucmsh", "12345");
	testing_write(root, "bin/ucm-node", "123");
	testing_write(root, "bin/other", "1");
	paths_set_root(root);
	*state = root;
	return 0;
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static int
note(const char *root, const char *version)
{
	char *bin = mem_printf("%s/bin", root);
	struct err e = ERR_INIT;
	int rc = manifest_note(bin, version, &e);

	free(bin);
	return rc;
}

static void
collect(void *self, const struct manifest_difference *d)
{
	static const char kind[] = { '+', '-', '*' };
	char *text = self;
	size_t len = strlen(text);

	(void)str_printf(text + len, 256 - len, "%c%s %d %d\n", kind[d->kind],
	    d->name, (int)d->before, (int)d->now);
}

/* The differences of at least that many bytes. */
static const char *
differences(const char *root, int64_t bytes)
{
	static char text[256];
	char *bin = mem_printf("%s/bin", root);
	struct err e = ERR_INIT;
	size_t checked;

	text[0] = '\0';
	if (manifest_compare(bin, bytes, collect, text, &checked, &e) == -1)
		(void)str_copy(text, sizeof(text), err_name(e.code));
	else
		assert_int_equal(checked, 2);
	free(bin);
	return text;
}

static void
programs_are_noted(void **state)
{
	char *text;

	assert_string_equal(differences(*state, 0), "not found");
	assert_int_equal(note(*state, "1.0"), 0);
	text = testing_read(*state, "etc/manifest");
	assert_string_equal(text, "version 1.0\n3 ucm-node\n5 ucmsh\n");
	free(text);
	assert_string_equal(differences(*state, 0), "");
}

static void
what_differs_is_told(void **state)
{
	assert_int_equal(note(*state, "1.0"), 0);
	testing_write(*state, "bin/ucmsh", "123456789");
	testing_write(*state, "bin/ucm-agent", "1");
	assert_string_equal(differences(*state, 0),
	    "+ucm-agent 0 1\n*ucmsh 5 9\n");
	assert_string_equal(differences(*state, 4),
	    "+ucm-agent 0 1\n*ucmsh 5 9\n");
	assert_string_equal(differences(*state, 5), "+ucm-agent 0 1\n");
}

static void
what_is_gone_is_told(void **state)
{
	char *path = mem_printf("%s/bin/ucmsh", (char *)*state);

	assert_int_equal(note(*state, "1.0"), 0);
	assert_int_equal(unlink(path), 0);
	free(path);
	assert_string_equal(differences(*state, 1000), "-ucmsh 5 0\n");
}

static void
another_version_is_noted_anew(void **state)
{
	assert_int_equal(note(*state, "1.0"), 0);
	testing_write(*state, "bin/ucmsh", "1");
	assert_int_equal(note(*state, "1.0"), 0);
	assert_string_equal(differences(*state, 0), "*ucmsh 5 1\n");
	assert_int_equal(note(*state, "1.0.1"), 0);
	assert_string_equal(differences(*state, 0), "");
	assert_int_equal(note(*state, "1.0"), 0);
	assert_string_equal(differences(*state, 0), "");
}

static void
a_broken_list_is_no_list(void **state)
{
	static const char *const broken[] = { "", "x", "5 ucmsh\n" };
	size_t i;

	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		testing_write(*state, "etc/manifest", broken[i]);
		assert_string_equal(differences(*state, 0),
		    err_name(ERR_FORMAT));
	}
	assert_int_equal(note(*state, "1.0"), 0);
	assert_string_equal(differences(*state, 0), "");
}

static void
this_program_has_a_directory(void **state)
{
	char dir[MANIFEST_DIR_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(manifest_programs(dir, &e), 0);
	assert_true(str_ends(dir, "/tests/unit/node"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(programs_are_noted, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(what_differs_is_told, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(what_is_gone_is_told, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(another_version_is_noted_anew,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(a_broken_list_is_no_list, setup,
		    teardown),
		cmocka_unit_test(this_program_has_a_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
