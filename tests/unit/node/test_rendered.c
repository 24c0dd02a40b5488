/*
 * node/rendered.c: the list of what was written from templates.
 */
#include "node/rendered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "tests/fakes/testing.h"

static int
setup(void **state)
{
	char path[PATH_SIZE];

	*state = testing_dir();
	paths_set_root(*state);
	return file_mkdir(paths_in(path, "etc"), 0755, NULL);
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
nothing_is_known_at_first(void **state)
{
	struct rendered r;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(rendered_load(&r, &e), 0);
	assert_string_equal(r.templates, "");
	assert_false(rendered_is(&r, "/a", "00"));
	rendered_release(&r);
}

static void
what_was_saved_is_known(void **state)
{
	struct rendered r;
	struct err e = ERR_INIT;
	struct wbuf w;
	char *text;

	rendered_begin(&w, "/usr/share/ucmsh");
	rendered_add(&w, "/a", "0011");
	rendered_add(&w, "/a/b c", "2233");
	assert_int_equal(rendered_save(&w, &e), 0);
	wbuf_release(&w);
	text = testing_read(*state, "etc/rendered");
	assert_string_equal(text,
	    "# /usr/share/ucmsh\n0011  /a\n2233  /a/b c\n");
	free(text);
	assert_int_equal(rendered_load(&r, &e), 0);
	assert_string_equal(r.templates, "/usr/share/ucmsh");
	assert_true(rendered_is(&r, "/a", "0011"));
	assert_true(rendered_is(&r, "/a/b c", "2233"));
	assert_false(rendered_is(&r, "/a", "2233"));
	assert_false(rendered_is(&r, "/a", "001"));
	assert_false(rendered_is(&r, "/a/b", "2233"));
	assert_false(rendered_is(&r, "/a", ""));
	rendered_release(&r);
}

/* Somebody's editor: it tells less, and nothing that is wrong. */
static void
other_texts(void **state)
{
	static const char *const texts[] = { "", "#", "# ", "\n", "x",
		"0011  /b\n\n\n0011  /a" };
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct rendered r;

		testing_write(*state, "etc/rendered", texts[i]);
		assert_int_equal(rendered_load(&r, &e), 0);
		assert_string_equal(r.templates, "");
		assert_int_equal(rendered_is(&r, "/a", "0011"), i == 5);
		rendered_release(&r);
	}
}

static void
one_that_is_too_long(void **state)
{
	struct rendered r;
	struct err e = ERR_INIT;
	struct wbuf w;
	char *text;

	rendered_begin(&w, "/usr/share/ucmsh");
	for (int i = 0; i < 10000; i++)
		rendered_add(&w, "/a", "0011");
	assert_int_equal(rendered_save(&w, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	wbuf_release(&w);
	/* the name of a directory that no path of a node can have */
	text = mem_printf("# /%0*d\n", 2 * PATH_SIZE, 0);
	testing_write(*state, "etc/rendered", text);
	free(text);
	assert_int_equal(rendered_load(&r, &e), 0);
	assert_string_equal(r.templates, "");
	rendered_release(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_known_at_first,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_saved_is_known, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(other_texts, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_is_too_long, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
