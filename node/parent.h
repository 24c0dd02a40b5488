/*
 * The agent's root parent: a few fixed, typed requests of the worker, over
 * one SOCK_SEQPACKET pair.  Every request and every reply is one packet of
 * fixed size; a packet of another size, an unknown number, a name that is not
 * in the fixed list or text outside its alphabet ends the parent, because
 * the worker never sends such a thing.
 *
 * The parent reads root-owned paths only and writes in etc/, service/ and
 * ssh/ only; what belongs to user postgres is done by children that have
 * become that user.
 */
#ifndef NODE_PARENT_H
#define NODE_PARENT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "node/bundle.h"

/* The services of runit, in the order of their numbers in packets. */
enum parent_service {
	PARENT_SSHD,
	PARENT_POSTGRESQL,
	PARENT_AGENT,
	PARENT_TFTP,
	PARENT_CERTMON,
	PARENT_TVS,
	PARENT_SERVICES /* how many */
};

/* The directory below service/. */
const char *parent_service_dir(enum parent_service s);

enum parent_op {
	PARENT_SERVICE_STATUS = 1,
	PARENT_SERVICE_UP, /* start; stays up over a restart of the node */
	PARENT_SERVICE_DOWN, /* stop; stays down until PARENT_SERVICE_UP */
	PARENT_SERVICE_RESTART, /* TERM; runit starts it again */
	PARENT_SERVICE_KILL, /* KILL what did not heed TERM */
	PARENT_SERVICE_ONCE, /* number: 1 do not start again after a crash */
	PARENT_KEYS_BEGIN,
	PARENT_KEYS_ADD,
	PARENT_KEYS_COMMIT,
	PARENT_INVITE_REMOVE, /* name: the node that has joined */
	PARENT_CLI_TIMEOUT, /* number: minutes */
	PARENT_MIGRATE, /* publisher only: db/migrate as user postgres */
	PARENT_TLS_REQUEST, /* bytes of the reply: dbtls_request_server() */
	PARENT_TLS_INSTALL, /* bytes: for dbtls_install_server() */
	/*
	 * Begin to renew the database.  number: 0 on a subscriber, from the
	 * publisher, which root knows by node.conf; 1 on a publisher that is
	 * rebuilt, from the node at node.address, and promote it afterwards.
	 */
	PARENT_DB_RENEW,
	PARENT_DB_RENEWED, /* how that ended; status.state: 1 at work */
	PARENT_ADMIN_PASSWORD /* bytes: admin_password_encode() */
};

#define PARENT_KEY_TYPE "ecdsa-sha2-nistp256"
#define PARENT_KEY_SIZE 160 /* base64 of an ECDSA P-256 public key, and NUL */
#define PARENT_NODES_MAX 128
#define PARENT_BYTES_MAX 16384

/* One node as it may appear in the files of ssh/. */
struct parent_node {
	char name[NODE_NAME_SIZE];
	char address[NODE_ADDRESS_SIZE]; /* IPv4 */
	uint16_t port; /* of its sshd */
	char host_key[PARENT_KEY_SIZE]; /* base64; "" if not known */
	char client_key[PARENT_KEY_SIZE]; /* base64; "" if not known */
};

struct parent_request {
	uint32_t op; /* enum parent_op */
	uint32_t service; /* enum parent_service */
	uint32_t number;
	struct parent_node node;
	uint32_t len; /* of bytes */
	uint8_t bytes[PARENT_BYTES_MAX];
};

/* What PARENT_SERVICE_STATUS tells. */
struct parent_status {
	uint32_t watched; /* 0: no runsv; the rest is empty then */
	uint32_t state; /* enum runit_state */
	uint32_t pid;
	uint32_t want_up;
	uint32_t got_term;
	uint32_t down; /* stopped by an administrator, or deactivated */
	uint32_t once;
	int64_t since;
};

struct parent_reply {
	uint32_t code; /* enum err_code; 0: done */
	char message[256];
	struct parent_status status;
	uint32_t len; /* of bytes */
	uint8_t bytes[PARENT_BYTES_MAX];
};

/*
 * The worker's end.  One request at a time; callers of several threads wait
 * for each other.
 */
struct parent_link {
	int fd;
	pthread_mutex_t lock;
};

void parent_link_init(struct parent_link *p, int fd);
void parent_link_release(struct parent_link *p);

/*
 * Each: 0, or -1 with the parent's error.  A parent that is gone is
 * ERR_UNREACHABLE (the worker is about to end, too).
 */
int parent_service_status(struct parent_link *p, enum parent_service s,
    struct parent_status *st, struct err *e);
int parent_service(struct parent_link *p, enum parent_op op,
    enum parent_service s, struct err *e);
int parent_service_once(struct parent_link *p, enum parent_service s, bool once,
    struct err *e);

/*
 * Write ssh/authorized_keys.ucmnode and ssh/known_hosts from the whole list.
 * Lines of open invitations (those with expiry-time=) stay in the former.
 */
int parent_write_keys(struct parent_link *p, const struct parent_node *nodes,
    size_t n, struct err *e);

/* Take the invitation of this node out of ssh/authorized_keys.ucmnode. */
int parent_invite_remove(struct parent_link *p, const char *name,
    struct err *e);

/* etc/cli.conf: session_timeout = minutes. */
int parent_cli_timeout(struct parent_link *p, unsigned minutes, struct err *e);

int parent_migrate(struct parent_link *p, struct err *e);

/*
 * dbtls_request_server(), its answer in *out, which is overwritten; and
 * dbtls_install_server() of what b holds.
 */
int parent_tls_request(struct parent_link *p, struct bundle *out,
    struct err *e);
int parent_tls_install(struct parent_link *p, const struct bundle *b,
    struct err *e);

/*
 * dbserver_renew(): begin, and wait for its end.  from is the address of the
 * node whose database this publisher takes over; NULL: this subscriber copies
 * the publisher's.  ERR_STATE: one is at work already, or this node is none
 * that does so.
 */
int parent_db_renew(struct parent_link *p, const char *from, struct err *e);

/*
 * Set the password of an administrator's account, when old is its present
 * one: admin_password_change(), with its codes.  What was sent is wiped here
 * and there.
 */
int parent_admin_password(struct parent_link *p, const char *name,
    const struct secret *old, const struct secret *fresh, struct err *e);

/*
 * The root end: serve the requests of fd until the worker is gone, which is
 * what ends it.  Between requests it keeps services whose auto-restart is
 * disabled that way.  Returns the exit status of the program.
 */
int parent_serve(int fd);

/*
 * At the start of the parent: services are made to be what an interrupted
 * request wanted them to be.
 */
void parent_settle(void);

/* What the root end remembers between packets. */
struct parent_state;
struct parent_state *parent_state_new(void);
void parent_state_free(struct parent_state *s);

/*
 * Serve one request.  0 with the reply, or -1 when the packet is one that
 * the worker never sends.
 */
int parent_handle(struct parent_state *s, const struct parent_request *rq,
    struct parent_reply *reply);

#endif
