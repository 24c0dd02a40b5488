#include "shell/term_plain.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

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

static void
asks_as_a_term(void **state)
{
	struct term_plain t;
	struct err e = ERR_INIT;
	struct secret s;
	const struct term *term = &t.console.term;
	char *line;

	(void)state;
	term_plain_init(&t, keys[0], screen[1], true, 100);
	assert_false(term->interactive);
	type("yes\nhidden\nstars\nk");
	assert_int_equal(term->ops->line(term->self, "Go? ", &line, &e), 0);
	assert_string_equal(line, "yes");
	free(line);
	assert_int_equal(term->ops->secret(term->self, "Word :", &s, &e), 0);
	assert_string_equal(s.text, "hidden");
	secret_release(&s);
	assert_int_equal(term->ops->stars(term->self, "Word: ", &s, &e), 0);
	assert_string_equal(s.text, "stars");
	secret_release(&s);
	assert_int_equal(term->ops->key(term->self), 'k');
	assert_int_equal(term->ops->key(term->self), -1);
	assert_string_equal(seen(), "Go? yes\nWord :\nWord: *****\n");
}

static void
commands_have_completion_and_questions_do_not(void **state)
{
	struct term_plain t;
	struct err e = ERR_INIT;
	const struct term *term = &t.console.term;
	char *line;

	(void)state;
	term_plain_init(&t, keys[0], screen[1], false, 100);
	t.table = fake_table;
	type("sh\titl\nsh\t?\n");
	assert_int_equal(t.console.command(t.console.self, "admin:", &line),
	    EDIT_LINE);
	assert_string_equal(line, "show itl");
	free(line);
	assert_int_equal(term->ops->line(term->self, "", &line, &e), 0);
	assert_string_equal(line, "sh\t?");
	free(line);
}

static void
missing_answers_are_errors(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(term_plain_error(EDIT_LINE, &e), 0);
	assert_int_equal(term_plain_error(EDIT_INTERRUPT, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_int_equal(term_plain_error(EDIT_END, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_int_equal(term_plain_error(EDIT_IDLE, &e), -1);
	assert_int_equal(term_plain_error(EDIT_HANGUP, &e), -1);
	assert_int_equal(term_plain_error(EDIT_TOO_LONG, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
}

static void
no_terminal_is_24_by_80(void **state)
{
	unsigned rows, cols;

	(void)state;
	term_plain_window(keys[0], &rows, &cols);
	assert_int_equal(rows, 24);
	assert_int_equal(cols, 80);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(asks_as_a_term, open_pipes,
		    close_pipes),
		cmocka_unit_test_setup_teardown(
		    commands_have_completion_and_questions_do_not, open_pipes,
		    close_pipes),
		cmocka_unit_test_setup_teardown(missing_answers_are_errors,
		    open_pipes, close_pipes),
		cmocka_unit_test_setup_teardown(no_terminal_is_24_by_80,
		    open_pipes, close_pipes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
