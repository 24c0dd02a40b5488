#include "shell/dispatch.h"

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
#include "base/nodeconf.h"
#include "tests/fakes/fake_agent.h"
#include "tests/fakes/fake_table.h"
#include "tests/fakes/term_script.h"

/* The world of one shell, its audit written down. */
static struct {
	struct shell shell;
	struct nodeconf conf;
	struct fake_agent agent;
	struct term_script user;
	char audit[1024];
	bool interrupt; /* Ctrl-C at the next audit */
	bool interrupted;
	int screen[2];
} w;

static void
note(const char *what, const char *line, int status)
{
	char *s = mem_printf("%s[%s %s %d]", w.audit, what, line, status);

	(void)str_copy(w.audit, sizeof(w.audit), s);
	free(s);
}

static void
begin(void *self, const char *line)
{
	(void)self;
	note("begin", line, 0);
	w.interrupted = w.interrupt;
}

static void
end(void *self, const char *line, int status)
{
	(void)self;
	note("end", line, status);
}

static bool
interrupted(void *self)
{
	(void)self;
	return w.interrupted;
}

static void
clear(void *self)
{
	(void)self;
	w.interrupted = false;
}

static int
set_up(void **state)
{
	static const struct shell_hooks hooks = {
		.begin = begin,
		.end = end,
		.interrupted = interrupted,
		.clear = clear,
	};
	static const struct fake_answer answers[] = {
		{ .words = "job", .code = ERR_CANCELLED, .message = "x" },
		{ .words = NULL },
	};

	(void)state;
	memset(&w, 0, sizeof(w));
	fake_agent_init(&w.agent, answers);
	term_script_init(&w.user, NULL, NULL);
	w.conf.role = NODE_PUBLISHER;
	w.shell.table = fake_table;
	w.shell.ctx.term = &w.user.term;
	w.shell.ctx.agent = &w.agent.agent;
	w.shell.ctx.conf = &w.conf;
	w.shell.ctx.account = "tester";
	w.shell.ctx.level = CMD_LEVEL_INSTALLER;
	w.shell.hooks = &hooks;
	if (pipe(w.screen) == -1)
		return -1;
	w.shell.out_fd = w.screen[1];
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	close(w.screen[0]);
	close(w.screen[1]);
	fake_agent_release(&w.agent);
	return 0;
}

