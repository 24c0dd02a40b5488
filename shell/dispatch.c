#include "shell/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "shell/help.h"
#include "shell/lex.h"
#include "shell/match.h"
#include "shell/pager.h"

#define TRAILER "Executed command unsuccessfully\n"
#define NOT_VALID "No valid command entered\n"
#define LISTED_MAX 600 /* bytes of a list of words in a message */
#define SHOWN_MAX 256 /* bytes of a refused line in the audit */

/* The commands' way to the help texts. */
static int
print_help(void *self, struct out *out, const char *words, struct err *e)
{
	struct shell *s = self;

	return help_print(s->table, out, words, e);
}

static void
print_error(struct out *out, const struct err *e)
{
	if (e->msg[0] != '\0')
		out_printf(out, "%s\n", e->msg);
	if (e->hint[0] != '\0')
		out_printf(out, "%s\n", e->hint);
	out_puts(out, TRAILER);
}

/* "cert*, cli*, itl" without the marks; cut when there are very many. */
static void
print_words(struct out *out, const struct strlist *l)
{
	size_t i, sum = 0;

	for (i = 0; i < l->n && sum < LISTED_MAX; i++) {
		size_t len;

		len = strcspn(l->item[i], "*");
		out_printf(out, "%s%.*s", i > 0 ? ", " : "", (int)len,
		    l->item[i]);
		sum += len;
	}
	out_puts(out, ".\n");
}

/* The words that would have been right where the bad one stands. */
static void
print_choices(const struct shell *s, struct out *out, const struct match *m)
{
	struct match at;
	char *line = mem_strdup("");
	char *longer;
	size_t i;

	for (i = 0; i < m->path.n; i++) {
		longer = mem_printf("%s%s ", line, m->path.item[i]);
		free(line);
		line = longer;
	}
	if (m->why == MATCH_AMBIGUOUS) {
		longer = mem_printf("%s%s", line, m->bad);
		free(line);
		line = longer;
	}
	match_line(s->table, line, strlen(line), &at);
	print_words(out, m->why == MATCH_AMBIGUOUS ? &at.here : &at.next);
	match_release(&at);
	free(line);
}

/* Why the line is no command.  Returns the status. */
static enum shell_status
explain(const struct shell *s, struct out *out, const struct match *m)
{
	char *usage = m->cmd == NULL ? NULL : help_usage(m->cmd);

	switch (m->why) {
	case MATCH_OK:
	case MATCH_EMPTY:
		break;
	case MATCH_INCOMPLETE:
		out_puts(out, "The command is not complete. What may follow: ");
		print_choices(s, out, m);
		break;
	case MATCH_UNKNOWN:
		out_printf(out,
		    "\"%s\" is not known here. Known words: ", m->bad);
		print_choices(s, out, m);
		break;
	case MATCH_AMBIGUOUS:
		out_printf(out, "\"%s\" is ambiguous. It may be: ", m->bad);
		print_choices(s, out, m);
		break;
	case MATCH_MISSING:
		if (m->e.msg[0] != '\0')
			out_printf(out, "%s\n", m->e.msg);
		else
			out_printf(out, "A parameter is missing. Syntax: %s\n",
			    usage);
		break;
	case MATCH_EXTRA:
		out_printf(out, "\"%s\" is not expected. Syntax: %s\n", m->bad,
		    usage);
		break;
	case MATCH_VALUE:
		out_printf(out, "%s\n", m->e.msg);
		break;
	}
	out_puts(out, TRAILER);
	if (m->cmd == NULL)
		out_puts(out, NOT_VALID);
	free(usage);
	/* A wrong value was understood. */
	return m->why == MATCH_VALUE ? SHELL_FAILED : SHELL_NOT_UNDERSTOOD;
}

/* Whether this account may run the command on this node. */
static int
permitted(const struct shell *s, const struct command *cmd, struct err *e)
{
	if (s->ctx.level < (int)cmd->level)
		return err_set(e, ERR_DENIED,
		    "This command needs privilege level %d; the account %s "
		    "has level %d.",
		    (int)cmd->level, s->ctx.account, s->ctx.level);
	if ((cmd->flags & CMD_PUBLISHER) == 0)
		return 0;
	if (s->ctx.conf == NULL)
		return err_set(e, ERR_STATE,
		    "etc/node.conf cannot be read, so this node's role is not "
		    "known.");
	if (!cmd_on_publisher(&s->ctx))
		return err_set(e, ERR_DENIED, "This is not a Publisher Node.");
	return 0;
}

static void
print_cancelled(struct out *out, const struct command *cmd, bool handed)
{
	if (handed && cmd->farewell != NULL)
		out_printf(out, "%s\n", cmd->farewell);
	out_puts(out, "Control-C pressed\n");
}

/* Notes whether a request was on its way when Ctrl-C came. */
struct handover {
	const struct cmd_agent *agent;
	bool cancelled;
};

static int
call(void *self, const struct link_request *rq, const struct link_sink *sink,
    char **message, struct err *e)
{
	struct handover *h = self;
	int rc = h->agent->call(h->agent->self, rq, sink, message, e);

	if (rc == -1 && e->code == ERR_CANCELLED)
		h->cancelled = true;
	return rc;
}

/*
 * Run a command that may run, with output o in the form it asks for; pager is
 * what o prints through, NULL: nothing.  What the shell itself has to say
 * goes round a pager that was left.
 */
