#include "node/parent.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "node/admin_password.h"

#define RENEW_LOOK_MS 100

static const char *const service_dirs[PARENT_SERVICES] = {
	[PARENT_SSHD] = "sshd",
	[PARENT_POSTGRESQL] = "postgresql",
	[PARENT_AGENT] = "agent",
	[PARENT_TFTP] = "tftp",
	[PARENT_CERTMON] = "certmon",
	[PARENT_TVS] = "tvs",
};

const char *
parent_service_dir(enum parent_service s)
{
	if (s < PARENT_SERVICES)
		return service_dirs[s];
	BUG("no service %d", (int)s);
}

void
parent_link_init(struct parent_link *p, int fd)
{
	p->fd = fd;
	if (pthread_mutex_init(&p->lock, NULL) != 0)
		BUG("mutex");
}

void
parent_link_release(struct parent_link *p)
{
	(void)close(p->fd);
	(void)pthread_mutex_destroy(&p->lock);
}

/* One packet there, one back.  The lock is held. */
static int
exchange(const struct parent_link *p, const struct parent_request *rq,
    struct parent_reply *reply, struct err *e)
{
	ssize_t n;

	do
		n = send(p->fd, rq, sizeof(*rq), MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	if (n != (ssize_t)sizeof(*rq))
		return err_set(e, ERR_UNREACHABLE,
		    "the agent's root process is gone");
	do
		n = recv(p->fd, reply, sizeof(*reply), 0);
	while (n == -1 && errno == EINTR);
	if (n != (ssize_t)sizeof(*reply))
		return err_set(e, ERR_UNREACHABLE,
		    "the agent's root process is gone");
	reply->message[sizeof(reply->message) - 1] = '\0';
	if (reply->code != ERR_NONE)
		return err_set(e, err_from_number(reply->code), "%s",
		    reply->message);
	return 0;
}

static int
call(struct parent_link *p, const struct parent_request *rq,
    struct parent_reply *reply, struct err *e)
{
	struct parent_reply unused;
	int rc;

	(void)pthread_mutex_lock(&p->lock);
	rc = exchange(p, rq, reply == NULL ? &unused : reply, e);
	(void)pthread_mutex_unlock(&p->lock);
	return rc;
}

int
parent_service_status(struct parent_link *p, enum parent_service s,
    struct parent_status *st, struct err *e)
{
	struct parent_request rq = { .op = PARENT_SERVICE_STATUS,
		.service = (uint32_t)s };
	struct parent_reply reply;

	*st = (struct parent_status) { 0 };
	if (call(p, &rq, &reply, e) == -1)
		return -1;
	*st = reply.status;
	return 0;
}

int
parent_service(struct parent_link *p, enum parent_op op, enum parent_service s,
    struct err *e)
{
	struct parent_request rq = { .op = (uint32_t)op,
		.service = (uint32_t)s };

	return call(p, &rq, NULL, e);
}

int
parent_service_once(struct parent_link *p, enum parent_service s, bool once,
    struct err *e)
{
	struct parent_request rq = { .op = PARENT_SERVICE_ONCE,
		.service = (uint32_t)s,
		.number = once ? 1 : 0 };

	return call(p, &rq, NULL, e);
}

int
parent_write_keys(struct parent_link *p, const struct parent_node *nodes,
    size_t n, struct err *e)
{
	struct parent_request rq = { .op = PARENT_KEYS_BEGIN };
	struct parent_reply reply;
	size_t i;
	int rc;

	if (n > PARENT_NODES_MAX)
		return err_set(e, ERR_TOO_BIG, "more than %d nodes",
		    PARENT_NODES_MAX);
	(void)pthread_mutex_lock(&p->lock);
	rc = exchange(p, &rq, &reply, e);
	rq.op = PARENT_KEYS_ADD;
	for (i = 0; rc == 0 && i < n; i++) {
		rq.node = nodes[i];
		rc = exchange(p, &rq, &reply, e);
	}
	if (rc == 0) {
		rq = (struct parent_request) { .op = PARENT_KEYS_COMMIT };
		rc = exchange(p, &rq, &reply, e);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return rc;
}

int
parent_invite_remove(struct parent_link *p, const char *name, struct err *e)
{
	struct parent_request rq = { .op = PARENT_INVITE_REMOVE };

	if (!nodeconf_valid_name(name) ||
	    str_copy(rq.node.name, sizeof(rq.node.name), name) == -1)
		return err_set(e, ERR_USAGE, "not a host name");
	return call(p, &rq, NULL, e);
}

int
parent_cli_timeout(struct parent_link *p, unsigned minutes, struct err *e)
{
	struct parent_request rq = { .op = PARENT_CLI_TIMEOUT,
		.number = minutes };

	return call(p, &rq, NULL, e);
}

int
parent_migrate(struct parent_link *p, struct err *e)
{
	struct parent_request rq = { .op = PARENT_MIGRATE };

	return call(p, &rq, NULL, e);
}

int
parent_tls_request(struct parent_link *p, struct bundle *out, struct err *e)
{
	struct parent_request rq = { .op = PARENT_TLS_REQUEST };
	struct parent_reply reply;

	bundle_init(out);
	if (call(p, &rq, &reply, e) == -1)
		return -1;
	if (reply.len > sizeof(reply.bytes))
		return err_set(e, ERR_FORMAT, "answer of the root process");
	return bundle_decode(out, reply.bytes, reply.len, e);
}

int
parent_tls_install(struct parent_link *p, const struct bundle *b, struct err *e)
{
	struct parent_request rq = { .op = PARENT_TLS_INSTALL };
	struct wbuf w;
	int rc;

	wbuf_init(&w, sizeof(rq.bytes));
	bundle_encode(b, &w);
	if (w.failed) {
		rc = err_set(e, ERR_TOO_BIG, "certificates over %zu bytes",
		    sizeof(rq.bytes));
	} else {
		rq.len = (uint32_t)w.len;
		memcpy(rq.bytes, w.data, w.len);
		rc = call(p, &rq, NULL, e);
	}
	wbuf_release(&w);
	return rc;
}

int
parent_db_renew(struct parent_link *p, const char *from, struct err *e)
{
	struct parent_request rq = { .op = PARENT_DB_RENEW,
		.number = from != NULL ? 1 : 0 };
	struct parent_reply reply = { .code = 0 };

	if (from != NULL)
		(void)str_copy(rq.node.address, sizeof(rq.node.address), from);
	if (call(p, &rq, NULL, e) == -1)
		return -1;
	rq = (struct parent_request) { .op = PARENT_DB_RENEWED };
	do {
		clock_nap(RENEW_LOOK_MS);
		if (call(p, &rq, &reply, e) == -1)
			return -1;
	} while (reply.status.state == 1);
	return 0;
}

int
parent_admin_password(struct parent_link *p, const char *name,
    const struct secret *old, const struct secret *fresh, struct err *e)
{
	struct parent_request rq = { .op = PARENT_ADMIN_PASSWORD };
	uint8_t texts[ADMIN_PASSWORD_BYTES];
	long n = admin_password_encode(texts, name, old, fresh, e);
	int rc = -1;

	if (n > 0) {
		rq.len = (uint32_t)n;
		memcpy(rq.bytes, texts, (size_t)n);
		rc = call(p, &rq, NULL, e);
	}
	mem_wipe(texts, sizeof(texts));
	mem_wipe(&rq, sizeof(rq));
	return rc;
}
