/*
 * A result of `run sql` as a table: names, a rule of "=" per column, rows;
 * each column as wide as its widest cell.
 */
#ifndef COMMANDS_SQL_TABLE_H
#define COMMANDS_SQL_TABLE_H

#include <stddef.h>

#include "base/out.h"
#include "base/str.h"

struct sql_table {
	struct strlist *row; /* owned; row[0] holds the names */
	size_t n;
	size_t columns;
};

/*
 * Append a row as it came (AGENT_NULL cells are NULL).  Rows of another
 * length than the first are cut or filled with empty cells.
 */
void sql_table_add(struct sql_table *t, const struct strlist *row);

/* Print; nothing when there is no row at all. */
void sql_table_print(const struct sql_table *t, struct out *out);

void sql_table_release(struct sql_table *t);

#endif
