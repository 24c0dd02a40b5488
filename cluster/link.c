#include "cluster/link.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "cluster/agent_io.h"
#include "cluster/link_priv.h"

#define CONNECT_MS 5000 /* to the agent's socket */

struct local_link {
	struct link link;
	int fd;
};

static int
listening_ended(struct err *e)
{
	return err_set(e, ERR_CANCELLED, "cancelled; the job goes on");
}

int
link_answer_take(struct link_answer *a, struct agent_msg *m, struct err *e)
{
	const struct link_sink *s = a->sink;
	int stop = 0;

	switch (m->type) {
	case AGENT_TEXT:
		if (s != NULL && s->text != NULL)
			stop = s->text(s->self, (const char *)m->bytes, m->len);
		break;
	case AGENT_ROW:
		if (s != NULL && s->row != NULL)
			stop = s->row(s->self, &m->words);
		break;
	case AGENT_DATA:
		if (s != NULL && s->data != NULL)
			stop = s->data(s->self, m->bytes, m->len);
		break;
	case AGENT_RESULT:
		a->result = *m;
		agent_msg_init(m);
		break;
	case AGENT_REQUEST:
	case AGENT_END:
		return err_set(e, ERR_FORMAT,
		    "agent message: type %d in an answer", (int)m->type);
	}
	return stop != 0 ? listening_ended(e) : 0;
}

/* Read frames up to the result. */
static int
local_answer(struct local_link *l, struct link_answer *a,
    int64_t deadline_ticks, struct err *e)
{
	while (a->result.type != AGENT_RESULT) {
		struct agent_msg m;
		int rc;

		if (agent_io_read(l->fd, &m, deadline_ticks, e) == -1)
			return -1;
		if (m.type == AGENT_END)
			return err_set(e, ERR_UNREACHABLE,
			    "the node's agent has ended before the job's end");
		rc = link_answer_take(a, &m, e);
		agent_msg_release(&m);
		if (rc == -1)
			return -1;
	}
	return 0;
}

void
link_request_msg(struct agent_msg *m, const struct link_request *rq)
{
	size_t i;

	agent_msg_init(m);
	m->type = AGENT_REQUEST;
	for (i = 0; i < rq->words.n; i++)
		strlist_add(&m->words, rq->words.item[i]);
	if (rq->payload != NULL) {
		m->bytes = mem_dup(rq->payload, rq->payload_len);
		m->len = rq->payload_len;
		m->has_bytes = true;
	}
	if (rq->secret != NULL && rq->secret->text != NULL)
		secret_set(&m->secret, rq->secret->text, rq->secret->len);
}

static int
local_call(struct link *base, const struct link_request *rq,
    struct link_answer *a, int64_t deadline_ticks, struct err *e)
{
	struct local_link *l = (struct local_link *)base;
	struct agent_msg m;
	int rc;

	link_request_msg(&m, rq);
	rc = agent_io_write(l->fd, &m, deadline_ticks, e);
	agent_msg_release(&m);
	if (rc == -1)
		return -1;
	return local_answer(l, a, deadline_ticks, e);
}

static void
local_close(struct link *base)
{
	struct local_link *l = (struct local_link *)base;

	close(l->fd);
	free(l);
}

static void
local_interrupt(struct link *base)
{
	struct local_link *l = (struct local_link *)base;

	(void)shutdown(l->fd, SHUT_RDWR);
}

static const struct link_ops local_ops = {
	.call = local_call,
	.close = local_close,
	.interrupt = local_interrupt,
};

struct link *
link_open_local(struct err *e)
{
	int fd = agent_io_connect(clock_ticks() + CONNECT_MS, e);
	struct local_link *l;

	if (fd == -1)
		return NULL;
	l = mem_alloc(sizeof(*l));
	l->link.ops = &local_ops;
	l->fd = fd;
	return &l->link;
}

/*
 * A copy without control characters, newlines apart: the text may come from
 * another node.  A backslash stays, the sender has escaped what it quotes.
 */
static void
copy_clean(char *dst, size_t size, const char *src)
{
	char *shown = str_visible_dup(src, strlen(src));
	const char *p;
	size_t n = 0;

	for (p = shown; *p != '\0' && n + 1 < size; p++) {
		if (p[0] == '\\' && p[1] == 'n') {
			dst[n++] = '\n';
			p++;
		} else {
			dst[n++] = *p;
			p += p[0] == '\\' && p[1] == '\\';
		}
	}
	dst[n] = '\0';
	free(shown);
}

static int
take_result(struct link *l, const struct agent_msg *result, struct err *e)
{
	char message[ERR_MSG_SIZE];
	char hint[ERR_HINT_SIZE];

	copy_clean(message, sizeof(message), result->message);
	copy_clean(hint, sizeof(hint), result->hint);
	if (result->code == ERR_NONE) {
		memcpy(l->message, message, sizeof(l->message));
		return 0;
	}
	err_set(e, result->code, "%s", message);
	if (hint[0] != '\0')
		err_hint(e, "%s", hint);
	return -1;
}

/* A request that was refused before it was sent leaves the link as it was. */
static bool
was_not_sent(const struct err *e)
{
	return e->code == ERR_USAGE || e->code == ERR_TOO_BIG;
}

int
link_call(struct link *l, const struct link_request *rq,
    const struct link_sink *sink, int64_t deadline_ticks, struct err *e)
{
	struct link_answer a = { .sink = sink };
	struct err why = ERR_INIT;
	int rc;

	if (l->broken)
		return err_set(e, ERR_STATE, "the link is no longer usable");
	l->message[0] = '\0';
	rc = l->ops->call(l, rq, &a, deadline_ticks, &why);
	if (rc == -1)
		l->broken = !was_not_sent(&why);
	else
		rc = take_result(l, &a.result, &why);
	agent_msg_release(&a.result);
	if (rc == -1 && e != NULL)
		*e = why;
	return rc;
}

const char *
link_message(const struct link *l)
{
	return l->message;
}

void
link_interrupt(struct link *l)
{
	if (l->ops->interrupt != NULL)
		l->ops->interrupt(l);
}

void
link_close(struct link *l)
{
	if (l != NULL)
		l->ops->close(l);
}
