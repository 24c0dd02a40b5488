#include "services/tvs_trace.h"

#include <sys/stat.h>

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

#define WAIT_MS 120000

static struct tvs_trace_settings settings;
static struct tvs_counters counters;
static struct tvs_trace *trace;
static char *dir;

static int
set_up(void **state)
{
	const struct tvs_trace_settings defaults = TVS_TRACE_DEFAULTS;

	(void)state;
	settings = defaults;
	memset(&counters, 0, sizeof(counters));
	dir = testing_dir();
	paths_set_root(dir); /* no node.conf: the clock is the host's */
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	tvs_trace_free(trace);
	trace = NULL;
	testing_dir_remove(dir);
	return 0;
}

static void
open_trace(void)
{
	struct err e = ERR_INIT;

	trace = tvs_trace_new(dir, &settings, &counters, &e);
	if (trace == NULL)
		fail_msg("%s", e.msg);
}

/* Everything is written then. */
static void
close_trace(void)
{
	tvs_trace_free(trace);
	trace = NULL;
}

static void
is_line(const char *line, const char *rest)
{
	static const char form[] = "00:00:00.000 | ";
	size_t i;

	for (i = 0; form[i] != '\0'; i++) {
		if (form[i] == '0')
			assert_true(isdigit((unsigned char)line[i]));
		else
			assert_int_equal(line[i], form[i]);
	}
	assert_true(str_starts(line + i, rest));
}

static void
lines_look_like_the_published_ones(void **state)
{
	char *text;

	(void)state;
	open_trace();
	tvs_trace_line(trace, TVS_TRACE_DETAILED,
	    "%s: tvsSSLHandShake Session ciphers - %s", "14.48.44.202",
	    "AES256-SHA");
	tvs_trace_line(trace, TVS_TRACE_ERROR, "first");
	tvs_trace_line(trace, TVS_TRACE_SIGNIFICANT, "second");
	close_trace();
	text = testing_read(dir, "tvs00000001.txt");
	is_line(text,
	    "debug 14.48.44.202: tvsSSLHandShake Session ciphers - "
	    "AES256-SHA\n");
	assert_non_null(strstr(text, " | error first\n"));
	assert_non_null(strstr(text, " | info second\n"));
	free(text);
}

static void
what_a_stranger_sends_is_visible(void **state)
{
	char *text;

	(void)state;
	open_trace();
	tvs_trace_line(trace, TVS_TRACE_DETAILED, "%s", "\033]0;x\007\n00:");
	close_trace();
	text = testing_read(dir, "tvs00000001.txt");
	is_line(text, "debug \\x1b]0;x\\x07\\n00:\n");
	free(text);
}

static int
count_lines(const struct tvs_trace_lines *l)
{
	size_t i;
	int n = 0;

	for (i = 0; i < l->len; i++)
		n += l->text[i] == '\n';
	return n;
}

static void
levels_choose(void **state)
{
	static const enum tvs_trace_level all[] = { TVS_TRACE_ERROR,
		TVS_TRACE_SIGNIFICANT, TVS_TRACE_DETAILED };
	struct tvs_trace_lines lines;
	char *text;
	int level;
	size_t i;

	(void)state;
	tvs_trace_begin(&lines);
	open_trace();
	for (level = TVS_TRACE_OFF; level <= TVS_TRACE_DETAILED; level++) {
		settings.level = (enum tvs_trace_level)level;
		tvs_trace_set(trace, &settings);
		assert_false(tvs_trace_wants(trace, TVS_TRACE_OFF));
		for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
			assert_int_equal(tvs_trace_wants(trace, all[i]),
			    (int)all[i] <= level);
		tvs_trace_begin(&lines);
		for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
			tvs_trace_add(trace, &lines, all[i], "x");
		assert_int_equal(count_lines(&lines), level);
	}
	settings.level = TVS_TRACE_OFF;
	tvs_trace_set(trace, &settings);
	tvs_trace_line(trace, TVS_TRACE_ERROR, "nothing");
	close_trace();
	text = testing_read(dir, "tvs00000001.txt");
	assert_string_equal(text, "");
	free(text);
}

