/*
 * Certificate requests, and certificates issued by the cluster's own CA:
 * those of PostgreSQL's servers and clients.
 */
#ifndef TRUST_CSR_H
#define TRUST_CSR_H

#include "base/err.h"
#include "trust/cert.h"
#include "trust/key.h"

/*
 * A PKCS#10 request for this subject, PEM; free with free().  Of spec the
 * subject, dns, addresses and uses are taken.  NULL with e set.
 */
char *csr_make(const struct cert_spec *spec, const struct key *k,
    struct err *e);

/*
 * Issue a certificate for the public key of a PEM request whose own
 * signature is right.  Everything else, name included, comes from spec: the
 * CA decides, the request only brings a key.  Random 16-byte serial,
 * SHA-256.  NULL with e set: ERR_FORMAT (not a request), ERR_SIGNATURE (the
 * requester does not hold the key), ERR_KEY (ca_key is not ca's).
 */
struct cert *csr_issue(const char *csr_pem, const struct cert_spec *spec,
    const struct cert *ca, const struct key *ca_key, struct err *e);

/* The same for a key at hand, without a request. */
struct cert *csr_issue_for_key(const struct key *k,
    const struct cert_spec *spec, const struct cert *ca,
    const struct key *ca_key, struct err *e);

/* The common name a PEM request asks for; free with free(). */
char *csr_common_name(const char *csr_pem, struct err *e);

#endif
