/*
 * ucmsh: the login shell of a node's administrators.
 *
 *   ucmsh              a session on standard input
 *   ucmsh -c COMMAND   one command; its status is the exit status
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/nodeconf.h"
#include "base/out.h"
#include "base/str.h"
#include "commands/cli_conf.h"
#include "commands/machine.h"
#include "commands/table.h"
#include "shell/account.h"
#include "shell/agent_link.h"
#include "shell/banner.h"
#include "shell/dispatch.h"
#include "shell/sandbox.h"
#include "shell/session.h"
#include "shell/signals.h"
#include "shell/term_plain.h"
#include "shell/term_readline.h"
#include "shell/tty.h"
#include "trust/crypto.h"

#if defined(__SANITIZE_ADDRESS__)
/* The leak check traces its own process, which the sandbox refuses. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

/* What both kinds of run need. */
struct program {
	struct nodeconf conf;
	bool conf_known;
	struct account account;
	struct agent_link agent;
	struct term_plain term;
	struct tty tty;
	struct shell shell;
};

static int
complain(const struct err *e)
{
	(void)fprintf(stderr, "%s\n", e->msg);
	return SHELL_FAILED;
}

/* Everything up to the point where no program can be run any more. */
static int
enter(struct program *p, struct err *e)
{
	struct err conf = ERR_INIT;
	bool landlock;

	signals_install();
	sandbox_preload();
	openlog("ucmsh", LOG_PID, LOG_AUTHPRIV);
	if (sandbox_enter(&landlock, e) == -1)
		return err_wrap(e, "The session cannot be confined");
	if (!landlock)
		syslog(LOG_AUTHPRIV | LOG_WARNING,
		    "this kernel has no Landlock; sessions are confined by "
		    "seccomp and file modes only");
	p->conf_known = nodeconf_load(&p->conf, NULL, &conf) == 0;
	return account_of(getuid(), &p->account, e);
}

static void
init_shell(struct program *p, bool echo, int64_t idle_ms)
{
	agent_link_init(&p->agent, p->account.name);
	term_plain_init(&p->term, STDIN_FILENO, STDOUT_FILENO, echo, idle_ms);
	p->term.table = cmd_table;
	p->term.in.pause = agent_link_idle;
	p->term.in.pause_self = &p->agent;
	p->shell.table = cmd_table;
	p->shell.ctx.term = &p->term.console.term;
	p->shell.ctx.agent = &p->agent.agent;
	p->shell.ctx.conf = p->conf_known ? &p->conf : NULL;
	p->shell.ctx.account = p->account.name;
	p->shell.ctx.level = p->account.level;
	p->shell.hooks = &p->agent.hooks;
	p->shell.out_fd = STDOUT_FILENO;
}

/* Let seconds pass, unless the session is told to end. */
static void
wait_seconds(unsigned seconds)
{
	struct timespec left = { .tv_sec = (time_t)seconds };

	int rc = -1;

	while (rc == -1 && !signals_ended())
		rc = nanosleep(&left, &left);
}

static void
greet(const struct program *p)
{
	struct out *out = out_new_fd(STDOUT_FILENO, OUT_TEXT);
	unsigned delay = p->conf_known ? p->conf.startup_delay : 0;
	struct machine machine;

	if (delay > 0) {
		banner_starting(out);
		out_flush(out);
		wait_seconds(delay);
	}
	machine_read(&machine);
	banner_welcome(out, &machine);
	out_free(out);
}

static int
run_session(struct program *p)
{
	struct err e = ERR_INIT;
	unsigned minutes;
	bool terminal;

	(void)cli_conf_timeout(&minutes, &e);
	init_shell(p, true, (int64_t)minutes * 60 * 1000);
	terminal = tty_enter(&p->tty, STDIN_FILENO) == 0;
	if (terminal)
		term_readline_init(&p->term);
	greet(p);
	session_run(&p->shell, &p->term.console, minutes);
	tty_leave(&p->tty);
	agent_link_release(&p->agent);
	return 0;
}

/* One command.  A final newline is no part of it. */
static int
run_command(struct program *p, const char *line)
{
	size_t len = strlen(line);
	bool terminal;
	int status;

	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	terminal = tty_enter(&p->tty, STDIN_FILENO) == 0;
	init_shell(p, terminal, 0);
	p->term.console.term.interactive = terminal;
	status = (int)shell_run(&p->shell, line, len);
	tty_leave(&p->tty);
	agent_link_release(&p->agent);
	return status;
}

int
main(int argc, char **argv)
{
	static struct program p;
	struct err e = ERR_INIT;
	bool command = argc == 3 && str_equal(argv[1], "-c");

	sandbox_environment();
	if (argc != 1 && !command) {
		(void)fprintf(stderr, "usage: ucmsh [-c command]\n");
		return SHELL_NOT_UNDERSTOOD;
	}
	crypto_init();
	if (enter(&p, &e) == -1)
		return complain(&e);
	return command ? run_command(&p, argv[2]) : run_session(&p);
}
