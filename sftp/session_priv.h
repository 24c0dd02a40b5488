/*
 * The inside of a session, for sftp/ alone.  The libssh session is always
 * non-blocking: each call that says "again" is followed by session_wait().
 */
#ifndef SFTP_SESSION_PRIV_H
#define SFTP_SESSION_PRIV_H

#include <sys/types.h>

#include <stdbool.h>

#include <libssh/libssh.h>

#include "sftp/session.h"

#define SESSION_NAME_SIZE 256

struct session {
	ssh_session ssh;
	int fd; /* handed to libssh; -1 before */
	dev_t device; /* what fd names, see session_close() */
	ino_t inode;
	char name[SESSION_NAME_SIZE]; /* visible text, for messages */
	bool (*stop)(void *self); /* NULL: nobody calls the work off */
	void *stop_self;
	int64_t step_ms; /* longest silence in a transfer; 0: no transfers */
};

/* An empty session called name; session_close() frees it.  NULL with e. */
struct session *session_new(const char *name, struct err *e);

/* Options that keep the account and the machine out of it. */
int session_set_options(struct session *s, struct err *e);

/*
 * Take the connection fd, which is the session's from here on, and exchange
 * keys.  The server has not been proven then.
 */
int session_start(struct session *s, int fd, int64_t deadline_ticks,
    struct err *e);

/*
 * Wait until the connection can go on.  deadline_ticks 0: none.  -1 with
 * ERR_TIMEOUT, ERR_IO, or ERR_CANCELLED when stop() says so.  Returns after a
 * quarter of a second in any case, since libssh may hold bytes that poll()
 * cannot see; the caller tries again. Also asks the kernel to acknowledge at
 * once: OpenSSH sends a small message after authentication and holds the next
 * one back until that one has been acknowledged, 40 ms later otherwise.
 */
int session_wait(struct session *s, int64_t deadline_ticks, struct err *e);

/*
 * "what: libssh's own words" with ERR_UNREACHABLE when the connection has
 * gone, else with code.  Always -1.
 */
int session_fail(struct session *s, enum err_code code, struct err *e,
    const char *what);

#endif
