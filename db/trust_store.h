/*
 * What TVS answers from: every certificate that is in a unit or in a trust
 * unit of the cluster, with the roles phones may trust it in and the time
 * they may remember that.
 */
#ifndef DB_TRUST_STORE_H
#define DB_TRUST_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "db/certs.h"
#include "db/db.h"

#define TRUST_STORE_ROLES_MAX 64 /* of one row */
#define TRUST_STORE_NO_TTL (-1)

struct trust_store_row {
	char sha256[CERTS_SHA256_SIZE]; /* of the DER, lower-case hex */
	char *pem; /* the certificate alone, owned */
	int64_t ttl; /* seconds, or TRUST_STORE_NO_TTL: none given */
	uint8_t role[TRUST_STORE_ROLES_MAX]; /* in ascending order */
	size_t n_roles;
};

struct trust_store {
	struct trust_store_row *item; /* owned */
	size_t n;
};

#define TRUST_STORE_INIT             \
	{                            \
		.item = NULL, .n = 0 \
	}

/*
 * A counter that grows with every change of what trust_store_read() reads
 * and of the enterprise parameters, and of little else; equal values mean
 * that nothing has changed in between.
 */
int trust_store_version(struct db *db, uint64_t *version, struct err *e);

/*
 * Read it whole, in one snapshot.  One certificate may have several rows:
 * one for each place it was added to.  *out is overwritten; release it.  On
 * failure it is empty.
 */
int trust_store_read(struct db *db, struct trust_store *out, struct err *e);

/* Free the rows; the store is empty.  NULL-safe. */
void trust_store_release(struct trust_store *s);

#endif