static enum shell_status
run(struct shell *s, const struct match *m, struct out *o,
    const struct pager *pager)
{
	struct handover h = { .agent = s->ctx.agent };
	struct cmd_agent agent = { .call = call, .self = &h };
	struct err e = ERR_INIT;
	enum shell_status status = SHELL_FAILED;
	struct cmd_ctx ctx = s->ctx;
	struct out *text = o;
	bool interrupted;
	int rc;

	ctx.out = o;
	ctx.agent = &agent;
	ctx.session = &s->session;
	ctx.interrupted = s->hooks->interrupted;
	ctx.interrupted_self = s->hooks->self;
	ctx.help = print_help;
	ctx.help_self = s;
	rc = m->cmd->run(&ctx, &m->args, &e);
	interrupted = s->hooks->interrupted(s->hooks->self);
	if (rc == 0 && !interrupted)
		(void)out_finish(o);
	interrupted = interrupted || (pager != NULL && pager->interrupted);
	if (out_json(o) || (pager != NULL && pager->stopped))
		text = out_new_fd(s->out_fd, OUT_TEXT);
	if (rc == 0 && !interrupted) {
		status = SHELL_DONE;
	} else if (rc == 0 || e.code == ERR_CANCELLED) {
		print_cancelled(text, m->cmd, h.cancelled);
	} else {
		print_error(text, &e);
	}
	s->hooks->clear(s->hooks->self);
	if (text != o)
		out_free(text);
	return status;
}

static enum shell_status
run_command(struct shell *s, const struct match *m)
{
	enum out_form form = m->args.json ? OUT_JSON : OUT_TEXT;
	bool paged = s->ctx.term->interactive &&
	    ((s->session.pagination && (m->cmd->flags & CMD_OWN_PAGER) == 0) ||
		((m->cmd->flags & CMD_PAGE) != 0 && m->args.option[0]));
	enum shell_status status;
	struct pager pager;
	struct out *o;

	if (paged) {
		pager_init(&pager, s->ctx.term, s->out_fd);
		o = pager_out(&pager, form);
	} else {
		o = out_new_fd(s->out_fd, form);
	}
	status = run(s, m, o, paged ? &pager : NULL);
	out_free(o);
	return status;
}

static enum shell_status
run_match(struct shell *s, const struct match *m)
{
	struct err e = ERR_INIT;
	enum shell_status status = SHELL_FAILED;
	struct out *o;

	if (m->why == MATCH_OK && permitted(s, m->cmd, &e) == 0)
		return run_command(s, m);
	o = out_new_fd(s->out_fd, OUT_TEXT);
	if (m->why == MATCH_OK)
		print_error(o, &e);
	else
		status = explain(s, o, m);
	out_free(o);
	return status;
}

/* The line as it goes into the audit: the command's words in full. */
static char *
audit_line(const struct match *m, const char *line, size_t len)
{
	struct lex lex;
	char *text, *longer;
	size_t i;

	lex_split(&lex, line, len);
	text = mem_strdup("");
	for (i = 0; m->cmd != NULL && i < m->path.n; i++) {
		longer = mem_printf("%s%s%s", text, i > 0 ? " " : "",
		    m->path.item[i]);
		free(text);
		text = longer;
	}
	if (i < lex.n) {
		size_t end;

		end = lex.word[lex.n - 1].off + lex.word[lex.n - 1].len;
		longer = mem_printf("%s%s%.*s", text, i > 0 ? " " : "",
		    (int)(end - lex.word[i].off), line + lex.word[i].off);
		free(text);
		text = longer;
	}
	lex_release(&lex);
	return text;
}

enum shell_status
shell_refuse(struct shell *s, const char *shown, const struct err *e)
{
	struct out *o = out_new_fd(s->out_fd, OUT_TEXT);

	s->session.commands++;
	s->hooks->begin(s->hooks->self, shown);
	print_error(o, e);
	out_puts(o, NOT_VALID);
	out_free(o);
	s->hooks->end(s->hooks->self, shown, SHELL_NOT_UNDERSTOOD);
	return SHELL_NOT_UNDERSTOOD;
}

/* A line of bytes that are no text, or of too many. */
static enum shell_status
refuse_bytes(struct shell *s, const char *line, size_t len, const struct err *e)
{
	/* The audit makes it visible. */
	char *shown = mem_strndup(line, len < SHOWN_MAX ? len : SHOWN_MAX);
	enum shell_status status = shell_refuse(s, shown, e);

	free(shown);
	return status;
}

enum shell_status
shell_run(struct shell *s, const char *line, size_t len)
{
	struct err e = ERR_INIT;
	enum shell_status status;
	struct match m;
	char *audited;

	if (lex_check(line, len, &e) == -1)
		return refuse_bytes(s, line, len, &e);
	match_line(s->table, line, len, &m);
	if (m.why == MATCH_EMPTY) {
		match_release(&m);
		return SHELL_DONE;
	}
	s->session.commands++;
	audited = audit_line(&m, line, len);
	s->hooks->clear(s->hooks->self);
	s->hooks->begin(s->hooks->self, audited);
	status = run_match(s, &m);
	s->hooks->end(s->hooks->self, audited, (int)status);
	free(audited);
	match_release(&m);
	return status;
}
