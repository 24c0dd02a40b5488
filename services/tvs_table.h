/*
 * The certificates TVS answers from, found by their bytes or by serial
 * number and issuer.  A table never changes; a new one takes its place.
 */
#ifndef SERVICES_TVS_TABLE_H
#define SERVICES_TVS_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "db/trust_store.h"
#include "services/tvs_message.h"
#include "trust/cert.h"

struct tvs_cert {
	struct cert *cert;
	uint8_t role[TVS_ROLES_MAX]; /* in ascending order, each once */
	size_t n_roles;
	uint32_t ttl;
};

struct tvs_table;

/*
 * A table of what the database holds.  A certificate with several rows has
 * the roles of all of them and the shortest time.  Rows that are no
 * certificate, or none that fits an answer, are left out: *unusable counts
 * them and *why tells of the first.  Free with tvs_table_free().
 */
struct tvs_table *tvs_table_new(const struct trust_store *rows,
    size_t *unusable, struct err *why);

/* NULL-safe. */
void tvs_table_free(struct tvs_table *t);

/* How many certificates there are. */
size_t tvs_table_count(const struct tvs_table *t);

/* The certificate with exactly this DER, or NULL. */
const struct tvs_cert *tvs_table_verify(const struct tvs_table *t,
    const struct tvs_bytes *der);

/*
 * The certificate with this serial number and issuer, and with this subject
 * if it is not empty; or NULL.
 */
const struct tvs_cert *tvs_table_query(const struct tvs_table *t,
    const struct tvs_bytes *serial, const struct tvs_bytes *issuer,
    const struct tvs_bytes *subject);

#endif
