/*
 * Running a command of ucm-node inside a test program.
 */
#ifndef FAKES_NODE_CALL_H
#define FAKES_NODE_CALL_H

#include <stddef.h>

#include "base/err.h"

/*
 * Run "ucm-node LINE": words at single blanks.  What it returns; *status
 * (NULL: not wanted) gets its exit status.  Output goes where the program's
 * goes.
 */
int node_call_line(const char *line, int *status, struct err *e);

/* It fails with this code and this message. */
void node_call_refused(const char *line, enum err_code code,
    const char *message);

/*
 * The same with standard output into text of size bytes, which is cut.
 */
int node_call_output(const char *line, char *text, size_t size, struct err *e);

/*
 * cmocka's setup and teardown for a host on which no node is finished: *state
 * is the root, which has etc/ and nothing else.
 */
int node_call_host(void **state);
int node_call_host_end(void **state);

/* An etc/node.conf there: making publisher "pub" was interrupted. */
void node_call_begun(void);

#endif
