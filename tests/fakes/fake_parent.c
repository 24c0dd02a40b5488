#include "tests/fakes/fake_parent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/paths.h"
#include "node/runit.h"

static void
start(struct fake_parent *p, enum parent_service which)
{
	struct fake_service *s = &p->service[which];

	if (s->running || s->broken)
		return;
	s->running = true;
	s->pid += 1000;
	if (p->started != NULL)
		p->started(p->self, which, s->pid);
}

static void
end(struct fake_service *s, bool killed)
{
	if (killed)
		s->kills++;
	if (killed || !s->stubborn)
		s->running = false;
}

static void
tell_status(const struct fake_service *s, struct parent_status *st)
{
	st->watched = 1;
	st->state = s->running ? RUNIT_RUN : RUNIT_DOWN;
	st->pid = s->running ? (uint32_t)s->pid : 0;
	st->want_up = !s->down && !s->once;
	st->down = s->down;
	st->once = s->once;
}

static void
handle_service(struct fake_parent *p, const struct parent_request *rq,
    struct parent_reply *reply)
{
	enum parent_service which = (enum parent_service)rq->service;
	struct fake_service *s = &p->service[which];

	switch (rq->op) {
	case PARENT_SERVICE_STATUS:
		tell_status(s, &reply->status);
		break;
	case PARENT_SERVICE_UP:
		s->down = false;
		start(p, which);
		break;
	case PARENT_SERVICE_DOWN:
		s->down = true;
		end(s, false);
		break;
	case PARENT_SERVICE_RESTART:
		s->down = false;
		s->restarts++;
		end(s, false);
		start(p, which);
		break;
	case PARENT_SERVICE_KILL:
		end(s, true);
		if (!s->down)
			start(p, which);
		break;
	default:
		s->once = rq->number != 0;
		break;
	}
}

/* There is never another one in the file. */
static void
remove_invitation(struct fake_parent *p, const char *name)
{
	char path[PATH_SIZE];

	memcpy(p->invite_removed, name, NODE_NAME_SIZE);
	(void)unlink(paths_in(path, "ssh/authorized_keys.ucmnode"));
}

static void
handle(struct fake_parent *p, const struct parent_request *rq,
    struct parent_reply *reply)
{
	switch (rq->op) {
	case PARENT_KEYS_BEGIN:
		p->n_gather = 0;
		break;
	case PARENT_KEYS_ADD:
		p->gather[p->n_gather++] = rq->node;
		break;
	case PARENT_KEYS_COMMIT:
		memcpy(p->node, p->gather, sizeof(p->node));
		p->n_nodes = p->n_gather;
		p->commits++;
		break;
	case PARENT_INVITE_REMOVE:
		remove_invitation(p, rq->node.name);
		break;
	case PARENT_CLI_TIMEOUT:
		p->timeout = rq->number;
		break;
	case PARENT_MIGRATE:
		p->migrations++;
		break;
	case PARENT_ADMIN_PASSWORD:
		memcpy(p->texts, rq->bytes, sizeof(p->texts));
		p->texts_len = rq->len;
		break;
	case PARENT_TLS_REQUEST:
		memcpy(reply->bytes, p->tls, p->tls_len);
		reply->len = p->tls_len;
		break;
	case PARENT_TLS_INSTALL:
		memcpy(p->installed, rq->bytes, rq->len);
		p->installed_len = rq->len;
		break;
	case PARENT_DB_RENEW:
		p->renewed_from = rq->node;
		p->renewed_promoted = rq->number == 1;
		p->renewals++;
		break;
	case PARENT_DB_RENEWED:
		break;
	default:
		handle_service(p, rq, reply);
		break;
	}
}

static void *
serve(void *arg)
{
	struct fake_parent *p = arg;
	struct parent_request rq;
	struct parent_reply reply;

	while (recv(p->fd, &rq, sizeof(rq), 0) == (ssize_t)sizeof(rq)) {
		memset(&reply, 0, sizeof(reply));
		(void)pthread_mutex_lock(&p->mutex);
		reply.code = (uint32_t)p->failure;
		if (p->failure == ERR_NONE)
			handle(p, &rq, &reply);
		else
			(void)snprintf(reply.message, sizeof(reply.message),
			    "told to fail");
		(void)pthread_mutex_unlock(&p->mutex);
		if (send(p->fd, &reply, sizeof(reply), MSG_NOSIGNAL) == -1)
			break;
	}
	return NULL;
}

void
fake_parent_start(struct fake_parent *p)
{
	int fd[2];
	int i;

	memset(p, 0, sizeof(*p));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd) == -1 ||
	    pthread_mutex_init(&p->mutex, NULL) != 0)
		abort();
	for (i = 0; i < PARENT_SERVICES; i++)
		p->service[i] =
		    (struct fake_service) { .running = true, .pid = 100 + i };
	p->fd = fd[1];
	parent_link_init(&p->link, fd[0]);
	if (pthread_create(&p->thread, NULL, serve, p) != 0)
		abort();
}

struct fake_service
fake_parent_service(struct fake_parent *p, enum parent_service s)
{
	struct fake_service copy;

	(void)pthread_mutex_lock(&p->mutex);
	copy = p->service[s];
	(void)pthread_mutex_unlock(&p->mutex);
	return copy;
}

void
fake_parent_stop(struct fake_parent *p)
{
	parent_link_release(&p->link);
	/* a child may have inherited the other end */
	(void)shutdown(p->fd, SHUT_RDWR);
	(void)pthread_join(p->thread, NULL);
	(void)close(p->fd);
	(void)pthread_mutex_destroy(&p->mutex);
}
