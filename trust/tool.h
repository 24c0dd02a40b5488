/*
 * Only for ucm-trust: its commands and what they share.
 */
#ifndef TRUST_TOOL_H
#define TRUST_TOOL_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/out.h"
#include "trust/signed_header.h"
#include "trust/trustlist.h"

/* Exit statuses of ucm-trust (ucm-trust(1)). */
enum tool_status {
	TOOL_OK = 0, /* done; the file is valid */
	TOOL_SIGNATURE = 1, /* the signature is wrong */
	TOOL_MALFORMED = 2,
	TOOL_UNVERIFIABLE = 3,
	TOOL_USAGE = 64,
	TOOL_REFUSED = 65, /* these keys and certificates cannot do it */
	TOOL_NO_INPUT = 66,
	TOOL_NO_OUTPUT = 73
};

struct tool_command {
	const char *name;
	const char *usage; /* what follows the name */
	const char *help; /* one line */
	/* argv[0] is the command's name.  Prints its own errors. */
	enum tool_status (*run)(int argc, char **argv);
};

extern const struct tool_command tool_show;
extern const struct tool_command tool_verify;
extern const struct tool_command tool_build;
extern const struct tool_command tool_resign;
extern const struct tool_command tool_sign;
extern const struct tool_command tool_unsign;
extern const struct tool_command tool_encrypt;
extern const struct tool_command tool_decrypt;

/* Print "ucm-trust: …" and the hint on standard error. */
void tool_complain(const struct err *e);

/* The same for a wrong call, with how the command is used behind it. */
enum tool_status tool_misused(const struct tool_command *c, const char *fmt,
    ...) __attribute__((format(printf, 2, 3)));

/*
 * The same for what getopt_long() returned: an option that it does not know,
 * which it has told, or the option o with a wrong value in optarg.
 */
enum tool_status tool_misused_option(const struct tool_command *c, int got,
    const struct option *o);

/*
 * Print the rest and free o.  The status, or TOOL_NO_OUTPUT after a
 * complaint if standard output could not take all of it.
 */
enum tool_status tool_finish(struct out *o, enum tool_status status);

/*
 * Read a file by a name that may be a symbolic link.  Free *data with
 * free().  mtime may be NULL.
 */
int tool_read(const char *path, uint8_t **data, size_t *len, int64_t *mtime,
    struct err *e);

/*
 * The verdict on a file that could not be verified, or TOOL_REFUSED for
 * another kind of error.
 */
enum tool_status tool_verdict(const struct err *e);

/* What a verdict is called: "valid", "signature invalid", … */
const char *tool_verdict_name(enum tool_status status);

/* Options of everything that signs. */
struct tool_signing {
	const char *key_path;
	const char *cert_path; /* NULL: in the file of the key or the list */
	const char *out_path;
	struct key *key; /* owned */
	struct cert *cert; /* owned */
	bool for_files; /* signed files have no code for SHA-256 */
	bool has_digest;
	enum digest_alg digest;
	int64_t timestamp;
};

/*
 * Take the option c with its value in optarg: 'k' key, 'c' cert, 'o' out,
 * 'd' digest (sha1, sha256 or sha512) or 't' time (seconds since 1970 that
 * fit a time stamp).  0, or -1 when the value is wrong or c is none of these.
 */
int tool_signing_option(struct tool_signing *s, int c);

/*
 * Load the key, and the certificate if it is in cert_path or beside the key;
 * cert stays NULL if it is in neither.
 */
int tool_signing_load(struct tool_signing *s, struct err *e);

/* Wipe and free key and certificate. */
void tool_signing_release(struct tool_signing *s);

/*
 * Write the result to out_path, atomically, mode 0644.  Only a regular file
 * is replaced: no directory, no device.
 */
int tool_write(const struct tool_signing *s, const void *data, size_t len,
    struct err *e);

#endif
