/*
 * A directory of log files that several processes write.  Whoever holds the
 * directory's lock appends whole lines and may start a new file.
 */
#ifndef BASE_LOGDIR_H
#define BASE_LOGDIR_H

#include <stdint.h>

#include "base/err.h"

/*
 * Open the directory and lock it against the other processes.  The
 * descriptor, or -1; logdir_close() gives the lock back.
 */
int logdir_open(const char *dir, struct err *e);
void logdir_close(int dirfd);

/* Bytes of a file there; 0 if there is none. */
int64_t logdir_size(int dirfd, const char *name);

/*
 * Append a line and its newline to a file there, made with mode 0644 if it
 * is new: all of it or, on failure, nothing.  A symbolic link is refused.
 */
int logdir_append(int dirfd, const char *name, const char *line, struct err *e);

#endif
