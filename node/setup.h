/*
 * The steps that making a publisher (init) and making a subscriber (join)
 * have in common.  Each may be repeated, so that an interrupted run can be
 * run again; the last one is tree_finish().
 */
#ifndef NODE_SETUP_H
#define NODE_SETUP_H

#include <stdbool.h>

#include "base/err.h"
#include "base/nodeconf.h"
#include "base/str.h"
#include "node/account.h"
#include "node/asuser.h"
#include "node/passwords.h"
#include "node/sshkeys.h"

/* What is asked of both commands. */
struct setup {
	struct nodeconf conf;
	char admin[ACCOUNT_NAME_SIZE]; /* level 4; "" on a second run: none */
	struct passwords passwords;
	const char *passwords_file; /* NULL: ask */
	const char *templates;
};

/* Long work in the background. */
struct setup_work {
	struct asuser_child units; /* keys and certificates of the units */
	struct asuser_child rsa; /* the RSA host key */
};

/* Defaults. */
void setup_init(struct setup *s);

/* Wipe the passwords. */
void setup_release(struct setup *s);

/*
 * 0 when there is no finished node here.  ERR_EXISTS with its name
 * otherwise.
 */
int setup_refuse_finished(struct err *e);

/*
 * Accounts, directories, SSH keys, etc/cli.conf; then, with a conf that has
 * a name, also etc/node.conf and all rendered configuration.
 */
int setup_tree(const struct setup *s, struct err *e);
int setup_configuration(const struct setup *s, struct err *e);

/*
 * What both do, again, for a node that is finished and was perhaps made by an
 * earlier version: accounts, directories and files that came later.  See
 * render_again() for *replaced.  node.conf, keys and certificates stay.
 */
int setup_again(const struct nodeconf *conf, struct strlist *replaced,
    struct err *e);

/* The administrator: account table, system account, password. */
int setup_admin(const struct setup *s, struct err *e);

/*
 * Start the long work of either kind, and await what was started.  w is
 * SETUP_WORK_INIT at first; every start must be followed by a wait.
 */
#define SETUP_WORK_INIT                              \
	{                                            \
		.units = { 0, -1 }, .rsa = { 0, -1 } \
	}
int setup_work_units(struct setup_work *w, struct setup *s, struct err *e);
int setup_work_rsa(struct setup_work *w, struct err *e);
int setup_work_wait(struct setup_work *w, struct err *e);

/* Run one function of dbtls.h or nodecerts.h as that account. */
int setup_as(const char *user,
    int (*run)(void *arg, struct wbuf *reply, struct err *e), void *arg,
    struct err *e);

struct bundle;

/* The same, its reply decoded into *out (release it). */
int setup_ask(const char *user,
    int (*run)(void *arg, struct wbuf *reply, struct err *e), void *arg,
    struct bundle *out, struct err *e);

/* "ecdsa-sha2-nistp256 AAAA…" of certs/peer.pem, made if it is missing. */
int setup_peer_key(char *dst, size_t size, struct err *e);

/*
 * Of a publisher: its own SSH keys (returned too) in the files of ssh/; the
 * cluster's CA and this node's certificates of it.
 */
int setup_ssh(const struct nodeconf *conf, char host_key[SSHKEYS_TEXT_SIZE],
    char peer_key[SSHKEYS_TEXT_SIZE], struct err *e);
int setup_tls(struct nodeconf *n, struct err *e);

#endif
