/*
 * The one error convention of the tree.
 *
 * A function that can fail returns 0 or -1 (or a pointer or NULL) and takes
 * a struct err as its last parameter.  The callee fills it completely; the
 * caller adds what it knows with err_wrap() and nobody but the outermost
 * caller prints or logs it.  struct err lives on the stack, needs no memory
 * and needs no release.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * What kind of thing went wrong.  The numbers go over the wire between the
 * nodes of a cluster (doc/AGENT.protocol): append, never renumber.
 */
enum err_code {
	ERR_NONE = 0,
	ERR_USAGE = 1, /* the request itself is wrong */
	ERR_DENIED = 2, /* privilege level, role or file permission */
	ERR_NOT_FOUND = 3,
	ERR_EXISTS = 4,
	ERR_FORMAT = 5, /* bytes that break a format */
	ERR_SIGNATURE = 6, /* well formed, but the signature is wrong */
	ERR_UNVERIFIABLE = 7, /* well formed, but nothing can prove it */
	ERR_TOO_BIG = 8,
	ERR_IO = 9,
	ERR_NO_SPACE = 10,
	ERR_TIMEOUT = 11,
	ERR_UNREACHABLE = 12, /* a node, a socket, a service */
	ERR_HOSTKEY = 13, /* an SSH host key that is not the pinned one */
	ERR_AUTH = 14, /* wrong password or key */
	ERR_HELD = 15, /* the hold timer of a regeneration */
	ERR_DATABASE = 16,
	ERR_STATE = 17, /* not possible now: stopped, not activated, busy */
	ERR_CANCELLED = 18,
	ERR_PARTIAL = 19, /* done on some nodes, not on all */
	ERR_KEY = 20, /* a key or certificate is unfit or does not match */
	ERR_INTERNAL = 21
};

#define ERR_MSG_SIZE 1024
#define ERR_HINT_SIZE 256

struct err {
	enum err_code code;
	char msg[ERR_MSG_SIZE]; /* what failed and where, no final newline */
	char hint[ERR_HINT_SIZE]; /* what to do; may be empty */
};

/* An err that says "no error": use it as the initialiser. */
#define ERR_INIT                                        \
	{                                               \
		.code = ERR_NONE, .msg = "", .hint = "" \
	}

/*
 * Set code and message, clear the hint.  Always returns -1, so that
 * "return err_set(e, …)" is the way to fail.  e may be NULL.
 */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * As err_set(), with ": " and strerror(errno) behind the message; the code
 * comes from errno (ENOENT: ERR_NOT_FOUND, EACCES and EPERM: ERR_DENIED,
 * ENOSPC and EDQUOT: ERR_NO_SPACE, EEXIST: ERR_EXISTS, ETIMEDOUT:
 * ERR_TIMEOUT, ECONNREFUSED and unreachable hosts: ERR_UNREACHABLE, the rest
 * ERR_IO).  Always returns -1.
 */
int err_errno(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Put "context: " in front of the message.  Code and hint stay.  Always
 * returns -1.
 */
int err_wrap(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Set the hint: what the reader can do about it.  Always returns -1. */
int err_hint(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Back to "no error". */
void err_clear(struct err *e);

/* The short English name of a code: "not found".  Never NULL. */
const char *err_name(enum err_code code);

/* The code that number n of a message stands for; ERR_INTERNAL if none. */
enum err_code err_from_number(unsigned n);

/*
 * A broken invariant: report file, line and text on standard error and
 * abort().  Never for bad input.
 */
#define BUG(...) err_bug(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void err_bug(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
