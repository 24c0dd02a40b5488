#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "commands/table.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/golden.h"

/* The line of text that begins with start; its length. */
static size_t
line_of(const char *text, const char *start, const char **line)
{
	*line = strstr(text, start);
	assert_non_null(*line);
	return strcspn(*line, "\n");
}

/* A processor that is idle altogether has a number with one digit more. */
static char *
without_hundreds(const char *text)
{
	char *copy = mem_strdup(text);
	char *at;

	while ((at = strstr(copy, "100.00%")) != NULL)
		memmove(at, at + 1, strlen(at));
	return copy;
}

/* Numbers may differ, the places of everything else may not. */
static void
labels_and_spacing_are_the_reference_s(void **state)
{
	static const char *const starts[] = { "\nCPU Idle:", "\n  IOWAIT:",
		"\nMemory Total:", "\n        Free:", "\n      Cached:",
		"\n     Buffers:", "\n                        Total" };
	char *expected = golden("cli/status.txt");
	const char *ours, *theirs;
	struct cmd_world w;
	char *text;
	size_t i, k;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_status, NULL), 0);
	text = without_hundreds(cmd_world_text(&w));
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		size_t n;

		(void)line_of(text, starts[i], &ours);
		(void)line_of(expected, starts[i], &theirs);
		n = line_of(theirs + 1, starts[i] + 1, &theirs);
		ours++;
		assert_int_equal(strcspn(ours, "\n"), n);
		for (k = 0; k < n; k++) {
			if (strchr("0123456789 ", theirs[k]) == NULL)
				assert_int_equal(ours[k], theirs[k]);
		}
	}
	assert_int_equal(strncmp(cmd_world_text(&w),
			     "Host Name          : test10pub\n"
			     "Date               : ",
			     50),
	    0);
	assert_non_null(strstr(cmd_world_text(&w),
	    "\nProduct Ver        : 10.0.1.10000-24\n"
	    "Unified OS Version : 10.0.0.0-2\n\nUptime:\n "));
	cmd_world_release(&w);
	free(expected);
	free(text);
}

static void
as_json(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_JSON);
	assert_int_equal(cmd_world_run(&w, &cmd_show_status, NULL), 0);
	assert_non_null(strstr(cmd_world_text(&w), "\"host\": \"test10pub\""));
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_and_spacing_are_the_reference_s),
		cmocka_unit_test(as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