/* Run a line and compare status and screen. */
static void
runs(const char *line, enum shell_status status, const char *expected)
{
	char text[8192];
	ssize_t n;

	assert_int_equal(shell_run(&w.shell, line, strlen(line)), status);
	(void)fcntl(w.screen[0], F_SETFL, O_NONBLOCK);
	n = read(w.screen[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	assert_string_equal(text, expected);
}

static void
runs_and_audits(void **state)
{
	(void)state;
	runs("sh  itl", SHELL_DONE, "ran\n");
	assert_string_equal(w.audit, "[begin show itl 0][end show itl 0]");
	assert_int_equal(w.shell.session.commands, 1);
	w.audit[0] = '\0';
	runs("ru sql  select  1 ", SHELL_DONE, "ran <select  1>\n");
	assert_string_equal(w.audit,
	    "[begin run sql select  1 0][end run sql select  1 0]");
}

static void
an_empty_line_is_nothing(void **state)
{
	(void)state;
	runs("  ", SHELL_DONE, "");
	assert_string_equal(w.audit, "");
	assert_int_equal(w.shell.session.commands, 0);
}

static void
what_is_not_understood(void **state)
{
	(void)state;
	runs("nonsense", SHELL_NOT_UNDERSTOOD,
	    "\"nonsense\" is not known here. Known words: ask, exit, fail, "
	    "file, help, job, run, secure, set, show, utils.\n"
	    "Executed command unsuccessfully\nNo valid command entered\n");
	assert_string_equal(w.audit, "[begin nonsense 0][end nonsense 2]");
	runs("show bad", SHELL_NOT_UNDERSTOOD,
	    "\"bad\" is not known here. Known words: items, itl.\n"
	    "Executed command unsuccessfully\nNo valid command entered\n");
	runs("show i", SHELL_NOT_UNDERSTOOD,
	    "\"i\" is ambiguous. It may be: items, itl.\n"
	    "Executed command unsuccessfully\nNo valid command entered\n");
	runs("show", SHELL_NOT_UNDERSTOOD,
	    "The command is not complete. What may follow: items, itl.\n"
	    "Executed command unsuccessfully\nNo valid command entered\n");
	runs("set mode", SHELL_NOT_UNDERSTOOD,
	    "A parameter is missing. Syntax: set mode mode\n"
	    "Executed command unsuccessfully\n");
	runs("file search activelog f x reltime", SHELL_NOT_UNDERSTOOD,
	    "reltime: the mode of counting is missing.\n"
	    "Executed command unsuccessfully\n");
	runs("exit now", SHELL_NOT_UNDERSTOOD,
	    "\"now\" is not expected. Syntax: exit\n"
	    "Executed command unsuccessfully\n");
	runs("a\001b", SHELL_NOT_UNDERSTOOD,
	    "Byte 2 of the line (0x01) is not text; the line was not run.\n"
	    "Executed command unsuccessfully\nNo valid command entered\n");
}

static void
failures_end_in_the_trailer(void **state)
{
	(void)state;
	runs("fail", SHELL_FAILED,
	    "It broke.\nMend it.\nExecuted command unsuccessfully\n");
	runs("set mode odd", SHELL_FAILED,
	    "There is no such mode.\nExecuted command unsuccessfully\n");
	runs("help nonsense", SHELL_FAILED,
	    "There is no help for \"nonsense\": no command has these "
	    "words.\nExecuted command unsuccessfully\n");
}

static void
level_and_node_are_checked_first(void **state)
{
	(void)state;
	w.shell.ctx.level = CMD_LEVEL_ADVANCED;
	runs("secure", SHELL_FAILED,
	    "This command needs privilege level 4; the account tester has "
	    "level 1.\nExecuted command unsuccessfully\n");
	assert_string_equal(w.audit, "[begin secure 0][end secure 1]");
	w.shell.ctx.level = CMD_LEVEL_INSTALLER;
	runs("secure", SHELL_DONE, "ran\n");
	w.conf.role = NODE_SUBSCRIBER;
	runs("secure", SHELL_FAILED,
	    "This is not a Publisher Node.\n"
	    "Executed command unsuccessfully\n");
	w.shell.ctx.conf = NULL;
	runs("secure", SHELL_FAILED,
	    "etc/node.conf cannot be read, so this node's role is not "
	    "known.\nExecuted command unsuccessfully\n");
}

static void
json_is_one_document(void **state)
{
	(void)state;
	runs("show itl json", SHELL_DONE, "{\n  \"ran\": true\n}\n");
}

static void
ctrl_c_says_farewell_only_when_handed_over(void **state)
{
	(void)state;
	runs("job", SHELL_FAILED, "The job goes on.\nControl-C pressed\n");
	w.interrupt = true;
	runs("show itl", SHELL_FAILED, "ran\nControl-C pressed\n");
	assert_false(w.interrupted);
}

#define PAUSE                                                        \
	"\033[1mPress <enter> for 1 line, <space> for one page, or " \
	"<q> to quit\033[0m\r\033[K"

/* Leaving the pager by q is no failure, by Ctrl-C it is. */
static void
ctrl_c_in_the_pager_is_told(void **state)
{
	(void)state;
	w.user.rows = 2;
	w.user.keys = "q"; /* then Ctrl-C */
	w.shell.session.pagination = true;
	runs("show itl json", SHELL_DONE, "{\n" PAUSE);
	runs("show itl json", SHELL_FAILED, "{\n" PAUSE "Control-C pressed\n");
	w.interrupt = true;
	runs("show itl json", SHELL_FAILED, "Control-C pressed\n");
}

static void
pages_when_it_shall(void **state)
{
	(void)state;
	w.user.rows = 2;
	w.user.keys = "qqq";
	w.shell.session.pagination = true;
	runs("show itl", SHELL_DONE, "ran\n");
	runs("show itl json", SHELL_DONE,
	    "{\n\033[1mPress <enter> for 1 line, <space> for one page, or "
	    "<q> to quit\033[0m\r\033[K");
	/* What has a pager of its own does not get this one. */
	runs("file search activelog f x json", SHELL_DONE,
	    "{\n  \"ran\": true\n}\n");
	w.shell.session.pagination = false;
	runs("show itl json", SHELL_DONE, "{\n  \"ran\": true\n}\n");
	w.user.term.interactive = false;
	w.shell.session.pagination = true;
	runs("show itl json", SHELL_DONE, "{\n  \"ran\": true\n}\n");
}

static void
long_lines_are_refused(void **state)
{
	struct err e = ERR_INIT;
	char text[256];
	ssize_t n;

	(void)state;
	(void)err_set(&e, ERR_USAGE, "Too long.");
	assert_int_equal(shell_refuse(&w.shell, "(long)", &e),
	    SHELL_NOT_UNDERSTOOD);
	n = read(w.screen[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	assert_string_equal(text,
	    "Too long.\nExecuted command unsuccessfully\n"
	    "No valid command entered\n");
	assert_string_equal(w.audit, "[begin (long) 0][end (long) 2]");
	w.audit[0] = 0;
	(void)shell_run(&w.shell, "a\001", 2);
	assert_string_equal(w.audit, "[begin a\001 0][end a\001 2]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(runs_and_audits, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(an_empty_line_is_nothing,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_understood, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(failures_end_in_the_trailer,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    level_and_node_are_checked_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(json_is_one_document, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    ctrl_c_says_farewell_only_when_handed_over, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(ctrl_c_in_the_pager_is_told,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(pages_when_it_shall, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(long_lines_are_refused, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
