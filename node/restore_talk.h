/*
 * The rebuilt publisher's side of the talk with the cluster that was left
 * without one.  The subscriber that made the token passes everything on to
 * the other nodes, so only that one must be reachable by this side.
 *
 * All of it is the work of user ucm and may be repeated.
 */
#ifndef NODE_RESTORE_TALK_H
#define NODE_RESTORE_TALK_H

#include "base/err.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/progress.h"
#include "base/str.h"
#include "node/pledge.h"
#include "node/token.h"

/*
 * What the cluster's publisher is: etc/node.conf as it has to be, from the
 * one-time key alone.  Its text goes to *conf; free() it.
 */
int restore_talk_facts(const struct token *t, char **conf, struct err *e);

struct restore_talk {
	const struct nodeconf *conf; /* this node's */
	const struct token *token;
	const struct secret *security; /* the cluster security password */
	const struct progress *progress; /* a line for each step */
};

/* What came of it. */
struct restore_result {
	struct pledge pledge; /* what the nodes have adopted */
	char source_name[NODE_NAME_SIZE]; /* the most advanced node */
	char source_address[NODE_ADDRESS_SIZE];
	struct strlist left_out; /* "NAME: why" of each node not reached */
};

/* NULL-safe. */
void restore_result_release(struct restore_result *r);

/*
 * Have every node that can be reached adopt this publisher: its SSH keys and
 * its CA, of which each gets new certificates for the database.  Then find
 * the one whose database is most advanced.  Needs this node's SSH keys and
 * cluster CA.  Nothing at all has changed anywhere when the token's node
 * does not accept the password.  Release *out.
 */
int restore_talk_adopt(const struct restore_talk *t, struct restore_result *out,
    struct err *e);

/* The one-time key has done its work. */
int restore_talk_end(const struct token *t, struct err *e);

#endif
