#include "shell/session.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shell/signals.h"
#include "shell/term_plain.h"
#include "tests/fakes/fake_agent.h"
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
begin(void *self, const char *line)
{
	(void)self;
	(void)line;
}

static void
end(void *self, const char *line, int status)
{
	(void)self;
	(void)line;
	(void)status;
}

static bool
interrupted(void *self)
{
	(void)self;
	return signals_interrupted();
}

static void
clear(void *self)
{
	(void)self;
	signals_clear();
}

/* A session with these keys; what the user sees of it. */
static const char *
session(const char *typed, bool ends)
{
	static const struct shell_hooks hooks = {
		.begin = begin,
		.end = end,
		.interrupted = interrupted,
		.clear = clear,
	};
	static const struct fake_answer none[] = { { .words = NULL } };
	static struct term_plain t;
	static struct fake_agent agent;
	struct shell s;

	memset(&s, 0, sizeof(s));
	term_plain_init(&t, keys[0], screen[1], true, 100);
	fake_agent_init(&agent, none);
	t.table = fake_table;
	s.table = fake_table;
	s.ctx.term = &t.console.term;
	s.ctx.agent = &agent.agent;
	s.ctx.account = "tester";
	s.ctx.level = CMD_LEVEL_INSTALLER;
	s.hooks = &hooks;
	s.out_fd = screen[1];
	type(typed);
	if (ends)
		close(keys[1]);
	session_run(&s, &t.console, 30);
	fake_agent_release(&agent);
	return seen();
}

static void
prompts_until_exit(void **state)
{
	(void)state;
	assert_string_equal(session("show itl\r\n\r\nexit\nshow itl\n", true),
	    "admin:show itl\nran\nadmin:\nadmin:exit\n\n");
}

static void
the_end_of_input_is_an_exit(void **state)
{
	(void)state;
	assert_string_equal(session("show itl\n", true),
	    "admin:show itl\nran\nadmin:\n\n");
	assert_int_equal(open_pipes(state), 0);
	assert_string_equal(session("\x04", false), "admin:\n\n");
}

static void
silence_closes_the_session(void **state)
{
	(void)state;
	assert_string_equal(session("", false),
	    "admin:\nThe session was closed after 30 minutes without "
	    "input.\n");
}

static void
statements_go_on_behind_a_backslash(void **state)
{
	(void)state;
	assert_string_equal(session("run sql a \\\nb\\\nc\nexit\n", true),
	    "admin:run sql a \\\n> b\\\n> c\nran <a \\\nb\\\nc>\n"
	    "admin:exit\n\n");
	assert_int_equal(open_pipes(state), 0);
	/* Only where the command says so. */
	assert_string_equal(session("file list activelog \\\nexit\n", true),
	    "admin:file list activelog \\\nran <\\>\nadmin:exit\n\n");
}

static void
questions_read_the_next_line(void **state)
{
	(void)state;
	assert_string_equal(session("ask\nwhy not\nexit\n", true),
	    "admin:ask\nReally? why not\nanswer <why not>\n"
	    "admin:exit\n\n");
}

static void
hang_up_ends_without_a_word(void **state)
{
	(void)state;
	(void)kill(getpid(), SIGHUP);
	assert_string_equal(session("show itl\n", false), "admin:\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(prompts_until_exit, open_pipes,
		    close_pipes),
		cmocka_unit_test_setup_teardown(the_end_of_input_is_an_exit,
		    open_pipes, close_pipes),
		cmocka_unit_test_setup_teardown(silence_closes_the_session,
		    open_pipes, close_pipes),
		cmocka_unit_test_setup_teardown(
		    statements_go_on_behind_a_backslash, open_pipes,
		    close_pipes),
		cmocka_unit_test_setup_teardown(questions_read_the_next_line,
		    open_pipes, close_pipes),
		cmocka_unit_test_setup_teardown(hang_up_ends_without_a_word,
		    open_pipes, close_pipes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
