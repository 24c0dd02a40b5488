/*
 * etc/accounts, the account table: lines "NAME LEVEL".  The agent and the
 * shell look up the name of a user id in it; only root writes it.
 */
#ifndef NODE_ACCOUNT_H
#define NODE_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/err.h"

#define ACCOUNT_NAME_SIZE 33 /* 32 characters, as Linux has it */
#define ACCOUNT_MAX 256
#define ACCOUNT_LEVEL_TOP 4 /* the account made at installation */

struct account {
	char name[ACCOUNT_NAME_SIZE];
	int level; /* 0, 1 or 4 */
};

struct account_table {
	struct account item[ACCOUNT_MAX];
	size_t n;
};

/* Lower-case letter or '_', then those, digits and '-'; at most 32. */
bool account_valid_name(const char *name);

/* True for 0, 1 and 4. */
bool account_valid_level(int level);

/* Read a text.  -1 with line and rule in e. */
int account_parse(struct account_table *t, const char *text, struct err *e);

/* The text for a table. */
void account_format(const struct account_table *t, struct wbuf *w);

/* Lent; NULL: not in the table. */
const struct account *account_find(const struct account_table *t,
    const char *name);

/*
 * Add an account or set its level.  Refused: an unfit name or level, taking
 * away the last account of level 4, a full table.
 */
int account_set(struct account_table *t, const char *name, int level,
    struct err *e);

/* ERR_NOT_FOUND; ERR_STATE for the last account of level 4. */
int account_drop(struct account_table *t, const char *name, struct err *e);

/* etc/accounts of this node; a missing file is an empty table. */
int account_load(struct account_table *t, struct err *e);
int account_save(const struct account_table *t, struct err *e);

#endif
