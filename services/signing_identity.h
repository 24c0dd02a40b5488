/*
 * Who Cisco Tftp signs as, from its start to its end: the node's CallManager
 * certificate and key, the certificates that ITL files of groups are made
 * of, and the digest.  A key that is regenerated, or another digest, counts
 * from the next start, as in ITLFile.tlv.
 */
#ifndef SERVICES_SIGNING_IDENTITY_H
#define SERVICES_SIGNING_IDENTITY_H

#include "base/err.h"
#include "services/itl_start.h"
#include "trust/certfile.h"
#include "trust/file_checker.h"
#include "trust/file_signer.h"

struct signing_identity {
	struct certfile own;
	struct itl_certs others;
	struct file_signer **signer; /* owned; one for each thread */
	struct file_checker **checker; /* owned; the same of own.cert */
	unsigned threads;
};

/*
 * Read certs/CallManager.pem and the source.  Free with
 * signing_identity_free().  NULL with e set.
 */
struct signing_identity *signing_identity_new(const struct itl_source *certs,
    unsigned threads, struct err *e);

/* No thread may use it any more.  NULL-safe. */
void signing_identity_free(struct signing_identity *id);

#endif
