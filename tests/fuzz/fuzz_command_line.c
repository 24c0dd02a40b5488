/*
 * Any line: what it is taken for, and what Tab, `?` and help make of it.
 * Nothing is run.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/out.h"
#include "commands/table.h"
#include "shell/complete.h"
#include "shell/help.h"
#include "shell/lex.h"
#include "shell/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_text(const char *s)
{
	struct err e = ERR_INIT;

	if (strlen(s) <= LEX_LINE_MAX && lex_check(s, strlen(s), &e) == -1)
		BUG("text that is none: %s", e.msg);
}

static void
check_match(const char *line, size_t len)
{
	struct match m;
	size_t i, n;

	match_line(cmd_table, line, len, &m);
	if (m.why == MATCH_OK && m.cmd == NULL)
		BUG("no command");
	if (m.stem > len)
		BUG("stem %zu of %zu", m.stem, len);
	n = m.why == MATCH_OK ? cmd_param_count(m.cmd) : 0;
	for (i = 0; i < n; i++) {
		if (m.args.value[i] == NULL && !m.cmd->params[i].optional)
			BUG("%s: parameter %zu", m.cmd->words, i);
	}
	if (m.bad != NULL)
		check_text(m.bad);
	match_release(&m);
}

/* What Tab puts in must leave a line that is no worse than before. */
static void
check_tab(const char *line, size_t len)
{
	struct completion c;
	struct match m;

	complete_tab(cmd_table, line, len, &c);
	check_text(c.text);
	if (c.insert[0] != '\0') {
		char *whole;

		whole = mem_printf("%.*s%s", (int)len, line, c.insert);
		match_line(cmd_table, whole, strlen(whole), &m);
		if (m.why == MATCH_UNKNOWN || m.why == MATCH_EXTRA)
			BUG("Tab made \"%s\"", whole);
		match_release(&m);
		free(whole);
	}
	completion_release(&c);
}

static void
check_help(const char *line)
{
	struct out *out = out_new_mem(OUT_TEXT);
	struct completion c;
	struct err e = ERR_INIT;

	complete_question(cmd_table, line, strlen(line), &c);
	check_text(c.text);
	completion_release(&c);
	if (help_print(cmd_table, out, line, &e) == -1)
		check_text(e.msg);
	out_free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct err e = ERR_INIT;
	char *line;

	check_match((const char *)data, len);
	if (lex_check((const char *)data, len, &e) == -1)
		return 0;
	line = mem_strndup((const char *)data, len);
	check_tab(line, len);
	check_help(line);
	free(line);
	return 0;
}
