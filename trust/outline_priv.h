/*
 * Only for trust/: where the parts of a certificate stand in its DER.
 * Nothing is decoded, above all no key, so that a trust list's certificates
 * can be held against their records in microseconds.
 */
#ifndef TRUST_OUTLINE_PRIV_H
#define TRUST_OUTLINE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define OUTLINE_SERIAL_MAX 20 /* bytes; CERT_SERIAL_MAX */

struct span {
	const uint8_t *p;
	size_t len;
};

struct outline {
	struct span serial; /* no leading zero byte */
	struct span issuer; /* DER of the name */
	struct span subject;
	struct span public_key; /* inside the bit string */
	struct span signature;
};

/*
 * All spans are lent from der.  0, or -1 with ERR_FORMAT: not one complete
 * certificate, a serial number that is zero, negative or too long.
 */
int outline_read(struct outline *o, const uint8_t *der, size_t n,
    struct err *e);

/*
 * Text is a way to write the name: every run of ASCII letters and digits in
 * the name's values is one in it, case aside.  Separators, quotes, escapes
 * and other alphabets differ between writers and are not compared.
 */
bool outline_name_fits(const struct span *name, const char *text);

#endif
