/*
 * Trust lists and certificates for people and programs: the text that show
 * itl, show ctl and show cert print, and the same as JSON (base/out.h).
 */
#ifndef TRUST_RENDER_H
#define TRUST_RENDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/out.h"
#include "trust/cert.h"
#include "trust/signed_file.h"
#include "trust/trustlist.h"

/* A file to be shown. */
struct render_file {
	enum trustlist_kind expect; /* how to call a list that is broken */
	const uint8_t *data;
	size_t len;
	int64_t mtime; /* of the file: "was last modified on" */
};

/*
 * Everything show itl or show ctl prints about a file, from its checksums to
 * the line on its verification.  0 when it verified.  -1 with e set as by
 * trustlist_parse() or trustlist_verify() when it did not; the failing
 * output has been printed all the same, and e says why.
 */
int render_trustlist(struct out *o, const struct render_file *f, struct err *e);

/*
 * A signed file (NAME.sgn, encrypted or not) in the same form: checksums and
 * the header, then how long the content is.  Its signature is not checked,
 * since the signer's certificate is not in it; the output says so.
 */
void render_signed_file(struct out *o, const struct render_file *f,
    const struct signed_file *s);

/*
 * What they print when there is no such file.  Always -1, with
 * ERR_NOT_FOUND in e.
 */
int render_trustlist_missing(struct out *o, enum trustlist_kind kind,
    struct err *e);

/* show cert: the fields of a certificate, then its PEM text. */
void render_cert(struct out *o, const struct cert *c);

#endif
