#include "shell/help.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/str.h"
#include "shell/match.h"

#define OPTIONS_WORD "options"
#define COLUMNS 80
#define LIST_WORDS 28 /* longer ones have a line of their own in lists */

static char *
detach(struct wbuf *w)
{
	uint8_t *text;
	size_t len;

	wbuf_u8(w, '\0');
	if (wbuf_detach(w, &text, &len) == -1)
		BUG("an unlimited buffer failed");
	return (char *)text;
}

static bool
has_options(const struct command *cmd)
{
	return cmd_option_count(cmd) > 0 || (cmd->flags & CMD_JSON) != 0;
}

char *
help_usage(const struct command *cmd)
{
	struct wbuf w;
	size_t i, n = cmd_param_count(cmd);

	wbuf_init(&w, 0);
	wbuf_printf(&w, "%s", cmd->words);
	for (i = 0; i < n; i++)
		wbuf_printf(&w, cmd->params[i].optional ? " [%s]" : " %s",
		    cmd->params[i].name);
	if (has_options(cmd))
		wbuf_printf(&w, " [%s]", OPTIONS_WORD);
	return detach(&w);
}

/* "reltime unit number" */
static void
put_option(struct wbuf *w, const struct cmd_option *o)
{
	size_t i;

	wbuf_printf(w, "%s", o->word);
	for (i = 0; o->values != NULL && o->values[i].name != NULL; i++)
		wbuf_printf(w, " %s", o->values[i].name);
}

/* "page|[date|size]|json": brackets around those that exclude each other */
static void
put_options(struct wbuf *w, const struct command *cmd)
{
	size_t i, n = cmd_option_count(cmd);
	unsigned group = 0;

	for (i = 0; i < n; i++) {
		unsigned before = group;

		group = cmd->options[i].group;
		if (before != 0 && group != before)
			wbuf_u8(w, ']');
		if (i > 0)
			wbuf_u8(w, '|');
		if (group != 0 && group != before)
			wbuf_u8(w, '[');
		put_option(w, &cmd->options[i]);
	}
	if (group != 0)
		wbuf_u8(w, ']');
	if ((cmd->flags & CMD_JSON) != 0)
		wbuf_printf(w, "%sjson", n > 0 ? "|" : "");
}

/* "certificate unit: tomcat|ipsec" */
static void
put_param(struct wbuf *w, const struct cmd_param *p)
{
	size_t i;

	wbuf_printf(w, "%s", p->help);
	for (i = 0; p->type->values != NULL && p->type->values[i] != NULL; i++)
		wbuf_printf(w, "%s%s", i > 0 ? "|" : ": ", p->type->values[i]);
}

/* The widest name of the command's parameters and options. */
static int
name_width(const struct command *cmd, size_t least)
{
	size_t i, n = cmd_param_count(cmd);

	for (i = 0; i < n; i++) {
		size_t len = strlen(cmd->params[i].name);
		if (len > least)
			least = len;
	}
	return (int)least;
}

char *
help_syntax(const struct command *cmd)
{
	struct wbuf w;
	size_t i, n = cmd_param_count(cmd);
	int width =
	    name_width(cmd, has_options(cmd) ? strlen(OPTIONS_WORD) : 0);
	char *usage = help_usage(cmd);

	wbuf_init(&w, 0);
	wbuf_printf(&w, "Syntax:\n%s\n", usage);
	free(usage);
	for (i = 0; i < n; i++) {
		wbuf_printf(&w, "%-*s   %s   ", width, cmd->params[i].name,
		    cmd->params[i].optional ? "optional " : "mandatory");
		put_param(&w, &cmd->params[i]);
		wbuf_u8(&w, '\n');
	}
	if (has_options(cmd)) {
		wbuf_printf(&w, "%-*s   optional    ", width, OPTIONS_WORD);
		put_options(&w, cmd);
		wbuf_u8(&w, '\n');
	}
	return detach(&w);
}

/* May a line end before text[i]: at a blank, or between alternatives? */
static bool
may_end(const char *text, size_t i)
{
	return text[i] == ' ' || text[i - 1] == '|';
}

/*
 * Print text from column `indent` on, where the cursor stands; its further
 * lines begin there, too.  The line ends that are in it stay.
 */
static void
print_wrapped(struct out *out, int indent, const char *text)
{
	size_t room = (size_t)(COLUMNS - indent);

	for (;;) {
		size_t n = strcspn(text, "\n");
		size_t cut = n;

		if (n > room) {
			for (cut = room; cut > 0 && !may_end(text, cut); cut--)
				;
			if (cut == 0) /* a word longer than the line */
				cut = strcspn(text, " \n");
		}
		out_write(out, text, cut);
		out_puts(out, "\n");
		text += cut;
		if (*text == '\0')
			return;
		text += *text == ' ' || *text == '\n';
		out_printf(out, "%*s", indent, "");
	}
}

