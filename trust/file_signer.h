/*
 * Signing many files with one key: trust lists, NAME.sgn, NAME.sha512 and
 * encrypted configuration.  What is the same in all of them, the key's state
 * and the header up to the signature, is made once; then a file costs its
 * RSA operation, its digest and one allocation for the result.
 *
 * Threads: a file_signer is used by one thread at a time.  For a pool, make
 * one, then a file_signer_dup() of it for each thread before the threads
 * start; they share nothing, not even the key.
 */
#ifndef TRUST_FILE_SIGNER_H
#define TRUST_FILE_SIGNER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trust/key.h"
#include "trust/signed_header.h"

struct file_signer; /* opaque */

/* What one file has for itself. */
struct file_draft {
	uint8_t major; /* VERSION: 1.0 signed, 2.0 encrypted, 1.2 a list */
	uint8_t minor;
	const char *filename; /* as a phone asks for it, folder and .sgn */
	int64_t timestamp; /* clock_wall() */
	struct key_piece extra; /* whole elements, put behind TIMESTAMP */
	struct key_piece content;
};

/*
 * names, unless NULL, gives names and signer version as they shall stand in
 * the headers; its version says whether they have a list's order of elements
 * (1.2) or that of signed files, which is also that of NULL.  The rest of it
 * and s->timestamp are not looked at.  Nothing of s and names must outlive
 * the call.  NULL with
 * e set: ERR_KEY (key and certificate do not belong together, or the key is
 * not RSA of 512, 1024, 2048 or 4096 bits: the header has no code for
 * another size), ERR_USAGE (MD5), ERR_TOO_BIG (names that fit no header).
 */
struct file_signer *file_signer_new(const struct signer *s,
    const struct signed_draft *names, struct err *e);

/*
 * Another one with a key of its own, for another thread.  No thread may use
 * s meanwhile.
 */
struct file_signer *file_signer_dup(const struct file_signer *s, struct err *e);

/* Wipe the key that a dup has.  NULL-safe. */
void file_signer_free(struct file_signer *s);

/* The digest it signs with. */
enum digest_alg file_signer_digest(const struct file_signer *s);

/*
 * The complete file: header, then content.  Free *out with free().  -1 with
 * e set: ERR_USAGE (no name, or a time stamp that does not fit), ERR_TOO_BIG,
 * ERR_KEY (a key too small for the digest).
 */
int file_signer_sign(struct file_signer *s, const struct file_draft *d,
    uint8_t **out, size_t *len, struct err *e);

#endif
