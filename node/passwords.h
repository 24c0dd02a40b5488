/*
 * Where ucm-node gets passwords from: a file, a descriptor, or the terminal
 * without echo.  Never from its arguments or its environment.
 */
#ifndef NODE_PASSWORDS_H
#define NODE_PASSWORDS_H

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

#define PASSWORD_LENGTH_MIN 6
#define PASSWORD_LENGTH_MAX 127

/* Which passwords a command may need. */
enum password_kind {
	PASSWORD_ADMIN, /* "admin": of the first administrator */
	PASSWORD_CCM, /* "ccm": of the CCM administrator */
	PASSWORD_SECURITY, /* "security": the cluster security password */
	PASSWORD_KINDS /* how many */
};

struct passwords {
	struct secret of[PASSWORD_KINDS]; /* text NULL: not given */
};

/* Wipe and free.  NULL-safe. */
void passwords_release(struct passwords *p);

/*
 * Take lines "admin = …", "ccm = …", "security = …" out of a text; blanks
 * around the equals sign do not count, everything behind it does.  Empty
 * lines and lines that begin with '#' are skipped.  -1 with the line in e
 * for anything else, a kind given twice, or an unfit password.
 */
int passwords_parse(struct passwords *p, const char *text, struct err *e);

/*
 * The same from a file ("-": standard input).  A file that others than its
 * owner may read is refused.
 */
int passwords_load(struct passwords *p, const char *path, struct err *e);

/*
 * One password, the first line of a descriptor.  For programs that set one
 * password only.
 */
int passwords_read_fd(struct secret *out, int fd, struct err *e);

/*
 * Ask for a password on the terminal, twice, without echo.  ERR_USAGE when
 * there is no terminal to ask on.
 */
int passwords_ask(struct secret *out, const char *what, struct err *e);

/* Make sure that this kind is there: ask for it when it was not given. */
int passwords_need(struct passwords *p, enum password_kind kind,
    const char *what, struct err *e);

/* 6 to 127 printable ASCII characters, else -1 with the rule in e. */
int passwords_check(const struct secret *s, struct err *e);

#endif
