/*
 * The commands of ucm-node.
 *
 * How to add a command:
 *   1. node/NAME.c with its "const struct node_command node_NAME";
 *   2. node/command_table.c: declare it and put it into node_commands;
 *   3. doc/ucm-node.8: a paragraph;
 *   4. tests/unit/node/test_NAME.c.
 */
#ifndef NODE_COMMAND_H
#define NODE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Exit statuses. */
#define NODE_OK 0
#define NODE_FAILED 1
#define NODE_USAGE 2
#define NODE_NOT_RUNNING 3 /* status: stopped, or not all of it runs */

struct node_call {
	int argc; /* argv[0] is the command's name */
	char **argv;
	int status; /* of a command that succeeds; NODE_OK at first */
};

struct node_command {
	const char *name;
	const char *usage; /* what follows the name */
	const char *help; /* one line */
	bool root; /* refused to everybody else */
	bool hidden; /* run by sshd, not by people */
	int (*run)(struct node_call *c, struct err *e);
};

/* In the order of the help, node_commands_n of them. */
extern const struct node_command *const node_commands[];
extern const size_t node_commands_n;

/* NULL: there is none. */
const struct node_command *node_command_find(const char *name);

/*
 * Let no other ucm-node change this node until the descriptor is closed or
 * the process has ended; waits some seconds for one that is about to end.
 * The descriptor, or -1 with ERR_STATE.
 */
int node_lock(struct err *e);

/* With the lock held: there is no node any more, and no file for it. */
void node_lock_remove(void);

/* One line of progress on standard output. */
void node_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