static void
settings_come_from_parameters(void **state)
{
	(void)state;
	assert_int_equal(tvs_trace_setting(&settings, "TVS Trace Level",
			     "Error"),
	    0);
	assert_int_equal(settings.level, TVS_TRACE_ERROR);
	assert_int_equal(tvs_trace_setting(&settings, "TVS Trace Files", "3"),
	    0);
	assert_int_equal(tvs_trace_setting(&settings, "TVS Trace File Size",
			     "7"),
	    0);
	assert_int_equal(tvs_trace_setting(&settings, "TVS Trace Level",
			     "error"),
	    -1);
	assert_int_equal(tvs_trace_setting(&settings, "TVS Trace Files", "0"),
	    -1);
	assert_int_equal(tvs_trace_setting(&settings, "TVS Trace File Size",
			     "101"),
	    -1);
	assert_int_equal(tvs_trace_setting(&settings, "TVS Trace", "1"), -1);
	assert_int_equal(settings.level, TVS_TRACE_ERROR);
	assert_int_equal(settings.files, 3);
	assert_int_equal(settings.megabytes, 7);
}

static off_t
size_of(const char *name)
{
	char *path = mem_printf("%s/%s", dir, name);
	struct stat st;
	off_t size = stat(path, &st) == 0 ? st.st_size : -1;

	free(path);
	return size;
}

/* Until half a megabyte at most is still to be written of this many bytes. */
static void
wait_written(size_t bytes)
{
	int64_t deadline = clock_ticks() + WAIT_MS;
	const size_t full = 1024UL * 1024UL;
	char name[32];

	while (clock_ticks() < deadline) {
		size_t n = (bytes < full / 2 ? 0 : bytes - full / 2) / full;
		off_t size;

		(void)str_printf(name, sizeof(name), "tvs%08zu.txt", n + 1);
		size = size_of(name);
		if (size < 0)
			return; /* another directory, or gone already */
		if ((size_t)size + n * full + full / 2 + 8192 * (n + 1) >=
		    bytes)
			return;
		(void)usleep(1000);
	}
	fail_msg("nothing is written");
}

/* So many bytes of lines, given to the thread a few at a time. */
static void
write_much(size_t bytes)
{
	struct tvs_trace_lines lines;
	char text[1000];
	size_t done;

	tvs_trace_begin(&lines);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (done = 0; done < bytes; done += lines.len) {
		tvs_trace_begin(&lines);
		while (lines.lost == 0)
			tvs_trace_add(trace, &lines, TVS_TRACE_DETAILED, "%s",
			    text);
		lines.lost = 0;
		tvs_trace_put(trace, &lines);
		wait_written(done + lines.len);
	}
}

static void
files_are_limited_and_the_oldest_goes(void **state)
{
	char *text;

	(void)state;
	settings.files = 2;
	open_trace();
	write_much(3584UL * 1024UL);
	close_trace();
	assert_int_equal(tvs_count_of(&counters, TVS_COUNT_TRACE_LOST), 0);
	assert_int_equal(testing_count(dir), 2);
	assert_true(size_of("tvs00000003.txt") > 1024L * 1024L - 2048);
	assert_true(size_of("tvs00000003.txt") <= 1024L * 1024L);
	assert_true(size_of("tvs00000004.txt") > 0);
	/* whole lines in each */
	text = testing_read(dir, "tvs00000003.txt");
	is_line(text, "debug xxx");
	assert_int_equal(text[strlen(text) - 1], '\n');
	free(text);
}

