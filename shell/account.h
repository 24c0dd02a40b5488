/*
 * Whose session this is: the name of the real user id, and its privilege
 * level from etc/accounts (lines "NAME LEVEL").  The agent looks both up
 * again for every request; what stands here only saves useless questions.
 */
#ifndef SHELL_ACCOUNT_H
#define SHELL_ACCOUNT_H

#include <sys/types.h>

#include "base/err.h"

#define ACCOUNT_NAME_SIZE 64

struct account {
	char name[ACCOUNT_NAME_SIZE];
	int level; /* CMD_LEVEL_…; CMD_LEVEL_NONE is never returned as 0 */
};

/*
 * 0, or -1 with the sentence for the user: no name for the uid, no line for
 * the name (ERR_DENIED), no readable table.  uid 0 has the highest level.
 */
int account_of(uid_t uid, struct account *a, struct err *e);

/* The level of name in the text of a table; CMD_LEVEL_NONE: no such line. */
int account_level(const char *table, const char *name);

#endif
