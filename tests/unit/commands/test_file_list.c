#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/file_node.h"

static struct cmd_world w;

static const char *
list(const struct command *cmd, const char *const *words)
{
	cmd_world_release(&w);
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run_words(&w, cmd, words), 0);
	return cmd_world_text(&w);
}

/* The lines of a detailed listing without their dates. */
static const char *
undated(const char *text)
{
	static char rest[512];
	size_t len = 0;

	while (*text != '\0') {
		size_t line = strcspn(text, "\n") + 1;
		size_t skip = text[2] == ' ' ? 20 : 0;

		memcpy(rest + len, text + skip, line - skip);
		len += line - skip;
		text += line;
	}
	rest[len] = '\0';
	return rest;
}

static void
names_stand_in_two_columns(void **state)
{
	(void)state;
	assert_string_equal(list(&cmd_file_list_activelog,
				(const char *const[]) { "*", NULL }),
	    "<dir>   cm                              <dir>   platform\n"
	    "<dir>   syslog\n"
	    "\ndir count = 3, file count = 0\n");
	assert_string_equal(list(&cmd_file_list_tftp,
				(const char *const[]) { "/", NULL }),
	    "<dir>   rings                           ITLFile.tlv\n"
	    "ITLRecovery.p12\n"
	    "\ndir count = 1, file count = 2\n");
}

static void
details_have_sizes(void **state)
{
	(void)state;
	assert_string_equal(undated(list(&cmd_file_list_tftp,
				(const char *const[]) { "*", "detail", NULL })),
	    "      <dir>    rings\n"
	    "            3  ITLFile.tlv\n"
	    "            5  ITLRecovery.p12\n"
	    "dir count = 1, file count = 2\n");
}

static void
listings_are_sorted(void **state)
{
	(void)state;
	assert_string_equal(undated(list(&cmd_file_list_activelog,
				(const char *const[]) { "platform/log/*",
				    "detail", "reverse", NULL })),
	    "           28  cli00002.log\n"
	    "           14  cli00001.log\n"
	    "dir count = 0, file count = 2\n");
	assert_string_equal(undated(list(&cmd_file_list_tftp,
				(const char *const[]) { "*", "detail", "size",
				    "reverse", NULL })),
	    "      <dir>    rings\n"
	    "            5  ITLRecovery.p12\n"
	    "            3  ITLFile.tlv\n"
	    "dir count = 1, file count = 2\n");
	(void)list(&cmd_file_list_tftp,
	    (const char *const[]) { "*", "date", NULL });
}

static void
nothing_is_counted(void **state)
{
	const struct command *const empty[] = { &cmd_file_list_inactivelog,
		&cmd_file_list_install, &cmd_file_list_salog,
		&cmd_file_list_part_b_salog };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		assert_string_equal(list(empty[i],
					(const char *const[]) { "*", NULL }),
		    "\ndir count = 0, file count = 0\n");
}

static void
a_spec_that_leaves_is_refused(void **state)
{
	const char *const words[] = { "../etc", NULL };

	(void)state;
	cmd_world_release(&w);
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run_words(&w, &cmd_file_list_activelog,
			     words),
	    -1);
	assert_int_equal(w.e.code, ERR_USAGE);
}

static void
json_tells_the_same(void **state)
{
	const char *const words[] = { "*", NULL };

	(void)state;
	cmd_world_release(&w);
	cmd_world_init(&w, NULL, NULL, OUT_JSON);
	assert_int_equal(cmd_world_run_words(&w, &cmd_file_list_tftp, words),
	    0);
	assert_non_null(strstr(cmd_world_text(&w), "\"name\": \"rings\""));
	assert_non_null(strstr(cmd_world_text(&w), "\"directory\": true"));
	assert_non_null(strstr(cmd_world_text(&w), "\"size\": 5"));
	assert_non_null(strstr(cmd_world_text(&w), "\"files\": 2"));
}

static int
teardown(void **state)
{
	cmd_world_release(&w);
	return file_node_teardown(state);
}

static int
setup(void **state)
{
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	return file_node_setup(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_stand_in_two_columns),
		cmocka_unit_test(details_have_sizes),
		cmocka_unit_test(listings_are_sorted),
		cmocka_unit_test(nothing_is_counted),
		cmocka_unit_test(a_spec_that_leaves_is_refused),
		cmocka_unit_test(json_tells_the_same),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
