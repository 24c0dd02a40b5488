#include "shell/edit.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shell/lex.h"
#include "shell/signals.h"
#include "tests/fakes/fake_table.h"

/* A console whose keys come from a pipe and whose text goes to one. */
static int keys[2], screen[2];

static int
open_pipes(void **state)
{
	(void)state;
	signals_install();
	return pipe(keys) == 0 && pipe(screen) == 0 ? 0 : -1;
}

static int
close_pipes(void **state)
{
	(void)state;
	close(keys[0]);
	close(keys[1]);
	close(screen[0]);
	close(screen[1]);
	return 0;
}

static void
type(const char *s)
{
	assert_int_equal(write(keys[1], s, strlen(s)), strlen(s));
}

/* What has been printed since the last time. */
static const char *
seen(void)
{
	static char text[32768];
	ssize_t n;

	(void)fcntl(screen[0], F_SETFL, O_NONBLOCK);
	n = read(screen[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static struct input in;
static struct edit ed;

static char *line;

static enum edit_event
edit(const char *what, bool echo)
{
	free(line);
	line = NULL;
	type(what);
	input_init(&in, keys[0], 100);
	ed.in = &in;
	ed.out_fd = screen[1];
	ed.echo = echo;
	return edit_line(&ed, "admin:", fake_table, &line);
}

static int
drop_line(void **state)
{
	free(line);
	line = NULL;
	return close_pipes(state);
}

static void
echoes_what_is_typed(void **state)
{
	(void)state;
	assert_int_equal(edit("show itl\r", true), EDIT_LINE);
	assert_string_equal(line, "show itl");
	assert_string_equal(seen(), "admin:show itl\n");
	assert_int_equal(edit("abc\n", false), EDIT_LINE);
	assert_string_equal(seen(), "admin:");
}

static void
corrects(void **state)
{
	(void)state;
	assert_int_equal(edit("xy\x7f\x08\x08z\n", true), EDIT_LINE);
	assert_string_equal(line, "z");
	assert_string_equal(seen(), "admin:xy\b \b\b \bz\n");
	assert_int_equal(edit("gr\xc3\xbc\x7f\n", true), EDIT_LINE);
	assert_string_equal(line, "gr");
	(void)seen();
	assert_int_equal(edit("wrong\x15right\n", false), EDIT_LINE);
	assert_string_equal(line, "right");
}

static void
completes_and_explains(void **state)
{
	(void)state;
	assert_int_equal(edit("sh\titl?\n", true), EDIT_LINE);
	assert_string_equal(line, "show itl");
	assert_string_equal(seen(),
	    "admin:show itl?Syntax:\nshow itl [options]\n"
	    "options   optional    json\nadmin:show itl\n");
	assert_int_equal(edit("show \t\x15\n", true), EDIT_LINE);
	assert_int_equal(strncmp(seen(),
			     "admin:show \n    items\n    itl\nadmin:show ",
			     41),
	    0);
	assert_int_equal(edit("run sql a?\n", false), EDIT_LINE);
	assert_string_equal(line, "run sql a?");
}

static void
control_bytes_stay_and_are_not_shown(void **state)
{
	(void)state;
	assert_int_equal(write(keys[1], "a\0b", 3), 3);
	assert_int_equal(edit("\033c\n", true), EDIT_LINE);
	assert_string_equal(line,
	    "a\x01"
	    "b\033c");
	assert_string_equal(seen(), "admin:abc\n");
}

static void
long_lines_are_dropped_to_their_end(void **state)
{
	char part[1025];
	size_t i;

	(void)state;
	memset(part, 'x', sizeof(part) - 1);
	part[1024] = '\0';
	for (i = 0; i < LEX_LINE_MAX / 1024; i++)
		type(part);
	assert_int_equal(edit("y more\nshow\n", false), EDIT_TOO_LONG);
	assert_null(line);
	assert_int_equal(edit_line(&ed, "", fake_table, &line), EDIT_LINE);
	assert_string_equal(line, "show");
}

static void
ends(void **state)
{
	(void)state;
	assert_int_equal(edit("", true), EDIT_IDLE);
	assert_int_equal(edit("\x04", true), EDIT_END);
	assert_int_equal(edit("a\x04\n", true), EDIT_LINE);
	type("last");
	close(keys[1]);
	free(line);
	assert_int_equal(edit_line(&ed, "", NULL, &line), EDIT_LINE);
	assert_string_equal(line, "last");
	free(line);
	assert_int_equal(edit_line(&ed, "", NULL, &line), EDIT_END);
	line = NULL;
}

static void
secrets_are_never_shown(void **state)
{
	struct secret s;

	(void)state;
	type("pass?\tword\r");
	input_init(&in, keys[0], 100);
	ed.in = &in;
	ed.out_fd = screen[1];
	ed.echo = true;
	assert_int_equal(edit_secret(&ed, "Password :", &s), EDIT_LINE);
	assert_string_equal(s.text, "pass?\tword");
	assert_string_equal(seen(), "Password :\n");
	secret_release(&s);
	assert_int_equal(edit_secret(&ed, "Password :", &s), EDIT_IDLE);
	assert_null(s.text);
}

/* One for each character, where there is an echo at all. */
static void
stars_for_characters(void **state)
{
	struct secret s;

	(void)state;
	type("a\xc3\xa9?x\x7f\r");
	input_init(&in, keys[0], 100);
	ed.in = &in;
	ed.out_fd = screen[1];
	ed.echo = true;
	assert_int_equal(edit_stars(&ed, "Password: ", &s), EDIT_LINE);
	assert_string_equal(s.text, "a\xc3\xa9?");
	assert_string_equal(seen(), "Password: ****\b \b\n");
	secret_release(&s);
	type("abc\r");
	ed.echo = false;
	assert_int_equal(edit_stars(&ed, "Password: ", &s), EDIT_LINE);
	assert_string_equal(s.text, "abc");
	assert_string_equal(seen(), "Password: \n");
	secret_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(echoes_what_is_typed,
		    open_pipes, drop_line),
		cmocka_unit_test_setup_teardown(corrects, open_pipes,
		    drop_line),
		cmocka_unit_test_setup_teardown(completes_and_explains,
		    open_pipes, drop_line),
		cmocka_unit_test_setup_teardown(
		    control_bytes_stay_and_are_not_shown, open_pipes,
		    drop_line),
		cmocka_unit_test_setup_teardown(
		    long_lines_are_dropped_to_their_end, open_pipes, drop_line),
		cmocka_unit_test_setup_teardown(ends, open_pipes, drop_line),
		cmocka_unit_test_setup_teardown(secrets_are_never_shown,
		    open_pipes, drop_line),
		cmocka_unit_test_setup_teardown(stars_for_characters,
		    open_pipes, drop_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
