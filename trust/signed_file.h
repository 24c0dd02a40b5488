/*
 * Signed files: NAME.sgn, NAME.sha512, and the signed envelope of encrypted
 * configuration (NAME.enc.sgn).  doc/FORMAT.signed and doc/FORMAT.encrypted are
 * the formats; any number of threads may read at the same time.
 */
#ifndef TRUST_SIGNED_FILE_H
#define TRUST_SIGNED_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trust/cert.h"
#include "trust/signed_header.h"

#define SIGNED_FILE_MAX_SIZE ((size_t)64 * 1024 * 1024)

struct signed_file {
	struct signed_header header;
	bool encrypted; /* version 2.0: content is cipher text */
	const uint8_t *data; /* the whole file, the caller's */
	size_t len;
	const uint8_t *content; /* lent from data */
	size_t content_len;
};

/* Read and check the form; data must outlive f.  -1: ERR_FORMAT. */
int signed_file_parse(struct signed_file *f, const uint8_t *data, size_t len,
    struct err *e);

/*
 * It was signed by this certificate: the key fits and issuer and serial
 * number are those the file names.  0, or -1 with ERR_SIGNATURE (not by
 * this key), ERR_UNVERIFIABLE (by this key, but the file names another
 * certificate) or ERR_KEY.
 */
int signed_file_verify(const struct signed_file *f, const struct cert *c,
    struct err *e);

#endif
