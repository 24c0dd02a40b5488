#include "commands/sql_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cluster/agent_msg.h"

#define WIDTH_MAX 32768 /* of a rule; wider cells stand as they are */

void
sql_table_add(struct sql_table *t, const struct strlist *row)
{
	struct strlist *to;
	size_t i;

	if ((t->n & (t->n - 1)) == 0)
		t->row = mem_resize(t->row, t->n == 0 ? 1 : t->n * 2,
		    sizeof(*t->row));
	if (t->n == 0)
		t->columns = row->n;
	to = &t->row[t->n++];
	memset(to, 0, sizeof(*to));
	for (i = 0; i < t->columns; i++) {
		const char *cell;
		char *shown;

		cell = i < row->n ? row->item[i] : "";
		if (str_equal(cell, AGENT_NULL))
			cell = "NULL";
		shown = str_visible_dup(cell, strlen(cell));
		strlist_add(to, shown);
		free(shown);
	}
}

/* Characters of UTF-8 text. */
static size_t
width(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* One cell, filled up to w unless it is the last. */
static void
print_cell(struct out *out, const char *s, size_t w, bool last)
{
	size_t have = width(s);

	out_puts(out, s);
	if (last)
		out_puts(out, "\n");
	else
		out_printf(out, "%*s", (int)(w > have ? w - have : 0) + 1, "");
}

void
sql_table_print(const struct sql_table *t, struct out *out)
{
	size_t *wide, i, k;
	char *rule;

	if (t->n == 0)
		return;
	wide = mem_array(t->columns + 1, sizeof(*wide));
	for (i = 0; i < t->n; i++) {
		for (k = 0; k < t->columns; k++) {
			if (width(t->row[i].item[k]) > wide[k])
				wide[k] = width(t->row[i].item[k]);
			if (wide[k] > WIDTH_MAX)
				wide[k] = WIDTH_MAX;
		}
	}
	for (i = 0; i < t->n; i++) {
		for (k = 0; k < t->columns; k++)
			print_cell(out, t->row[i].item[k], wide[k],
			    k + 1 == t->columns);
		for (k = 0; i == 0 && k < t->columns; k++) {
			rule = mem_alloc(wide[k] + 1);
			memset(rule, '=', wide[k]);
			print_cell(out, rule, wide[k], k + 1 == t->columns);
			free(rule);
		}
	}
	free(wide);
}

void
sql_table_release(struct sql_table *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		strlist_release(&t->row[i]);
	free(t->row);
	memset(t, 0, sizeof(*t));
}
