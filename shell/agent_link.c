#include "shell/agent_link.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/link.h"
#include "shell/signals.h"

#define AUDIT_MS 5000 /* then syslog(3) has to do */

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

/* One request of the audit; words is "begin", or "end" and a status. */
static int
audit(struct agent_link *l, const char *const *words, const char *line)
{
	struct err e = ERR_INIT;
	struct link_request rq;
	int rc;

	if (ensure(l, &e) == -1)
		return -1;
	cmd_request(&rq, words);
	rq.payload = line;
	rq.payload_len = strlen(line);
	rc = link_call(l->link, &rq, NULL, clock_ticks() + AUDIT_MS, &e);
	cmd_request_release(&rq);
	if (rc == -1 && is_broken(e.code))
		drop(l);
	return rc;
}

static void
begin(void *self, const char *line)
{
	static const char *const words[] = { "audit", "begin", NULL };
	struct agent_link *l = self;
	char *shown;

	if (audit(l, words, line) == 0)
		return;
	shown = str_visible_dup(line, strlen(line));
	syslog(LOG_AUTHPRIV | LOG_NOTICE,
	    "running command -> [%s ] user=%s (agent not reached)", shown,
	    l->account);
	free(shown);
}

static void
end(void *self, const char *line, int status)
{
	struct agent_link *l = self;
	char text[16];
	const char *const words[] = { "audit", "end", text, NULL };

	(void)str_printf(text, sizeof(text), "%d", status);
	if (audit(l, words, line) == -1) {
		char *shown;

		shown = str_visible_dup(line, strlen(line));
		syslog(LOG_AUTHPRIV | LOG_NOTICE,
		    "command ended -> [%s ] user=%s status=%d (agent not "
		    "reached)",
		    shown, l->account, status);
		free(shown);
	}
	drop(l);
}

static bool
interrupted(void *self)
{
	(void)self;
	return signals_interrupted();
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
	l->account = account;
	l->agent.call = call;
	l->agent.self = l;
	l->hooks.begin = begin;
	l->hooks.end = end;
	l->hooks.interrupted = interrupted;
	l->hooks.clear = clear;
	l->hooks.self = l;
}

void
agent_link_release(struct agent_link *l)
{
	drop(l);
}
