/*
 * Encrypted configuration: SEP<MAC>.cnf.xml.enc.sgn, which only the phone
 * can read.  doc/FORMAT.encrypted is the format.
 *
 * Every function here may run in several threads at the same time, also
 * with the same certificate or key; a file_signer belongs to one thread.
 */
#ifndef TRUST_ENCRYPTED_FILE_H
#define TRUST_ENCRYPTED_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trust/cert.h"
#include "trust/file_signer.h"
#include "trust/key.h"
#include "trust/signed_file.h"

/*
 * Encrypt the content of d for the phone with this certificate, then sign.
 * d->filename is the whole name, .enc.sgn included; version and extra of d
 * are not looked at.  Free *out with free().  -1 with e set: ERR_KEY (the
 * phone's key is not RSA: nothing can be encrypted to it), ERR_USAGE (a
 * signer with SHA-256, which phones do not know), and those of
 * file_signer_sign().
 */
int encrypted_file_write(struct file_signer *s, const struct file_draft *d,
    const struct cert *phone, uint8_t **out, size_t *len, struct err *e);

/*
 * The plain text of a file that was read by signed_file_parse() with
 * f->encrypted set.  Whether the signature is right is signed_file_verify()'s
 * to say, before this is called.  Free with mem_free_wiped(*out, *len).  -1
 * with e set: ERR_KEY (not this phone's: the sizes differ or it does not
 * decrypt; every way of not decrypting looks the same).
 */
int encrypted_file_decrypt(const struct signed_file *f, const struct key *phone,
    uint8_t **out, size_t *len, struct err *e);

#endif
