/*
 * `utils itl reset`: sign the publisher's ITL file again with the ITLRecovery
 * key and bring it into force on every node whose Cisco Tftp is activated.
 * `localkey` takes the key of this node, `remotekey` one from outside, which
 * becomes the key of this node on the way.
 *
 * The list's records stay what they are, with one exception: when no record
 * of it is that of the very certificate whose key signs, it takes the place
 * of the list's first ITLRECOVERY_ record, whatever publisher that one names
 * (a key made anew, a publisher that was rebuilt, a key of another cluster).
 *
 * Nothing is journalled.  The file is made from what is on disk, each node
 * takes it by two verbs (`itl stage`, `itl activate`) and a run that was
 * interrupted is finished by running it again: a publisher's file that
 * already carries the recovery signature is used as it is, so all nodes end
 * with one checksum.
 */
#ifndef CLUSTER_ITL_RESET_H
#define CLUSTER_ITL_RESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/progress.h"
#include "cluster/itl_plan.h"
#include "cluster/link.h"
#include "cluster/link_pool.h"
#include "cluster/roster.h"
#include "trust/certfile.h"

#define ITL_STATUS_MS 10000 /* for one node's status */
#define ITL_NODE_MS 30000 /* for file and restart on one node */

/* What the reset needs of the world; itl_reset_real(), or a fake. */
struct itl_reset_ops {
	/* 0 when this is the CCM administrator's password, else ERR_AUTH. */
	int (*password)(void *self, const struct secret *password,
	    struct err *e);
	/* Nodes whose Cisco Tftp is activated, publisher first. */
	int (*active)(void *self, struct roster *r, struct err *e);
	struct link_source links;
	void *self;
};

/* What the ops over the real world work with; all borrowed. */
struct itl_reset_world {
	const struct nodeconf *conf;
	struct link_pool *links;
};

/* The ops over the local database and cluster/link_pool; w is borrowed. */
struct itl_reset_ops itl_reset_real(struct itl_reset_world *w);

/*
 * Which reset.  The functions are called once each, in this order, with
 * self; both may be NULL.
 */
struct itl_reset_job {
	const struct secret *password; /* the CCM administrator's */
	/* The key to sign with; NULL: certs/ITLRecovery.pem. */
	const struct certfile *key;
	/*
	 * The password is right: make key what it points at ready to sign.
	 * -1 ends the reset, nothing has been changed.
	 */
	int (*open)(void *self, struct err *e);
	/*
	 * The reset file is made and verified and the publisher's own copy
	 * stored: make key the one of this node.  No node serves the file
	 * yet; -1 ends the reset.
	 */
	int (*adopt)(void *self, struct err *e);
	void *self;
};

/* The reset file; bytes are freed by the caller. */
struct itl_reset_file {
	uint8_t *data;
	size_t len;
	char sha[ITL_SHA_HEX_SIZE];
	bool reused; /* the publisher's file carried the signature already */
};

/*
 * Make the reset file from tftp/ITLFile.tlv and key (NULL:
 * certs/ITLRecovery.pem).  Changes nothing on disk.  -1 with ERR_NOT_FOUND (no
 * ITL file, no key), ERR_FORMAT and ERR_SIGNATURE (truncated or altered ITL),
 * ERR_KEY (key unfit: a hint says to regenerate ITLRecovery), ERR_TOO_BIG.
 */
int itl_reset_make(struct itl_reset_file *f, const struct certfile *key,
    struct err *e);

/*
 * The whole reset, its dialogue going to p as it happens.  -1 with ERR_DENIED
 * (not a publisher), ERR_AUTH (wrong password), what job->open() and
 * itl_reset_make() say, ERR_STATE (no Cisco Tftp activated anywhere), or what
 * storing the file on this node says: nothing changed.  ERR_PARTIAL when some
 * nodes were not brought to the file; they have been named and the others are
 * done.
 */
int itl_reset_run(const struct nodeconf *conf, const struct itl_reset_ops *ops,
    const struct itl_reset_job *job, const struct progress *p, struct err *e);

#endif
