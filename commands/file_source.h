/*
 * Files on their way out of the node: what `file get` has gathered, as the
 * transfer sees it (commands/sftp_dialogue.h).  They are opened one at a
 * time, when their turn comes.
 */
#ifndef COMMANDS_FILE_SOURCE_H
#define COMMANDS_FILE_SOURCE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* One of them. */
struct file_source {
	/*
	 * Of the copy, relative to the download directory: may have
	 * directories in front when sub-directories are traversed.  No empty
	 * part, no "." and no ".." is in it.
	 */
	const char *name;
	const char *shown; /* "/usr/local/cm/tftp/ITLRecovery.p12" */
	int64_t size; /* when it was gathered; -1: not known (an archive) */
	bool recovery_key; /* the copy must be proven, then reported */
};

/* All of them; the batch is the gatherer's. */
struct file_batch {
	size_t n;
	/* Describe number i into *s; its texts are lent to the next call. */
	void (*describe)(void *self, size_t i, struct file_source *s);
	/*
	 * Open number i at its beginning.  At most one is open; it may be
	 * opened again after close().  0, or -1 for one that cannot be read
	 * or is not there any more: when it is one of several and no recovery
	 * key, the others go without it, and the gatherer tells of it.
	 */
	int (*open)(void *self, size_t i, struct err *e);
	/* Up to size bytes of it; 0 at its end, -1 with e. */
	ssize_t (*read)(void *self, void *buf, size_t size, struct err *e);
	/* Close what is open, if anything is. */
	void (*close)(void *self);
	void *self;
};

#endif
