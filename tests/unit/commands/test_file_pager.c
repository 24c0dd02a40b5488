#include "commands/file_pager.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/testing.h"

#define OPTIONS(range)                                                           \
	"\033[1m\noptions: q=quit, n=next, p=prev, b=begin, e=end (lines " range \
	") : \033[0m\n"

static struct cmd_world w;

/* A file of that many lines "1", "2", …; open. */
static int
numbered(const char *dir, unsigned lines)
{
	char *path = mem_printf("%s/f", dir);
	struct wbuf b;
	unsigned i;
	int fd;

	wbuf_init(&b, 0);
	for (i = 1; i <= lines; i++)
		wbuf_printf(&b, "%u\n", i);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_int_not_equal(fd, -1);
	if (b.len > 0)
		assert_int_equal(write(fd, b.data, b.len), (ssize_t)b.len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	wbuf_release(&b);
	free(path);
	return fd;
}

/* What is printed for the keys. */
static const char *
keyed(const char *dir, unsigned lines, const char *keys, int rc)
{
	int fd = numbered(dir, lines);

	cmd_world_release(&w);
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	w.term.keys = keys;
	assert_int_equal(file_pager_run(&w.ctx, fd, &w.e), rc);
	(void)close(fd);
	return cmd_world_text(&w);
}

static void
a_page_has_twenty_lines(void **state)
{
	assert_string_equal(keyed(*state, 41, "nnq", 0),
	    "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n"
	    "19\n20\n" OPTIONS(
		"1 - 20 of 41") "21\n22\n23\n24\n25\n26\n27\n28\n29\n30\n31\n32\n33\n34\n35\n36\n"
				"37\n38\n39\n40\n" OPTIONS("21 - 40 of 41") "41\nend of the file reached" OPTIONS(
				    "41 - 41 of 41"));
}

static void
one_page_needs_q_as_well(void **state)
{
	assert_string_equal(keyed(*state, 1, "x\n q", 0),
	    "1\nend of the file reached" OPTIONS("1 - 1 of 1"));
	assert_string_equal(keyed(*state, 0, "q", 0),
	    "end of the file reached" OPTIONS("0 - 0 of 0"));
}

static void
keys_lead_everywhere(void **state)
{
	const char *text = keyed(*state, 374, "epbnpq", 0);

	assert_non_null(text = strstr(text, "1 - 20 of 374"));
	assert_non_null(text = strstr(text, "\n361\n"));
	assert_non_null(text = strstr(text, "361 - 374 of 374"));
	assert_non_null(text = strstr(text, "341 - 360 of 374"));
	assert_non_null(text = strstr(text, "1 - 20 of 374"));
	assert_non_null(text = strstr(text, "21 - 40 of 374"));
	assert_non_null(strstr(text, "1 - 20 of 374"));
}

static void
control_c_leaves(void **state)
{
	(void)keyed(*state, 30, "n", -1);
	assert_int_equal(w.e.code, ERR_CANCELLED);
}

static void
large_files_need_no_more_memory(void **state)
{
	/* More pages than marks, three times over. */
	unsigned pages = FILE_PAGER_MARKS * 5 + 3;
	const char *text =
	    keyed(*state, pages * FILE_PAGER_LINES, "epppppbnnnq", 0);
	char *want = mem_printf("\n%u\n\033[1m\noptions", (pages - 2) * 20);

	assert_non_null(strstr(text, want));
	free(want);
	want = mem_printf("\n%u\nend of the file", pages * 20);
	assert_non_null(strstr(text, want));
	free(want);
	assert_non_null(strstr(text, "\n61\n62\n"));
}

static int
setup(void **state)
{
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	*state = testing_dir();
	return 0;
}

static int
teardown(void **state)
{
	cmd_world_release(&w);
	testing_dir_remove(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_has_twenty_lines),
		cmocka_unit_test(one_page_needs_q_as_well),
		cmocka_unit_test(keys_lead_everywhere),
		cmocka_unit_test(control_c_leaves),
		cmocka_unit_test(large_files_need_no_more_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
