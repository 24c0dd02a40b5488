#include "shell/agent_link.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cluster/link.h"
#include "shell/signals.h"

static int
ensure(struct agent_link *l, struct err *e)
{
	if (l->link == NULL)
		l->link = link_open_local(e);
	return l->link == NULL ? -1 : 0;
}

static void
drop(struct agent_link *l)
{
	link_close(l->link);
	l->link = NULL;
}

/* After these the link is of no use (cluster/link.h). */
static bool
is_broken(enum err_code code)
{
	return code == ERR_TIMEOUT || code == ERR_UNREACHABLE ||
	    code == ERR_FORMAT || code == ERR_CANCELLED || code == ERR_IO;
}

static int
call(void *self, const struct link_request *rq, const struct link_sink *sink,
    char **message, struct err *e)
{
	struct agent_link *l = self;
	int rc;

	/* Nothing is done before it is in the audit. */
	audit_link_settle(&l->audit);
	if (ensure(l, e) == -1)
		return -1;
	signals_watch(l->link);
	rc = link_call(l->link, rq, sink, 0, e);
	signals_watch(NULL);
	if (rc == 0 && message != NULL)
		*message = mem_strdup(link_message(l->link));
	if (rc == -1 && is_broken(e->code)) {
		drop(l);
		if (signals_interrupted() || signals_ended())
			return err_set(e, ERR_CANCELLED,
			    "cancelled; the job goes on");
	}
	return rc;
}

static void
begin(void *self, const char *line)
{
	struct agent_link *l = self;

	audit_link_begin(&l->audit, line);
}

static void
end(void *self, const char *line, int status)
{
	struct agent_link *l = self;

	drop(l);
	audit_link_end(&l->audit, line, status);
}

/* True when what is printed reaches nobody: the connection is gone. */
static bool
is_output_gone(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO };

	return poll(&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLHUP)) != 0;
}

static bool
interrupted(void *self)
{
	(void)self;
	return signals_interrupted() || signals_ended() || is_output_gone();
}

static void
clear(void *self)
{
	(void)self;
	signals_clear();
}

void
agent_link_init(struct agent_link *l, const char *account)
{
	memset(l, 0, sizeof(*l));
	audit_link_init(&l->audit, account);
	l->agent.call = call;
	l->agent.self = l;
	l->hooks.begin = begin;
	l->hooks.end = end;
	l->hooks.interrupted = interrupted;
	l->hooks.clear = clear;
	l->hooks.self = l;
}

void
agent_link_idle(void *self)
{
	struct agent_link *l = self;

	audit_link_close(&l->audit);
}

void
agent_link_release(struct agent_link *l)
{
	drop(l);
	audit_link_close(&l->audit);
}
