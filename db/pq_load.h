/*
 * libpq, loaded when a database is asked for and not before.
 *
 * libpq brings some 25 libraries with it (LDAP, Kerberos, TLS once more),
 * and loading them takes longer than all else at the start of a program.
 * Most starts of ours never ask a database: Cisco Tftp with a reset file to
 * keep, most commands of ucm-node.  So no program is linked with libpq; the
 * functions of it that db/ uses are defined here and call the real ones.
 */
#ifndef DB_PQ_LOAD_H
#define DB_PQ_LOAD_H

#include "base/err.h"

/*
 * Load libpq, once for all threads; before the first call of one of its
 * functions.  -1 with ERR_INTERNAL and a hint when it is not installed.
 */
int pq_load(struct err *e);

#endif
