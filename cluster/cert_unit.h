/*
 * The units of a node: the names of its own certificates, what each of them
 * says, and how it stands in the database.
 */
#ifndef CLUSTER_CERT_UNIT_H
#define CLUSTER_CERT_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "db/certs.h"
#include "trust/cert.h"
#include "trust/certfile.h"

#define CERT_UNIT_RECOVERY "ITLRecovery"
#define CERT_UNIT_YEARS 5
#define CERT_UNIT_CN_SIZE 320

/* In the order of listings (cli-reference 6), cert_units_n of them. */
extern const char *const cert_units[];
extern const size_t cert_units_n;

bool cert_unit_known(const char *unit);

/* 0, or -1 with ERR_NOT_FOUND and the known units in the hint. */
int cert_unit_check(const char *unit, struct err *e);

/*
 * The common name a new certificate of this unit gets: the node's FQDN,
 * ITLRECOVERY_<FQDN>, or CAPF-<8 random hex digits>.  Returns dst.
 */
char *cert_unit_common_name(char dst[CERT_UNIT_CN_SIZE],
    const struct nodeconf *conf, const char *unit);

/*
 * A fresh RSA key of conf->key_bits and its self-signed certificate.  Nothing
 * is written.  Release *out with certfile_release().
 */
int cert_unit_make(const struct nodeconf *conf, const char *unit,
    struct certfile *out, struct err *e);

/*
 * The row of the table certificate for a unit's certificate; node is whose.
 * Release it with cert_row_release().
 */
int cert_unit_row(struct cert_row *row, const char *node, const char *unit,
    const struct cert *c, struct err *e);

/*
 * certs/ITLRecovery.p12 from certs/ITLRecovery.pem and
 * certs/security_password.
 */
int cert_unit_write_p12(struct err *e);

/*
 * Its two halves: the bytes of certs/ITLRecovery.pem under this password, to
 * be freed with mem_free_wiped(), and certs/ITLRecovery.p12 from them.
 */
int cert_unit_encode_p12(const struct secret *password, uint8_t **data,
    size_t *len, struct err *e);
int cert_unit_install_p12(const uint8_t *data, size_t len, struct err *e);

/*
 * Does certs/ITLRecovery.p12 hold the key and certificate of
 * certs/ITLRecovery.pem, under the present password?  False also when one of
 * them is missing or cannot be read.
 */
bool cert_unit_p12_current(void);

#endif
