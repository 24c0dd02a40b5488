/*
 * file check: what became of the node's programs since they were installed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "commands/ctx.h"
#include "commands/file_layout.h"
#include "commands/table.h"

#define KBYTES "100"
#define KBYTES_MAX 1000000

enum column {
	KIND,
	NAME,
	BEFORE,
	NOW,
	COLUMNS
};

/* What rows are printed to. */
struct print {
	struct out *out;
	size_t n;
};

static int
print_row(void *self, const struct strlist *row)
{
	struct print *p = self;
	char before[FILE_LAYOUT_NUMBER_SIZE], now[FILE_LAYOUT_NUMBER_SIZE];
	uint64_t old, new_size;

	if (row->n != COLUMNS ||
	    str_number(row->item[BEFORE], 0, INT64_MAX, &old) == -1 ||
	    str_number(row->item[NOW], 0, INT64_MAX, &new_size) == -1)
		return -1;
	file_layout_number(before, (int64_t)old);
	file_layout_number(now, (int64_t)new_size);
	out_printf(p->out, "%-8s ", row->item[KIND]);
	out_visible(p->out, row->item[NAME], strlen(row->item[NAME]));
	if (str_equal(row->item[KIND], "changed"))
		out_printf(p->out, ": %s bytes, were %s\n", now, before);
	else
		out_puts(p->out, "\n");
	p->n++;
	return 0;
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	const char *const words[] = { "file", "check",
		a->value[0] == NULL ? KBYTES : a->value[0], NULL };
	struct print p = { .out = c->out };
	const struct link_sink sink = { .row = print_row, .self = &p };
	struct link_request rq;
	char *checked = NULL;
	int rc;

	cmd_request(&rq, words);
	rc = c->agent->call(c->agent->self, &rq, &sink, &checked, e);
	cmd_request_release(&rq);
	if (rc == 0)
		out_printf(c->out, "files: checked = %s, different = %zu\n",
		    checked, p.n);
	free(checked);
	return rc;
}

static int
check_kbytes(const char *text, struct err *e)
{
	uint64_t n;

	if (str_number(text, 0, KBYTES_MAX, &n) == 0)
		return 0;
	return err_set(e, ERR_USAGE,
	    "detection-size-kb is a number from 0 to %d.", KBYTES_MAX);
}

static const struct cmd_type arg_kbytes = { .check = check_kbytes };

static const struct cmd_param params[] = {
	{ .name = "detection-size-kb",
	    .type = &arg_kbytes,
	    .optional = true,
	    .help = "the least change of size that is told, in Kbytes; " KBYTES
		    " if not given" },
	{ .name = NULL },
};

const struct command cmd_file_check = {
	.words = "file check",
	.help = "This will check which programs of the node were added, "
		"removed or changed in size.",
	.more = "They are compared with those that were there when this "
		"version was started for\nthe first time.",
	.example = "file check 0",
	.params = params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run,
};
