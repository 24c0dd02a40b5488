/*
 * The certificates of the cluster, never a private key: tables certificate,
 * certificateprocessnodemap (whose it is), certificateservicecertificatemap
 * (for which unit, own or trust) and certificatetrustrolemap (which roles a
 * phone may trust it in; what TVS answers).
 */
#ifndef DB_CERTS_H
#define DB_CERTS_H

#include <stddef.h>
#include <stdint.h>

#include "db/db.h"

#define CERTS_UNIT_SIZE 32
#define CERTS_SERIAL_SIZE 81 /* hex text of up to 40 bytes */
#define CERTS_SHA256_SIZE 65 /* lower-case hex */

/* Roles of trust: typetrustrole.enum, the FUNCTION numbers of trust lists. */
enum cert_role {
	CERT_ROLE_SAST = 0,
	CERT_ROLE_CCM = 1,
	CERT_ROLE_CCM_TFTP = 2,
	CERT_ROLE_TFTP = 3,
	CERT_ROLE_CAPF = 4,
	CERT_ROLE_APP_SERVER = 7,
	CERT_ROLE_TVS = 21,
	CERT_ROLE_VPN = 26
};

struct cert_row {
	char pkid[DB_PKID_SIZE]; /* set by the database */
	char node[NODE_NAME_SIZE]; /* whose it is; "" for a foreign one */
	char address[NODE_ADDRESS_SIZE]; /* of that node */
	char unit[CERTS_UNIT_SIZE]; /* CallManager … or CallManager-trust … */
	char *subject; /* CN=…;OU=…;O=…;L=…;ST=…;C=…, owned */
	char *issuer; /* the same form, owned */
	char serial[CERTS_SERIAL_SIZE]; /* lower-case hex */
	char sha256[CERTS_SHA256_SIZE]; /* of the DER */
	char *pem; /* the certificate alone, owned */
	int64_t not_before;
	int64_t not_after;
	bool self_signed;
};

struct cert_list {
	struct cert_row *item; /* owned */
	size_t n;
};

#define CERT_LIST_INIT               \
	{                            \
		.item = NULL, .n = 0 \
	}

/* Free what a row owns; the row is zeroed.  NULL-safe. */
void cert_row_release(struct cert_row *c);

/* Free the rows; the list is empty.  NULL-safe. */
void cert_list_release(struct cert_list *l);

/*
 * Make row the certificate of row->unit on row->node: the old one, its roles
 * and its *-trust entries go, the new one gets those of its unit (a
 * CallManager certificate is also CallManager-trust, and so on).  One
 * transaction.  pkid and address of row are ignored.  ERR_NOT_FOUND: no such
 * node; ERR_USAGE: no such unit, or a trust unit.
 */
int certs_replace(struct db *db, const struct cert_row *row, struct err *e);

/*
 * Add a foreign certificate to a trust unit (row->unit ends "-trust",
 * row->node is ignored).  One that is there already is no error.
 */
int certs_add_trust(struct db *db, const struct cert_row *row, struct err *e);

/* The certificate of a unit on a node, or ERR_NOT_FOUND.  Release *out. */
int certs_find(struct db *db, const char *node, const char *unit,
    struct cert_row *out, struct err *e);

/*
 * Is the certificate with this SHA-256 (64 hex digits) the one of that node
 * and unit?  For deciding about a <unit>.pem.new at start.
 */
int certs_is_current(struct db *db, const char *node, const char *unit,
    const char *sha256, bool *yes, struct err *e);

/*
 * The same on the primary, once no change of that node's certificates is
 * under way any more: for whoever has lost the answer to his own, so that a
 * "no" stays one.  -1 when one is under way for too long (db/db.h).
 */
int certs_is_current_settled(struct db *primary, const char *node,
    const char *unit, const char *sha256, bool *yes, struct err *e);

/* The own certificates of a node, in the order of typecertificateservice. */
int certs_list_own(struct db *db, const char *node, struct cert_list *out,
    struct err *e);

/*
 * The certificates of all trust units: by unit in the order of
 * typecertificateservice, then by subject; one row for each unit that a
 * certificate is in.
 */
int certs_list_trust(struct db *db, struct cert_list *out, struct err *e);

/* A unit's certificate on every node: publisher first, then as joined. */
int certs_by_unit(struct db *db, const char *unit, struct cert_list *out,
    struct err *e);

/* The certificates that have a role, in the same order, foreign ones last. */
int certs_by_role(struct db *db, enum cert_role role, struct cert_list *out,
    struct err *e);

/*
 * What a node's ITL takes from the database; its own CallManager certificate
 * comes from disk.  A certificate that is missing has pem NULL: the caller
 * decides what that means.
 */
struct cert_itl {
	struct cert_row capf; /* of the publisher */
	struct cert_row recovery; /* ITLRecovery of the publisher */
	struct cert_list tvs; /* the publisher's first, then as joined */
};

/* Read it in one snapshot.  Release *out; on failure it is empty. */
int certs_for_itl(struct db *db, struct cert_itl *out, struct err *e);
void cert_itl_release(struct cert_itl *c);

#endif