static void
goes_on_in_the_newest_file(void **state)
{
	char *text;

	(void)state;
	testing_write(dir, "tvs00000007.txt", "before\n");
	testing_write(dir, "tvs00000006.txt", "");
	testing_write(dir, "tvs0000009.txt", "");
	testing_write(dir, "tvs00000099.txt.1", "");
	testing_write(dir, "tvs0000xx99.txt", "");
	testing_write(dir, "current", "");
	open_trace();
	tvs_trace_line(trace, TVS_TRACE_ERROR, "after");
	close_trace();
	text = testing_read(dir, "tvs00000007.txt");
	assert_true(str_starts(text, "before\n"));
	is_line(text + 7, "error after\n");
	free(text);
	assert_int_equal(testing_count(dir), 6);
}

/* More lines than there is room for: counted, and said. */
static void
what_is_lost_is_counted(void **state)
{
	struct tvs_trace_lines lines;
	int64_t deadline = clock_ticks() + WAIT_MS;
	char *text;

	(void)state;
	tvs_trace_begin(&lines);
	settings.files = TVS_TRACE_FILES_MAX;
	open_trace();
	while (lines.lost == 0)
		tvs_trace_add(trace, &lines, TVS_TRACE_DETAILED, "%0999d", 1);
	lines.lost = 0;
	while (tvs_count_of(&counters, TVS_COUNT_TRACE_LOST) == 0) {
		assert_true(clock_ticks() < deadline);
		tvs_trace_put(trace, &lines);
	}
	/* as soon as there is room again */
	for (text = NULL; text == NULL;) {
		unsigned n;

		assert_true(clock_ticks() < deadline);
		tvs_trace_line(trace, TVS_TRACE_ERROR, "later");
		(void)usleep(300000);
		for (n = 1; text == NULL && n < 1000; n++) {
			char *name = mem_printf("tvs%08u.txt", n);

			text = testing_read(dir, name);
			free(name);
			if (text == NULL)
				break;
			if (strstr(text, "lines of the trace are lost\n") ==
			    NULL) {
				free(text);
				text = NULL;
			}
		}
	}
	free(text);
}

static void
a_line_too_long_is_cut(void **state)
{
	struct tvs_trace_lines lines;

	(void)state;
	tvs_trace_begin(&lines);
	open_trace();
	tvs_trace_add(trace, &lines, TVS_TRACE_ERROR, "%09000d", 1);
	assert_int_equal(lines.lost, 0);
	assert_int_equal(lines.text[lines.len - 1], '\n');
	tvs_trace_add(trace, &lines, TVS_TRACE_ERROR, "%09000d", 1);
	assert_int_equal(lines.lost, 1);
	tvs_trace_put(trace, &lines);
	assert_int_equal(tvs_count_of(&counters, TVS_COUNT_TRACE_LOST), 1);
}

static void
needs_its_directory(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_null(tvs_trace_new("/nonexistent", &settings, &counters, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

/* What cannot be written is lost, and nothing else happens. */
static void
survives_a_directory_that_goes(void **state)
{
	int64_t deadline = clock_ticks() + WAIT_MS;
	struct err e = ERR_INIT;
	char *sub = mem_printf("%s/sub", dir);

	(void)state;
	assert_int_equal(mkdir(sub, 0700), 0);
	settings.files = 1;
	trace = tvs_trace_new(sub, &settings, &counters, &e);
	assert_non_null(trace);
	testing_dir_remove(sub);
	while (tvs_count_of(&counters, TVS_COUNT_TRACE_LOST) == 0) {
		assert_true(clock_ticks() < deadline);
		write_much(1024UL * 1024UL);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_look_like_the_published_ones),
		TEST(what_a_stranger_sends_is_visible),
		TEST(levels_choose),
		TEST(settings_come_from_parameters),
		TEST(files_are_limited_and_the_oldest_goes),
		TEST(goes_on_in_the_newest_file),
		TEST(what_is_lost_is_counted),
		TEST(a_line_too_long_is_cut),
		TEST(needs_its_directory),
		TEST(survives_a_directory_that_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
