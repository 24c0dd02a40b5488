#include "shell/audit_link.h"

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/agent_io.h"
#include "cluster/agent_msg.h"

#define AUDIT_MS 5000 /* then syslog(3) has to do */

void
audit_link_init(struct audit_link *l, const char *account)
{
	memset(l, 0, sizeof(*l));
	l->fd = -1;
	l->account = account;
}

static void
to_syslog(const struct audit_link *l, const char *text)
{
	syslog(LOG_AUTHPRIV | LOG_NOTICE, "%s user=%s (agent not reached)",
	    text, l->account);
}

/* The oldest line is confirmed, or has gone elsewhere. */
static void
forget_first(struct audit_link *l)
{
	free(l->pending[0]);
	l->n--;
	memmove(l->pending, l->pending + 1, l->n * sizeof(l->pending[0]));
}

/* The connection is of no use; what it did not confirm goes to syslog(3). */
static void
drop(struct audit_link *l)
{
	if (l->fd != -1)
		close(l->fd);
	l->fd = -1;
	while (l->n > 0) {
		to_syslog(l, l->pending[0]);
		forget_first(l);
	}
}

/* Read one confirmation; -1 when there will be none. */
static int
confirm(struct audit_link *l)
{
	struct err e = ERR_INIT;
	enum agent_msg_type type;

	do {
		struct agent_msg m;

		if (agent_io_read(l->fd, &m, clock_ticks() + AUDIT_MS, &e) ==
		    -1)
			return -1;
		if (m.type == AGENT_RESULT && m.code != ERR_NONE)
			to_syslog(l, l->pending[0]);
		type = m.type;
		agent_msg_release(&m);
	} while (type == AGENT_TEXT);
	if (type != AGENT_RESULT)
		return -1;
	forget_first(l);
	return 0;
}

/* Read what is there already. */
static void
collect(struct audit_link *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };

	while (l->n > 0 && poll(&p, 1, 0) > 0) {
		if (confirm(l) == -1)
			drop(l);
	}
}

void
audit_link_settle(struct audit_link *l)
{
	while (l->n > 0) {
		if (confirm(l) == -1)
			drop(l);
	}
}

static int
send_words(struct audit_link *l, const char *const *words, const char *line)
{
	struct agent_msg m;
	struct err e = ERR_INIT;
	int rc;

	if (l->fd == -1)
		l->fd = agent_io_connect(clock_ticks() + AUDIT_MS, &e);
	if (l->fd == -1)
		return -1;
	agent_msg_init(&m);
	m.type = AGENT_REQUEST;
	for (; *words != NULL; words++)
		strlist_add(&m.words, *words);
	m.bytes = (uint8_t *)mem_strdup(line);
	m.len = strlen(line);
	m.has_bytes = true;
	rc = agent_io_write(l->fd, &m, clock_ticks() + AUDIT_MS, &e);
	agent_msg_release(&m);
	return rc;
}

/* Send one line; text, owned, is what syslog(3) gets in its place. */
static void
send_line(struct audit_link *l, const char *const *words, const char *line,
    char *text)
{
	bool reused = l->fd != -1;

	if (reused)
		collect(l);
	if (l->n == AUDIT_PENDING_MAX)
		audit_link_settle(l);
	if (send_words(l, words, line) == -1) {
		/* The agent may have been restarted since the last line. */
		drop(l);
		if (!reused || send_words(l, words, line) == -1) {
			drop(l);
			to_syslog(l, text);
			free(text);
			return;
		}
	}
	l->pending[l->n++] = text;
}

void
audit_link_begin(struct audit_link *l, const char *line)
{
	static const char *const words[] = { "audit", "begin", NULL };
	char *shown = str_visible_dup(line, strlen(line));

	send_line(l, words, line,
	    mem_printf("running command -> [%s ]", shown));
	free(shown);
}

void
audit_link_end(struct audit_link *l, const char *line, int status)
{
	char number[16];
	const char *const words[] = { "audit", "end", number, NULL };
	char *shown = str_visible_dup(line, strlen(line));

	(void)str_printf(number, sizeof(number), "%d", status);
	send_line(l, words, line,
	    mem_printf("command ended -> [%s ] status=%d", shown, status));
	free(shown);
}

void
audit_link_close(struct audit_link *l)
{
	audit_link_settle(l);
	if (l->fd != -1)
		close(l->fd);
	l->fd = -1;
}
