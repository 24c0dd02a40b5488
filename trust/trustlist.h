/*
 * Trust lists: ITLFile.tlv, ITLSEP<MAC>.tlv, CTLFile.tlv, CTLSEP<MAC>.tlv.
 * doc/FORMAT.trustlist is the format; rules are named in the errors as
 * "offset N: rule".
 */
#ifndef TRUST_TRUSTLIST_H
#define TRUST_TRUSTLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trust/cert.h"
#include "trust/digest.h"
#include "trust/signed_header.h"

#define TRUSTLIST_MAX_SIZE 65536 /* phones load no more */

enum trustlist_kind {
	TRUSTLIST_ITL,
	TRUSTLIST_CTL
};

/* "ITL" or "CTL". */
const char *trustlist_kind_name(enum trustlist_kind kind);

/* What a record is good for; other numbers may be read, not written. */
enum trust_role {
	ROLE_SAST = 0, /* System Administrator Security Token: may sign */
	ROLE_CCM = 1,
	ROLE_CCM_TFTP = 2,
	ROLE_TFTP = 3,
	ROLE_CAPF = 4,
	ROLE_APP_SERVER = 7,
	ROLE_TVS = 21
};

/* As show itl prints it: "TFTP"; NULL for a number without a name. */
const char *trust_role_name(unsigned role);

/* Tags of record elements. */
enum record_tag {
	RECORD_LENGTH = 1,
	RECORD_DNS_NAME = 2,
	RECORD_SUBJECT = 3,
	RECORD_FUNCTION = 4,
	RECORD_ISSUER = 5,
	RECORD_SERIAL = 6,
	RECORD_PUBLIC_KEY = 7,
	RECORD_SIGNATURE = 8,
	RECORD_CERTIFICATE = 9,
	RECORD_ADDRESS = 10,
	RECORD_HASH = 11,
	RECORD_HASH_ALG = 12
};
#define RECORD_TAGS 13 /* one more than the highest */

struct trustlist_record {
	struct element element[RECORD_TAGS]; /* by tag */
	uint8_t order[RECORD_TAGS]; /* tags as they stand in the file */
	size_t n_order;
	size_t off; /* in the file */
	size_t len; /* RECORDLENGTH */
	unsigned role;
	enum digest_alg hash_alg; /* when RECORD_HASH is present */
	const char *dns_name; /* lent; "" when absent, as the next two */
	const char *subject;
	const char *issuer;
};

struct trustlist {
	uint8_t *data; /* owned copy of the file */
	size_t len;
	enum trustlist_kind kind; /* told by the content, not by a file name */
	struct signed_header header;
	struct trustlist_record *record; /* owned, n_records of them */
	size_t n_records;
};

/*
 * Read a list of any legal order and refuse everything else.  The signature
 * and the certificates are not looked at.  0, or -1 with ERR_FORMAT (offset
 * and rule) and *l empty.
 */
int trustlist_parse(struct trustlist *l, const void *data, size_t len,
    struct err *e);

/* Free what it holds; the struct becomes empty.  NULL-safe. */
void trustlist_release(struct trustlist *l);

/*
 * Verify from the list alone: the record with role SAST whose issuer and
 * serial number the header names, with the key of its certificate; then the
 * records' certificates must be what their records say.  0 with the signing
 * record's index in *signer (which may be NULL), or -1 with
 * ERR_SIGNATURE     the signature is not by that key
 * ERR_UNVERIFIABLE  no such record, it has no certificate, its certificate
 *                   is another's, or there are two that differ
 * ERR_FORMAT        a certificate is not one, or its record contradicts it
 */
int trustlist_verify(const struct trustlist *l, size_t *signer, struct err *e);

/*
 * Verify with a certificate from elsewhere, without asking the records.
 * ERR_SIGNATURE (not by this key), ERR_UNVERIFIABLE (by this key, but the
 * list names another certificate as its signer).
 */
int trustlist_verify_with(const struct trustlist *l, const struct cert *c,
    struct err *e);

/*
 * The record of this very certificate in this role: by its DER or by its
 * hash.  Its index, or -1.
 */
long trustlist_find(const struct trustlist *l, const struct cert *c,
    unsigned role);

/* A record to be written. */
struct trustlist_entry {
	enum trust_role role;
	const struct cert *cert; /* NULL: a blank entry */
	bool hash_only; /* CERTHASH instead of CERTIFICATE */
	enum digest_alg hash_alg; /* of CERTHASH */
	const char *dns_name; /* NULL: no such element; " " in an ITL */
	const uint8_t *address; /* four bytes of IPv4, or NULL */
};

/* A list to be written. */
struct trustlist_draft {
	enum trustlist_kind kind;
	const struct trustlist_entry *entry; /* n of them, the caller's */
	size_t n;
};

/*
 * Build and sign a list and verify it from the result itself.  Free *out
 * with free().  -1 with e set: ERR_TOO_BIG (over TRUSTLIST_MAX_SIZE),
 * ERR_KEY (a signer that cannot sign, or key and certificate that do not
 * belong together), ERR_UNVERIFIABLE (no record of the signer).
 */
int trustlist_build(const struct trustlist_draft *draft, const struct signer *s,
    uint8_t **out, size_t *len, struct err *e);

/*
 * Sign the same records in the same order again with another signer, then
 * verify the result from itself.  recovery, unless NULL, is the recovery
 * certificate to be used: if no SAST record holds it, it replaces the record
 * of the ITLRECOVERY certificate that the list has (ERR_NOT_FOUND when it
 * has none).  Free *out with free().
 */
int trustlist_resign(const struct trustlist *l, const struct signer *s,
    const struct cert *recovery, uint8_t **out, size_t *len, struct err *e);

#endif