/* "NAME   text": name in a column of its width, then text wrapped. */
static void
print_named(struct out *out, int width, const char *name, const char *between,
    const char *text)
{
	out_printf(out, "%-*s%s", width, name, between);
	print_wrapped(out, width + (int)strlen(between), text);
}

static char *
option_text(const struct cmd_option *o)
{
	struct wbuf w;

	wbuf_init(&w, 0);
	put_option(&w, o);
	return detach(&w);
}

static void
print_options(const struct command *cmd, struct out *out)
{
	size_t i, n = cmd_option_count(cmd), width = 0;
	char *text;

	if (!has_options(cmd))
		return;
	if ((cmd->flags & CMD_JSON) != 0)
		width = strlen("json");
	for (i = 0; i < n; i++) {
		text = option_text(&cmd->options[i]);
		if (strlen(text) > width)
			width = strlen(text);
		free(text);
	}
	out_puts(out, "\noptions are:\n");
	for (i = 0; i < n; i++) {
		text = option_text(&cmd->options[i]);
		print_named(out, (int)width, text, " - ", cmd->options[i].help);
		free(text);
	}
	if ((cmd->flags & CMD_JSON) != 0)
		out_printf(out, "%-*s - %s\n", (int)width, "json",
		    "print the result as JSON");
}

static void
print_params(const struct command *cmd, struct out *out)
{
	size_t i, n = cmd_param_count(cmd);
	int width = name_width(cmd, 0);
	struct wbuf w;

	if (n > 0)
		out_puts(out, "\nparameters are:\n");
	for (i = 0; i < n; i++) {
		char *text;

		wbuf_init(&w, 0);
		put_param(&w, &cmd->params[i]);
		if (cmd->params[i].optional)
			wbuf_printf(&w, " (optional)");
		text = detach(&w);
		print_named(out, width, cmd->params[i].name, " - ", text);
		free(text);
	}
}

static void
print_command(const struct command *cmd, struct out *out)
{
	bool old = (cmd->flags & CMD_OLD_HELP) != 0;
	const char *last = strrchr(cmd->words, ' ');

	out_printf(out, "%s help:\n",
	    old && last != NULL ? last + 1 : cmd->words);
	print_wrapped(out, 0, cmd->help);
	if (cmd->more != NULL && !old)
		out_printf(out, "%s\n", cmd->more);
	if (!old)
		print_params(cmd, out);
	print_options(cmd, out);
	if (cmd->more != NULL && old)
		out_printf(out, "\n%s\n", cmd->more);
	if (cmd->example != NULL)
		out_printf(out, "\nExample:\nadmin:%s\n", cmd->example);
}

/* Do the words of the match's path begin those of cmd? */
static bool
below(const struct command *cmd, const struct match *m)
{
	const char *p = cmd->words;
	size_t i;

	for (i = 0; i < m->path.n; i++) {
		size_t len;

		len = strlen(m->path.item[i]);
		if (strncmp(p, m->path.item[i], len) != 0 ||
		    (p[len] != ' ' && p[len] != '\0'))
			return false;
		p += len + (p[len] == ' ');
	}
	return true;
}

static void
print_list(const struct command *const *table, const struct match *m,
    struct out *out)
{
	size_t i, width = 0;

	for (i = 0; table[i] != NULL; i++) {
		size_t len = strlen(table[i]->words);

		if (below(table[i], m) && len <= LIST_WORDS && len > width)
			width = len;
	}
	for (i = 0; table[i] != NULL; i++) {
		const char *words = table[i]->words;

		if (!below(table[i], m))
			continue;
		if (strlen(words) > width) {
			out_printf(out, "    %s\n", words);
			words = "";
		}
		out_puts(out, "    ");
		out_printf(out, "%-*s   ", (int)width, words);
		print_wrapped(out, 4 + (int)width + 3, table[i]->help);
	}
}

int
help_print(const struct command *const *table, struct out *out,
    const char *words, struct err *e)
{
	struct match m;
	int rc = 0;

	if (words == NULL)
		words = "";
	match_line(table, words, strlen(words), &m);
	if (m.cmd != NULL) {
		print_command(m.cmd, out);
	} else if (m.why == MATCH_EMPTY) {
		out_puts(out,
		    "The commands are listed below. \"help COMMAND\" tells more "
		    "of one; Tab and ?\ncomplete and explain while typing; "
		    "words may be abbreviated.\n\n");
		print_list(table, &m, out);
	} else if (m.why == MATCH_INCOMPLETE) {
		print_list(table, &m, out);
	} else {
		rc = err_set(e, ERR_USAGE,
		    "There is no help for \"%s\": no command has these words.",
		    m.bad);
	}
	match_release(&m);
	return rc;
}
