/*
 * Work in the directories of another user, as that user.  ucm-node runs as
 * root and touches root-owned paths only; what belongs into certs/ (ucm) or
 * db/ (postgres) is written by a forked child that has become that user for
 * good.
 */
#ifndef NODE_ASUSER_H
#define NODE_ASUSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/err.h"

#define ASUSER_REPLY_MAX 1048576 /* bytes */

struct asuser_task {
	const char *user; /* name of a system account */

	/*
	 * Shared memory that is its own and ends with it: what programs keep
	 * in /dev/shm and in System V segments cannot be left behind.  Where
	 * the host does not allow that, it is the host's after all.
	 */
	bool own_memory;

	/*
	 * Runs in the child: 0 with the answer in reply, or -1 with e, both
	 * of which the parent gets.  Nothing else the child changes in memory
	 * is seen by the parent.
	 */
	int (*run)(void *arg, struct wbuf *reply, struct err *e);
	void *arg;
};

/* A child at work.  { 0, -1 } when there is none. */
struct asuser_child {
	pid_t pid;
	int fd;
};

/*
 * Start the task and go on.  The program must have one thread.  0, or -1:
 * ERR_NOT_FOUND for an unknown account.  Every child that was started must
 * be waited for.
 */
int asuser_start(struct asuser_child *c, const struct asuser_task *t,
    struct err *e);

/*
 * Wait for the end of the task.  Its result and error; with 0 *reply (NULL:
 * not wanted) gets its answer, freed by the caller with mem_free_wiped().
 */
int asuser_wait(struct asuser_child *c, uint8_t **reply, size_t *len,
    struct err *e);

/* Both in one. */
int asuser_run(const struct asuser_task *t, uint8_t **reply, size_t *len,
    struct err *e);

#endif
