/*
 * run sql: the agent runs the statement with the rights of the level.
 */
#include <stdlib.h>
#include <string.h>

#include "commands/args.h"
#include "commands/ctx.h"
#include "commands/sql_table.h"
#include "commands/table.h"

/* What comes back, kept until all of it is here. */
struct answer {
	struct sql_table table;
	struct link_sink notes; /* remarks, such as nodes that lag */
};

static int
take_row(void *self, const struct strlist *row)
{
	struct answer *a = self;

	sql_table_add(&a->table, row);
	return 0;
}

static int
take_note(void *self, const char *text, size_t n)
{
	struct answer *a = self;

	return a->notes.text(a->notes.self, text, n);
}

/* A backslash at the end of a line continues it: both are one blank. */
static char *
join_lines(const char *sql)
{
	char *s = mem_strdup(sql), *p = s;

	while ((p = strstr(p, "\\\n")) != NULL) {
		p[0] = ' ';
		p[1] = ' ';
	}
	return s;
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const char *const words[] = { "sql", NULL };
	char *sql = join_lines(a->value[0]), *message = NULL;
	struct out *notes = out_new_mem(OUT_TEXT);
	struct answer answer = { .table = { .row = NULL } };
	struct link_sink sink = {
		.row = take_row,
		.text = take_note,
		.self = &answer,
	};
	struct link_request rq;
	int rc;

	cmd_text_sink(&answer.notes, notes);
	cmd_request(&rq, words);
	rq.payload = sql;
	rq.payload_len = strlen(sql);
	rc = c->agent->call(c->agent->self, &rq, &sink, &message, e);
	if (rc == 0) {
		sql_table_print(&answer.table, c->out);
		if (message != NULL && message[0] != '\0')
			out_printf(c->out, "%s\n", message);
		out_puts(c->out, out_text(notes));
	}
	cmd_request_release(&rq);
	sql_table_release(&answer.table);
	out_free(notes);
	free(message);
	free(sql);
	return rc;
}

static const struct cmd_param params[] = {
	{ .name = "statement",
	    .type = &arg_sql,
	    .help = "one SQL statement; a backslash at the end of a line "
		    "continues it" },
	{ .name = NULL },
};

const struct command cmd_run_sql = {
	.words = "run sql",
	.help = "This will run one SQL statement on the cluster's database.",
	.example = "run sql select name,description from processnode",
	.params = params,
	.level = CMD_LEVEL_ORDINARY,
	.run = run,
};
