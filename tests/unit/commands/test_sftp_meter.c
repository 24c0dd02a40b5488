/*
 * commands/sftp_meter.c: dots and percentages.  The clock is the test's own.
 */
#include "commands/sftp_meter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/fakes/cmd_world.h"

static int64_t now = 1000000;

/* In the place of base/clock.c's. */
int64_t
clock_ticks(void)
{
	return now;
}

static struct cmd_world w;
static struct sftp_meter m;

static void
begin(bool interactive)
{
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	w.term.term.interactive = interactive;
	sftp_meter_init(&m, &w.ctx);
}

static void
same(const char *text)
{
	assert_string_equal(cmd_world_text(&w), text);
	cmd_world_release(&w);
}

/* One file of which three reports come, at 1.0, 1.1 and 1.3 seconds. */
static void
slow_file(int64_t size)
{
	sftp_meter_begin(&m, size);
	now += 999;
	sftp_meter_moved(&m, 100);
	now += 1;
	sftp_meter_moved(&m, 250);
	now += 100;
	sftp_meter_moved(&m, 300);
	now += 200;
	sftp_meter_moved(&m, 999);
	sftp_meter_end(&m, true);
}

static void
test_dots(void **state)
{
	(void)state;
	begin(true);
	sftp_meter_begin(&m, 10);
	sftp_meter_moved(&m, 10);
	sftp_meter_end(&m, true);
	sftp_meter_begin(&m, 10);
	sftp_meter_end(&m, true);
	sftp_meter_finish(&m);
	same("..\n");
	/* Nothing done, no line. */
	begin(true);
	sftp_meter_begin(&m, 10);
	sftp_meter_end(&m, false);
	sftp_meter_finish(&m);
	same("");
}

static void
test_percent(void **state)
{
	(void)state;
	begin(true);
	slow_file(1000);
	sftp_meter_finish(&m);
	same(" 25%\b \b\b \b\b \b\b \b 99%\b \b\b \b\b \b\b \b.\n");
	/* A file that has grown, and one of which nobody knows. */
	begin(true);
	slow_file(200);
	assert_non_null(strstr(cmd_world_text(&w), " 0 Kbytes"));
	cmd_world_release(&w);
	begin(true);
	slow_file(-1);
	assert_non_null(strstr(cmd_world_text(&w), " 0 Kbytes"));
	cmd_world_release(&w);
}

static void
test_only_where_it_can_be_taken_back(void **state)
{
	size_t i;

	(void)state;
	begin(false);
	slow_file(1000);
	sftp_meter_finish(&m);
	same(".\n");
	begin(true);
	w.session.pagination = true;
	sftp_meter_init(&m, &w.ctx);
	slow_file(1000);
	same(".");
	/* At the end of a line of 80 columns. */
	begin(true);
	for (i = 0; i < 60; i++)
		sftp_meter_end(&m, true);
	slow_file(1000);
	assert_null(strchr(cmd_world_text(&w), '%'));
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dots),
		cmocka_unit_test(test_percent),
		cmocka_unit_test(test_only_where_it_can_be_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
