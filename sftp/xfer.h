/*
 * Files to and from a server by SFTP (version 3, with the extensions of
 * OpenSSH where the server has them).  The protocol is spoken here, on a
 * channel of libssh, because libssh 0.10 waits for the answer to each write,
 * cannot be interrupted, and has no rename that replaces.
 *
 * Every step without a sign of the server for as long as the session allows
 * is ERR_TIMEOUT; the session's stop() is ERR_CANCELLED.
 */
#ifndef SFTP_XFER_H
#define SFTP_XFER_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "sftp/session.h"

#define XFER_PATH_MAX 4096
#define XFER_TIDY_MS 10000

struct xfer;

/*
 * Start SFTP on s, which must outlive it.  NULL with ERR_DENIED when the
 * server has none.
 */
struct xfer *xfer_open(struct session *s, struct err *e);

/* Never waits for the server.  NULL-safe. */
void xfer_close(struct xfer *x);

/*
 * base/name, of whose name len bytes count; base may be empty or end in a
 * slash.  -1 with ERR_TOO_BIG.
 */
int xfer_path(char dst[XFER_PATH_MAX], const char *base, const char *name,
    size_t len, struct err *e);

/* Is path a directory?  ERR_NOT_FOUND, ERR_DENIED, ERR_STATE: no directory. */
int xfer_check_directory(struct xfer *x, const char *path, struct err *e);

/*
 * Make the directories below base that lead to base/name, for "a/b/file" a
 * and a/b.  Those that are there are no error.
 */
int xfer_make_directories(struct xfer *x, const char *base, const char *name,
    struct err *e);

/* What is sent, and who watches. */
struct xfer_source {
	/* Up to size bytes; 0 at the end, -1 with e. */
	ssize_t (*read)(void *self, void *buf, size_t size, struct err *e);
	/* Read from the beginning again.  0 or -1 with e. */
	int (*restart)(void *self, struct err *e);
	/* So many bytes are on the server by now; may be NULL. */
	void (*moved)(void *self, uint64_t bytes);
	void *self;
	bool is_private; /* for the account's eyes only: mode 0600 */
	bool sync; /* on the server's disk before it gets its name */
};

/*
 * What a put has come to, also one that failed.  After a failure the members
 * below plain tell what is still to be tidied up on the server, if anything.
 */
struct xfer_result {
	/*
	 * Written under its name at once in the end, because the server does
	 * not let files be renamed.
	 */
	bool plain;
	char temporary[XFER_PATH_MAX]; /* "": there is none */
	char aside[XFER_PATH_MAX]; /* the old file, out of the way; "": none */
	bool partial; /* what has the file's name is not whole */
	bool replaced; /* … and an old file was there before */
};

/*
 * Send a file to path.  It goes to a temporary name in the same directory
 * first.  That replaces an old file in one step where the server can do it
 * (posix-rename@openssh.com); where it cannot, the old file is renamed, the
 * new one gets its name, and the old one is removed, or put back on failure.
 * A server that does not rename at all gets the file once more under its
 * name.  So at every moment there is a whole file under some name.
 *   ERR_NOT_FOUND  a directory is missing     ERR_DENIED    not allowed
 *   ERR_NO_SPACE   the disk is full           ERR_IO        refused otherwise
 *   ERR_TIMEOUT, ERR_UNREACHABLE, ERR_CANCELLED, and what read() says
 * After a failure what was begun is removed if the connection still stands;
 * see xfer_unfinished().
 */
int xfer_put(struct xfer *x, const char *path, const struct xfer_source *src,
    struct xfer_result *r, struct err *e);

/* Did a put leave something to tidy up? */
bool xfer_unfinished(const struct xfer_result *r);

/*
 * Tidy up after a put to path that failed, perhaps over another connection.
 * The work is not called off and takes XFER_TIDY_MS at most.  0 when all is
 * done or nothing was to do; *r says what is left.
 */
int xfer_tidy(struct xfer *x, const char *path, struct xfer_result *r,
    struct err *e);

/* Remove a file; a missing one is no error. */
int xfer_remove(struct xfer *x, const char *path, struct err *e);

/*
 * Fetch a file of at most max bytes.  *data has one NUL more than *len; free
 * it with mem_free_wiped().  ERR_TOO_BIG, and the codes of xfer_put().
 */
int xfer_get(struct xfer *x, const char *path, size_t max, uint8_t **data,
    size_t *len, struct err *e);

#endif
