/*
 * The TLS keys and certificates of the database: PostgreSQL's server and its
 * replication client in db/tls/ (user postgres), the client of the agent and
 * the services in certs/ (user ucm).  All are issued by the cluster's CA,
 * which lives on the publisher in certs/cluster-ca/.
 *
 * Each function is the work of one account for asuser_run(); arg and reply
 * are told with it.  All may be repeated.
 */
#ifndef NODE_DBTLS_H
#define NODE_DBTLS_H

#include "base/buffer.h"
#include "base/err.h"
#include "base/nodeconf.h"
#include "node/bundle.h"

/* ucm, publisher.  arg: const struct nodeconf.  The CA, if it is missing. */
int dbtls_make_ca(void *arg, struct wbuf *reply, struct err *e);

/*
 * postgres: keys in db/tls/, if they are missing.  arg: const struct
 * nodeconf.  reply: a bundle with server_csr and replicator_csr.
 */
int dbtls_request_server(void *arg, struct wbuf *reply, struct err *e);

/* ucm: the key in certs/.  arg as above.  reply: a bundle with client_csr. */
int dbtls_request_client(void *arg, struct wbuf *reply, struct err *e);

/* For whom the CA issues; the requests bring nothing but keys. */
struct dbtls_issue {
	const struct nodeconf *conf; /* of the publisher: DN fields, domain */
	const char *name;
	const char *address;
	const struct bundle *requests; /* the three *_csr */
};

/*
 * ucm, publisher.  arg: struct dbtls_issue.  reply: a bundle with
 * server_cert, replicator_cert, client_cert and ca_cert.
 */
int dbtls_issue(void *arg, struct wbuf *reply, struct err *e);

/* The same inside a process that is ucm: appends the pieces to *out. */
int dbtls_issue_into(const struct dbtls_issue *is, struct bundle *out,
    struct err *e);

/*
 * postgres and ucm: put the certificates beside the keys.  arg: struct
 * bundle with what dbtls_issue() answered.  Nothing is written when one is
 * not for its key or not by that CA.
 */
int dbtls_install_server(void *arg, struct wbuf *reply, struct err *e);
int dbtls_install_client(void *arg, struct wbuf *reply, struct err *e);

#endif
