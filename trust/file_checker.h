/*
 * Verifying many signed files against one certificate, whose key is decoded
 * once: signed_file_verify() at a tenth of its price.
 */
#ifndef TRUST_FILE_CHECKER_H
#define TRUST_FILE_CHECKER_H

#include "base/err.h"
#include "trust/cert.h"
#include "trust/signed_file.h"

struct file_checker; /* opaque */

/*
 * For one thread at a time.  The certificate is copied.  NULL with e set:
 * ERR_KEY (its key is not RSA, or cannot be read).
 */
struct file_checker *file_checker_new(const struct cert *c, struct err *e);

/* NULL-safe. */
void file_checker_free(struct file_checker *k);

/*
 * What signed_file_verify() says: 0, or -1 with ERR_SIGNATURE,
 * ERR_UNVERIFIABLE or ERR_KEY.
 */
int file_checker_check(struct file_checker *k, const struct signed_file *f,
    struct err *e);

#endif
