/*
 * The ITL file of a TFTP node (design: trust).
 */
#ifndef TRUST_ITL_H
#define TRUST_ITL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trust/cert.h"
#include "trust/digest.h"
#include "trust/key.h"

struct itl_inputs {
	const struct cert *callmanager; /* this node's own */
	const struct key *callmanager_key; /* signs */
	const struct cert *capf; /* the publisher's */
	const struct cert *tvs; /* the publisher's */
	const struct cert *recovery; /* the publisher's ITLRECOVERY */
	const struct cert *const *further_tvs; /* of each further node */
	size_t n_further;
	enum digest_alg digest; /* DIGEST_SHA1 or DIGEST_SHA512 */
	int64_t timestamp; /* clock_wall() */
};

/*
 * Records in this order: SAST and TFTP of callmanager (certificate), CAPF
 * and TVS of the publisher (hash), SAST of recovery (certificate), TVS of
 * each further node (hash); DNSNAME is a blank in each; signed with
 * callmanager_key and verified from the result itself.  Free *out with
 * free().  -1 with e set: ERR_KEY (the key is not the certificate's, or has
 * a size that cannot sign), ERR_TOO_BIG (over 64 KB), ERR_USAGE (one of
 * them missing).
 */
int itl_build(const struct itl_inputs *in, uint8_t **out, size_t *len,
    struct err *e);

#endif
