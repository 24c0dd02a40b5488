/* posix_openpt() and its kin. */
#define _GNU_SOURCE

#include "shell/term_readline.h"

#include <sys/ioctl.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "commands/ctx.h"
#include "shell/session.h"
#include "shell/signals.h"
#include "shell/tty.h"
#include "tests/fakes/fake_agent.h"
#include "tests/fakes/fake_table.h"

#define WAIT_MS 5000
#define IDLE_MS 400

/* A session in a child, on a terminal of its own. */
static struct {
	int master;
	pid_t pid;
	char text[65536]; /* all it has printed */
	size_t len;
	size_t from; /* what has been looked at already */
} s;

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

static void
run_session(int64_t idle_ms)
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
	static struct shell shell;
	static struct tty tty;

	signals_install();
	term_plain_init(&t, STDIN_FILENO, STDOUT_FILENO, true, idle_ms);
	fake_agent_init(&agent, none);
	t.table = fake_table;
	shell.table = fake_table;
	shell.ctx.term = &t.console.term;
	shell.ctx.agent = &agent.agent;
	shell.ctx.account = "tester";
	shell.ctx.level = CMD_LEVEL_INSTALLER;
	shell.hooks = &hooks;
	shell.out_fd = STDOUT_FILENO;
	if (tty_enter(&tty, STDIN_FILENO) == -1)
		_exit(9);
	term_readline_init(&t);
	session_run(&shell, &t.console, 30);
	tty_leave(&tty);
	_exit(7);
}

static void
start(int64_t idle_ms)
{
	int slave;

	memset(&s, 0, sizeof(s));
	s.master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(s.master >= 0);
	assert_int_equal(grantpt(s.master), 0);
	assert_int_equal(unlockpt(s.master), 0);
	s.pid = fork();
	if (s.pid != 0)
		return;
	(void)setsid();
	slave = open(ptsname(s.master), O_RDWR);
	(void)ioctl(slave, TIOCSCTTY, 0);
	(void)dup2(slave, 0);
	(void)dup2(slave, 1);
	close(s.master);
	(void)setenv("TERM", "dumb", 1);
	(void)setenv("INPUTRC", "/dev/null", 1);
	run_session(idle_ms);
}

static int
set_up(void **state)
{
	(void)state;
	start(0);
	return 0;
}

static int
tear_down(void **state)
{
	int status;

	(void)state;
	if (s.pid > 0) {
		(void)kill(s.pid, SIGKILL);
		(void)waitpid(s.pid, &status, 0);
	}
	close(s.master);
	return 0;
}

static void
type(const char *keys)
{
	assert_int_equal(write(s.master, keys, strlen(keys)), strlen(keys));
}

/* Wait for text behind what was waited for last. */
static void
expect(const char *text)
{
	struct pollfd p = { .fd = s.master, .events = POLLIN };
	int64_t until = clock_ticks() + WAIT_MS;
	ssize_t n;

	for (;;) {
		const char *found;

		found = strstr(s.text + s.from, text);
		if (found != NULL) {
			s.from = (size_t)(found - s.text) + strlen(text);
			return;
		}
		if (poll(&p, 1, 100) > 0) {
			n = read(s.master, s.text + s.len,
			    sizeof(s.text) - 1 - s.len);
			if (n > 0)
				s.len += (size_t)n;
		}
		if (clock_ticks() > until)
			fail_msg("waited for \"%s\" in \"%s\"", text,
			    s.text + s.from);
	}
}

