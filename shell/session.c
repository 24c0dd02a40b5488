#include "shell/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "shell/lex.h"
#include "shell/match.h"

#define CONTINUATION_PROMPT "> "

/* Does the line end in a backslash that continues its command? */
static bool
continues(const struct shell *s, const char *line)
{
	struct match m;
	bool yes = false;

	if (!str_ends(line, "\\"))
		return false;
	match_line(s->table, line, strlen(line), &m);
	if (m.cmd != NULL) {
		const struct cmd_param *params;
		size_t n;

		params = m.cmd->params;
		n = cmd_param_count(m.cmd);
		yes = n > 0 && params[n - 1].type->continues;
	}
	match_release(&m);
	return yes;
}

/* One command, with its continuation lines: "first \\\nsecond". */
static enum edit_event
read_command(const struct shell *s, const struct console *c, char **line)
{
	enum edit_event event;
	char *more, *whole;

	event = c->command(c->self, CONSOLE_PROMPT, line);
	while (event == EDIT_LINE && continues(s, *line)) {
		event = c->command(c->self, CONTINUATION_PROMPT, &more);
		if (event != EDIT_LINE) {
			free(*line);
			*line = NULL;
			break;
		}
		whole = mem_printf("%s\n%s", *line, more);
		free(*line);
		free(more);
		*line = whole;
		if (strlen(whole) > LEX_LINE_MAX)
			break; /* refused by the dispatcher */
	}
	return event;
}

static void
say(const struct shell *s, const char *text)
{
	edit_write(s->out_fd, text, strlen(text));
}

static void
say_idle(const struct shell *s, unsigned minutes)
{
	char text[96];

	(void)str_printf(text, sizeof(text),
	    "The session was closed after %u minutes without input.\n",
	    minutes);
	say(s, text);
}

/* One line.  False when the session is over. */
static bool
step(struct shell *s, const struct console *c, unsigned idle_minutes)
{
	struct err e = ERR_INIT;
	char *line = NULL;

	switch (read_command(s, c, &line)) {
	case EDIT_LINE:
		(void)shell_run(s, line, strlen(line));
		free(line);
		if (s->session.leave)
			say(s, "\n");
		return !s->session.leave;
	case EDIT_TOO_LONG:
		(void)lex_too_long(&e);
		(void)shell_refuse(s, "(a line that is too long)", &e);
		return true;
	case EDIT_INTERRUPT:
		return true;
	case EDIT_END:
		say(s, "\n");
		return false;
	case EDIT_IDLE:
		say_idle(s, idle_minutes);
		return false;
	case EDIT_HANGUP:
		break;
	}
	return false;
}

void
session_run(struct shell *s, const struct console *c, unsigned idle_minutes)
{
	bool more = true;

	while (more)
		more = step(s, c, idle_minutes);
}
