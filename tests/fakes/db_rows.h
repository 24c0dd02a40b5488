/*
 * Rows for tests of what lives in the database.
 */
#ifndef FAKES_DB_ROWS_H
#define FAKES_DB_ROWS_H

#include "db/certs.h"
#include "db/nodes.h"

/* A node with all its facts; those not given come from the name. */
void db_rows_node(struct node_row *out, const char *name, const char *address,
    enum node_role role);

/* A certificate; number goes into serial, digest and contents. */
void db_rows_cert(struct cert_row *out, const char *node, const char *unit,
    unsigned number);

/* The same straight into the database; a failure fails the test. */
void db_rows_add_node(struct db *db, const char *name, const char *address,
    enum node_role role);
void db_rows_add_cert(struct db *db, const char *node, const char *unit,
    unsigned number);

#endif
