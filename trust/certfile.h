/*
 * certs/<unit>.pem: private key and certificate in one 0600 file, so that
 * one rename replaces both.  While a regeneration is under way the new pair
 * stands beside it as <unit>.pem.new.
 */
#ifndef TRUST_CERTFILE_H
#define TRUST_CERTFILE_H

#include <stdbool.h>

#include "base/err.h"
#include "trust/cert.h"
#include "trust/key.h"

struct certfile {
	struct key *key; /* owned */
	struct cert *cert; /* owned */
};

#define CERTFILE_INIT                     \
	{                                 \
		.key = NULL, .cert = NULL \
	}

/*
 * Read a pair and check that it is one.  0, or -1 with e set and *f empty:
 * ERR_NOT_FOUND, ERR_DENIED, ERR_KEY (no key, no certificate, or they do not
 * belong together).
 */
int certfile_read(struct certfile *f, const char *path, struct err *e);

/* Wipe the key and free both; *f becomes empty.  NULL-safe. */
void certfile_release(struct certfile *f);

/*
 * Write the pair to path + ".new", mode 0600, synced.  A pair that does not
 * belong together is refused.
 */
int certfile_write_new(const char *path, const struct key *k,
    const struct cert *c, struct err *e);

/* Rename path + ".new" to path. */
int certfile_commit(const char *path, struct err *e);

/* Remove path + ".new"; none is no error. */
int certfile_discard(const char *path, struct err *e);

/* True when there is a path + ".new". */
bool certfile_has_new(const char *path);

/* certfile_write_new() and certfile_commit(). */
int certfile_write(const char *path, const struct key *k, const struct cert *c,
    struct err *e);

/*
 * cert_fingerprint() of the pair at path (which is read and checked whole).
 * For the new one the caller passes the name with ".new".
 */
int certfile_fingerprint(const char *path, char hex[CERT_FINGERPRINT_SIZE],
    struct err *e);

#endif
