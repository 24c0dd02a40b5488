/*
 * The recovery key of the publisher as a whole: certs/ITLRecovery.pem (key
 * and certificate), certs/ITLRecovery.p12 (the same for administrators,
 * under the cluster security password) and what the database says about its
 * copy outside (db/recovery_backup.h).
 */
#ifndef CLUSTER_RECOVERY_KEY_H
#define CLUSTER_RECOVERY_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/nodeconf.h"
#include "db/recovery_backup.h"
#include "trust/certfile.h"

#define RECOVERY_KEY_PREFIX "ITLRECOVERY_" /* of the common name */

/*
 * certs/ITLRecovery.pem, when it can sign a reset file of this cluster: it
 * is as long as the CallManager keys, when those have 2048 bits or more.
 * -1 with ERR_NOT_FOUND or ERR_KEY and what to do in the hint.
 */
int recovery_key_read(struct certfile *out, struct err *e);

/*
 * The pair in the bytes of a p12 from outside, opened with the cluster
 * security password and checked: a PKCS#12 file, its key that of its
 * certificate, the certificate one of ITLRecovery (whatever publisher it was
 * made on), as long as above.  Nothing is changed.  -1 with one sentence:
 * ERR_FORMAT, ERR_TOO_BIG, ERR_AUTH (another security password), ERR_KEY.
 */
int recovery_key_open(const void *p12, size_t len, struct certfile *out,
    struct err *e);

/* SHA-256 in hex of certs/ITLRecovery.p12 as it is now. */
int recovery_key_sha256(char sha256[RECOVERY_BACKUP_SHA_SIZE], struct err *e);

/*
 * Tell the database which p12 the publisher has now; saved: and that a copy
 * outside opens to the same.  Publisher only.
 */
int recovery_key_note(const struct nodeconf *conf, bool saved, struct err *e);

#endif
