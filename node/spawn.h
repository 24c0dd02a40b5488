/*
 * Child processes: fixed programs by absolute path, a fixed environment,
 * nothing inherited but what is said here, never a shell.
 */
#ifndef NODE_SPAWN_H
#define NODE_SPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

#define SPAWN_INPUT_MAX 4096 /* bytes for standard input */
#define SPAWN_OUTPUT_SIZE 8192 /* kept of what the program prints, and NUL */
#define SPAWN_DEFAULT_MS 60000

struct spawn {
	const char *const *argv; /* argv[0]: absolute path; NULL at the end */
	const void *input; /* for standard input; NULL: /dev/null */
	size_t input_len; /* at most SPAWN_INPUT_MAX */
	int64_t timeout_ms; /* 0: SPAWN_DEFAULT_MS; then the child is killed */
};

/*
 * Run it to its end.  0 when it ended with status 0.  Otherwise -1 with the
 * program's name and the last line it printed, made visible, in e:
 * ERR_NOT_FOUND (no such program), ERR_TIMEOUT, ERR_STATE (it failed).
 * output (NULL: not wanted) gets the beginning of what it printed on both
 * descriptors, terminated.
 */
int spawn_run(const struct spawn *s, char output[SPAWN_OUTPUT_SIZE],
    struct err *e);

/*
 * Start a program in a session of its own, standard input from /dev/null
 * and output to /dev/null, and return at once.  The process id, or -1.
 */
pid_t spawn_detached(const char *const *argv, struct err *e);

#endif
