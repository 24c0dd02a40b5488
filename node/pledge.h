/*
 * Who wants to be the cluster's publisher from now on: a rebuilt publisher
 * tells each subscriber its keys and its new CA, and proves that it knows the
 * cluster security password.
 *
 * The proof covers everything else in the pledge, and with it the public
 * half of the one-time key it came by.  So a token alone is worth nothing,
 * one that was overheard can be used for these very keys only, and a server
 * that merely pretends to be the subscriber never sees the password.
 */
#ifndef NODE_PLEDGE_H
#define NODE_PLEDGE_H

#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "node/bundle.h"
#include "node/parent.h"
#include "node/sshkeys.h"
#include "trust/password.h"

#define PLEDGE_CERT_SIZE 8192 /* PEM text */

struct pledge {
	char name[NODE_NAME_SIZE]; /* of the publisher */
	char address[NODE_ADDRESS_SIZE];
	uint16_t port; /* of its sshd */
	char host_key[SSHKEYS_TEXT_SIZE]; /* "ecdsa-sha2-nistp256 AAAA…" */
	char peer_key[SSHKEYS_TEXT_SIZE];
	char ca_cert[PLEDGE_CERT_SIZE]; /* the cluster's CA */
	char invitation[SSHKEYS_TEXT_SIZE]; /* one-time key, public half */
	char proof[PASSWORD_PROOF_SIZE];
};

/* Set proof. */
int pledge_sign(struct pledge *p, const struct secret *security, struct err *e);

/*
 * Is the proof by this password?  ERR_AUTH with the sentence to print when
 * it is not.
 */
int pledge_check(const struct pledge *p, const struct secret *security,
    struct err *e);

/* The same with this node's own certs/security_password (user ucm). */
int pledge_check_here(const struct pledge *p, struct err *e);

/* Add its pieces; among them ca_cert, as dbtls.h wants it. */
void pledge_add(const struct pledge *p, struct bundle *b);

/*
 * Take them; -1 with ERR_FORMAT for one that is missing or is not what it
 * should be.  The proof is not looked at.
 */
int pledge_take(struct pledge *p, const struct bundle *b, struct err *e);

#endif
