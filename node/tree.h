/*
 * The directories of a node: who owns them, and their modes.
 */
#ifndef NODE_TREE_H
#define NODE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct tree_entry {
	const char *path; /* below the node's root */
	const char *owner; /* account */
	const char *group;
	mode_t mode;
};

/* Every directory that exists in advance, parents first. */
extern const struct tree_entry tree_entries[];
extern const size_t tree_entries_n;

/*
 * Make what is missing and give every directory its owner and mode.  What
 * stands directly below the root is made by root and given away; what lies
 * deeper is made by its owner, so root never writes in the directory of
 * another account.
 */
int tree_make(struct err *e);

/*
 * The last step of init and join is the file etc/finished; before, a node is
 * not started.
 */
bool tree_finished(void);
int tree_finish(struct err *e);

/* Is there a node, finished or half made? */
bool tree_exists(void);

/*
 * Remove everything in a directory, and with itself the directory, too.
 * Links are removed, not followed; other file systems are left alone.  One
 * that is missing is no error.
 */
int tree_clear(const char *dir, bool itself, struct err *e);

/* Remove everything below the root, and the root if it is empty then. */
int tree_remove(struct err *e);

#endif
