/*
 * What Cisco Tftp does about the node's ITLFile.tlv when it starts: keep
 * the file that a reset has just put there, or build and sign a new one.
 * Nothing here waits for anything but the database.
 */
#ifndef SERVICES_ITL_START_H
#define SERVICES_ITL_START_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/itl_state.h"
#include "base/nodeconf.h"
#include "trust/cert.h"
#include "trust/digest.h"

/* The certificates of other nodes and the cluster, all owned. */
struct itl_certs {
	struct cert *capf; /* the publisher's */
	struct cert *tvs; /* the publisher's */
	char tvs_node[NODE_NAME_SIZE]; /* whose that is */
	struct cert *recovery; /* the publisher's ITLRECOVERY */
	struct cert **further_tvs; /* of each further node */
	char (*further_node)[NODE_NAME_SIZE]; /* those nodes; owned */
	size_t n_further;
	enum digest_alg digest; /* the enterprise parameter */
};

#define ITL_CERTS_INIT                                                       \
	{                                                                    \
		.capf = NULL, .tvs = NULL, .tvs_node = "", .recovery = NULL, \
		.further_tvs = NULL, .further_node = NULL, .n_further = 0,   \
		.digest = DIGEST_SHA1                                        \
	}

/* Free what it holds; the struct becomes empty.  NULL-safe. */
void itl_certs_release(struct itl_certs *c);

/*
 * Where they come from: the node's own database (services/itl_source.h),
 * or a test.  read() fills an empty *out, or returns -1 and leaves it
 * empty; it may be called from any one thread.
 */
struct itl_source {
	int (*read)(void *self, struct itl_certs *out, struct err *e);
	void *self;
};

/* What a file is. */
struct itl_facts {
	char sha1[ITL_SHA1_HEX_SIZE];
	char signer[ITL_SIGNER_SIZE]; /* subject; "" when unreadable */
	bool is_reset; /* see itl_is_reset() */
};

void itl_facts_of(const uint8_t *data, size_t len, struct itl_facts *facts);

/*
 * Is this a list that a reset has signed: by a certificate that is in it as
 * SAST but does not sign files (no TFTP record)?  False for what is no trust
 * list.  The signature is not checked.
 */
bool itl_is_reset(const uint8_t *data, size_t len);

/*
 * Remove what a Cisco Tftp that was killed has left half written beside
 * tftp/ITLFile.tlv and run/tftpd.status.
 */
void itl_start_clean(void);

/*
 * Obey run/itl-keep, and remove it in any case.  0: tftp/ITLFile.tlv stands
 * as the marker says and verifies, keep it.  -1 with the reason in e: build
 * (ERR_NOT_FOUND when there is simply no marker).
 */
int itl_start_keep(struct err *e);

/*
 * Build the list from certs/CallManager.pem and the source, sign it with
 * CallManager's key and verify it.  Free *out with free().
 */
int itl_start_build(const struct itl_source *source, uint8_t **out, size_t *len,
    struct err *e);

/* Put it in place of tftp/ITLFile.tlv, whole or not at all. */
int itl_start_install(const uint8_t *data, size_t len, struct err *e);

#endif
