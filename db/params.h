/*
 * Enterprise parameters (table processconfig).
 */
#ifndef DB_PARAMS_H
#define DB_PARAMS_H

#include "base/parameter.h"
#include "db/db.h"

#define PARAMS_SECURITY_MODE "ClusterSecurityMode" /* 0: non-secure */
#define PARAMS_SIGNATURE_ALGORITHM "TFTP File Signature Algorithm"
#define PARAMS_REMOTE_CLUSTERS "Alternate Cisco File Servers"
#define PARAMS_VALUE_SIZE PARAMETER_VALUE_SIZE

/*
 * The value of a parameter.  ERR_NOT_FOUND names it.  Known at installation:
 * PARAMS_SECURITY_MODE "0", PARAMS_SIGNATURE_ALGORITHM "SHA-1" (or
 * "SHA-512"), "Cluster ID" "StandAloneCluster".
 */
int params_get(struct db *db, const char *name, char value[PARAMS_VALUE_SIZE],
    struct err *e);

/*
 * Set a parameter that exists; one that has this value already is not
 * touched, so nobody reads anything again.  ERR_NOT_FOUND, ERR_TOO_BIG.
 */
int params_set(struct db *db, const char *name, const char *value,
    struct err *e);

#endif
