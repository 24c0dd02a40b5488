/*
 * A directory of log files that several processes write.  Whoever holds the
 * directory's lock appends whole lines and may start a new file.
 *
 * The lock is one on the file .lock there, mode 0600: whoever may read a file
 * or a directory may lock it, and these directories everybody may read.
 */
#ifndef BASE_LOGDIR_H
#define BASE_LOGDIR_H

#include <stdint.h>

#include "base/err.h"

struct logdir {
	int fd; /* of the directory */
	int lock;
};

/*
 * Open the directory and lock it against the other processes.  0 or -1;
 * logdir_close() gives the lock back.
 */
int logdir_open(struct logdir *d, const char *dir, struct err *e);
void logdir_close(const struct logdir *d);

/* Bytes of a file there; 0 if there is none. */
int64_t logdir_size(const struct logdir *d, const char *name);

/*
 * Append a line and its newline to a file there, made with mode 0644 if it
 * is new: all of it or, on failure, nothing.  A symbolic link is refused.
 */
int logdir_append(const struct logdir *d, const char *name, const char *line,
    struct err *e);

#endif
