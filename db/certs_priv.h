/*
 * Certificates, for db/ alone.
 */
#ifndef DB_CERTS_PRIV_H
#define DB_CERTS_PRIV_H

#include "db/certs.h"

/*
 * The work of certs_replace() inside a transaction that has locked the node:
 * node is its pkid, address its address.
 */
int certs_insert_own(struct db *db, const struct cert_row *row,
    const char *node, const char *address, struct err *e);

#endif