/* The session ends by itself with the status of run_session(). */
static void
expect_end(void)
{
	int status;

	assert_int_equal(waitpid(s.pid, &status, 0), s.pid);
	s.pid = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

static void
echoes_runs_and_prompts(void **state)
{
	(void)state;
	expect("admin:");
	type("show itl\r");
	expect("show itl\r\nran\r\nadmin:");
	(void)usleep(150000);
	type("\n");
	expect("\r\nadmin:");
	type("show items\r\n");
	expect("show items\r\nran\r\nadmin:");
	type("exit\r");
	expect("exit\r\n\r\n");
	expect_end();
}

static void
tab_and_question_act_at_once(void **state)
{
	(void)state;
	expect("admin:");
	type("sh\t");
	expect("show ");
	type("\t");
	expect("\r\n    items\r\n    itl\r\nadmin:show ");
	type("itl?");
	expect("itl?Syntax:\r\nshow itl [options]\r\n");
	expect("admin:show itl");
	type("\r");
	expect("\r\nran\r\nadmin:");
	type("run sql what?\r");
	expect("ran <what?>\r\nadmin:");
}

static void
ctrl_c_clears_the_line(void **state)
{
	(void)state;
	expect("admin:");
	type("show nonsense");
	expect("nonsense");
	type("\003");
	expect("\r\nadmin:");
	type("show itl\r");
	expect("show itl\r\nran\r\nadmin:");
	type("ask\r");
	expect("Really? ");
	type("\003");
	expect("\r\nControl-C pressed\r\nadmin:");
}

static void
ctrl_d_leaves_on_an_empty_line_only(void **state)
{
	(void)state;
	expect("admin:");
	type("show itlx\001\004s\005\b\r");
	expect("ran\r\nadmin:");
	type("\004");
	expect("\r\n");
	expect_end();
}

static void
history_has_lines_and_no_answers(void **state)
{
	(void)state;
	expect("admin:");
	type("show itl\r");
	expect("ran\r\nadmin:");
	type("ask\r");
	expect("Really? ");
	type("private\r");
	expect("answer <private>\r\nadmin:");
	type("\020\020\r"); /* up, up */
	expect("show itl\r\nran\r\nadmin:");
}

static void
type_ahead_is_kept_and_shown_where_it_belongs(void **state)
{
	(void)state;
	expect("admin:");
	s.from = 0;
	type("show itl\r\nask\r\nyes\r\nshow items\r\n");
	expect("admin:show itl\r\nran\r\nadmin:ask\r\nReally? yes\r\n"
	       "answer <yes>\r\nadmin:show items\r\nran\r\nadmin:");
}

static void
long_lines_are_refused(void **state)
{
	char part[1025];
	size_t i;

	(void)state;
	expect("admin:");
	memset(part, 'a', sizeof(part) - 1);
	part[1024] = '\0';
	for (i = 0; i < 64; i++) {
		type(part);
		/* Take what is echoed, or both sides wait. */
		if (i < 16)
			expect("aaaaaaaaaaaaaaaa");
		s.len = s.from = 0;
	}
	type("\rshow itl\r");
	expect("The line is longer than 16384 bytes and was not run.");
	expect("show itl\r\nran\r\nadmin:");
}

static void
silence_closes_the_session(void **state)
{
	(void)state;
	(void)tear_down(state);
	start(IDLE_MS);
	expect("admin:");
	expect("\r\nThe session was closed after 30 minutes without input.");
	expect_end();
}

static void
hang_up_ends_it(void **state)
{
	(void)state;
	expect("admin:");
	assert_int_equal(kill(s.pid, SIGHUP), 0);
	expect_end();
}

static void
resize(unsigned short rows, unsigned short cols)
{
	const struct winsize w = { .ws_row = rows, .ws_col = cols };

	assert_int_equal(ioctl(s.master, TIOCSWINSZ, &w), 0);
}

/* readline divides by the columns, less one on some terminals. */
static void
any_window_will_do(void **state)
{
	static const unsigned short sizes[] = { 1, 2, 3, 65535, 7, 80 };

	(void)state;
	expect("admin:");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		type("show it");
		resize(sizes[i], sizes[i]);
		(void)usleep(50000);
		type("l\001\005\r");
		expect("ran\r\n");
	}
	resize(24, 80);
	(void)usleep(50000);
	type("show itl\r");
	expect("ran\r\nadmin:");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(echoes_runs_and_prompts, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(tab_and_question_act_at_once,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(ctrl_c_clears_the_line, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    ctrl_d_leaves_on_an_empty_line_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    history_has_lines_and_no_answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    type_ahead_is_kept_and_shown_where_it_belongs, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(long_lines_are_refused, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(any_window_will_do, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(silence_closes_the_session,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(hang_up_ends_it, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
