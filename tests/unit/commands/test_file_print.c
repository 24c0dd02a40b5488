#include "commands/file_print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fileroot.h"
#include "base/mem.h"
#include "commands/file_lines.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/file_node.h"
#include "tests/fakes/testing.h"

static struct cmd_world w;

static int
open_log(const char *path)
{
	struct err e = ERR_INIT;
	struct stat st;
	int fd = fileroot_open_file(fileroot_find("activelog"), path, &st, &e);

	assert_int_not_equal(fd, -1);
	return fd;
}

static void
lines_are_printed_as_they_are(void **state)
{
	int fd = open_log("syslog/CiscoSyslog");

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(file_print_lines(&w.ctx, fd, NULL, NULL, &w.e), 0);
	assert_string_equal(cmd_world_text(&w), "one\ntwo\nthree\n");
	cmd_world_release(&w);
	(void)close(fd);
}

static void
hits_may_have_a_name_in_front(void **state)
{
	int fd = open_log("platform/log/cli00002.log");
	struct regexp *r = NULL;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(regexp_new(&r, "^WARN", false, &w.e), 0);
	assert_int_equal(file_print_lines(&w.ctx, fd, "a\nb", r, &w.e), 0);
	assert_string_equal(cmd_world_text(&w), "a\\nb:WARN show itl\n");
	regexp_free(r);
	cmd_world_release(&w);
	(void)close(fd);
}

static void
rows_of_bytes_are_whole(void **state)
{
	char *text = mem_alloc(10001);
	const char *printed;
	size_t rows = 0;
	int fd;

	memset(text, 'x', 10000);
	testing_write(*state, "log/big", text);
	free(text);
	fd = open_log("big");
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(file_print_hex(&w.ctx, fd, &w.e), 0);
	printed = cmd_world_text(&w);
	assert_non_null(strstr(printed, "00002700  78 78"));
	for (; *printed != '\0'; printed++)
		rows += *printed == '\n';
	assert_int_equal(rows, 625);
	cmd_world_release(&w);
	(void)close(fd);
}

static bool
yes(void *self)
{
	(void)self;
	return true;
}

static void
control_c_ends_it(void **state)
{
	char *text = mem_alloc(8001);
	int fd;

	memset(text, '\n', 8000);
	testing_write(*state, "log/lines", text);
	free(text);
	fd = open_log("lines");
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	w.ctx.interrupted = yes;
	assert_int_equal(file_print_lines(&w.ctx, fd, NULL, NULL, &w.e), -1);
	assert_int_equal(w.e.code, ERR_CANCELLED);
	assert_true(strlen(cmd_world_text(&w)) < 2000);
	assert_int_equal(file_print_hex(&w.ctx, fd, &w.e), -1);
	assert_int_equal(w.e.code, ERR_CANCELLED);
	cmd_world_release(&w);
	(void)close(fd);
}

static int
refuse(void *self, const char *s, size_t n)
{
	(void)self;
	(void)s;
	(void)n;
	return -1;
}

static void
nothing_is_read_for_nobody(void **state)
{
	int fd = open_log("lines");
	struct out *kept;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	kept = w.ctx.out;
	w.ctx.out = out_new_fn(refuse, NULL, OUT_TEXT);
	assert_int_equal(file_print_lines(&w.ctx, fd, NULL, NULL, &w.e), 0);
	/* One buffer, not the file. */
	assert_true(lseek(fd, 0, SEEK_CUR) <= FILE_LINES_BUFFER);
	out_free(w.ctx.out);
	w.ctx.out = kept;
	cmd_world_release(&w);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_printed_as_they_are),
		cmocka_unit_test(hits_may_have_a_name_in_front),
		cmocka_unit_test(rows_of_bytes_are_whole),
		cmocka_unit_test(control_c_ends_it),
		cmocka_unit_test(nothing_is_read_for_nobody),
	};

	return cmocka_run_group_tests(tests, file_node_setup,
	    file_node_teardown);
}
