/*
 * The stub that stands beside an encrypted configuration: SEP<MAC>.cnf.xml,
 * signed but not encrypted, so that a phone learns which certificate it must
 * have and that there is an encrypted file (doc/FORMAT.encrypted).
 */
#ifndef TRUST_CONFIG_STUB_H
#define TRUST_CONFIG_STUB_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trust/cert.h"

/*
 * The stub of a phone's whole configuration: <device> with fullConfig false,
 * with the configuration's ipAddressMode, loadInformation, capfAuthMode and
 * capfList as far as it has them, byte for byte, with the MD5 of the phone's
 * certificate as certHash, and encrConfig true.  Nothing else of the
 * configuration comes into it.  Free *out with free().
 *
 * -1 with ERR_FORMAT, offset and rule: not one well-formed XML document with
 * the root element <device>; a document type, which could hide anything;
 * two elements of which the stub has one; elements more than 64 deep.
 */
int config_stub(const void *xml, size_t len, const struct cert *phone,
    uint8_t **out, size_t *n, struct err *e);

#endif
