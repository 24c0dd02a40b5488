#include "shell/pager.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/fakes/golden.h"
#include "tests/fakes/term_script.h"

#define WIPE "\r\033[K"

static int screen[2];
static struct term_script user;
static char stop[128]; /* the prompt, from the reference */

static int
set_up(void **state)
{
	char *block = golden("cli/pager.txt");
	const char *p = block;
	size_t n = 0;

	(void)state;
	/* The reference writes ESC for the byte. */
	while (*p != '\0' && *p != '\n' && n + 1 < sizeof(stop)) {
		if (strncmp(p, "ESC", 3) == 0) {
			stop[n++] = '\033';
			p += 3;
		} else {
			stop[n++] = *p++;
		}
	}
	stop[n] = '\0';
	free(block);
	return pipe(screen);
}

static int
tear_down(void **state)
{
	(void)state;
	close(screen[0]);
	close(screen[1]);
	return 0;
}

/* Print text on a screen of rows × cols with these keys; what is seen. */
static char *
page(unsigned rows, unsigned cols, const char *keys, const char *text)
{
	struct pager p;
	struct out *out;
	char *shown = mem_alloc(16384);
	ssize_t n;

	term_script_init(&user, NULL, NULL);
	user.rows = rows;
	user.cols = cols;
	user.keys = keys;
	pager_init(&p, &user.term, screen[1]);
	out = pager_out(&p, OUT_TEXT);
	out_puts(out, text);
	(void)out_finish(out);
	out_free(out);
	(void)fcntl(screen[0], F_SETFL, O_NONBLOCK);
	n = read(screen[0], shown, 16383);
	shown[n > 0 ? n : 0] = '\0';
	return shown;
}

static void
same(char *shown, const char *a, const char *b, const char *c)
{
	char *expected = mem_printf("%s%s%s", a, b, c);

	assert_string_equal(shown, expected);
	free(expected);
	free(shown);
}

static void
a_screen_that_is_not_full_never_stops(void **state)
{
	(void)state;
	same(page(4, 80, "", "1\n2\n3\n"), "1\n2\n3\n", "", "");
}

static void
space_is_a_page_and_enter_a_line(void **state)
{
	char *two = mem_printf("%s" WIPE "4\n%s" WIPE, stop, stop);

	(void)state;
	same(page(4, 80, " ", "1\n2\n3\n4\n5\n6\n"), "1\n2\n3\n", stop,
	    WIPE "4\n5\n6\n");
	same(page(4, 80, "x\n ", "1\n2\n3\n4\n5\n6\n7\n"), "1\n2\n3\n", two,
	    "5\n6\n7\n");
	free(two);
}

static void
q_ends_it(void **state)
{
	(void)state;
	same(page(4, 80, "q", "1\n2\n3\n4\n"), "1\n2\n3\n", stop, WIPE);
	same(page(4, 80, "", "1\n2\n3\n4\n"), "1\n2\n3\n", stop, WIPE);
}

static void
long_lines_take_more_rows(void **state)
{
	(void)state;
	same(page(3, 4, "q", "abcdef\n2\n"), "abcdef\n", stop, WIPE);
	same(page(3, 4, "q", "abcd\n2\n"), "abcd\n2\n", "", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_screen_that_is_not_full_never_stops, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    space_is_a_page_and_enter_a_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(q_ends_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(long_lines_take_more_rows,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
