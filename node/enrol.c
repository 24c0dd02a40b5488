/*
 * ucm-node enrol: the forced command of a one-time key.  The new node says
 * "begin", with a bundle on standard input, and "end" when it has kept the
 * answer; both go to this node's agent.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/link.h"
#include "node/bundle.h"
#include "node/command.h"

#define ANSWER_MS 30000

static int
to_output(void *self, const void *p, size_t n)
{
	const uint8_t *at = p;

	(void)self;
	while (n > 0) {
		ssize_t k = write(STDOUT_FILENO, at, n);

		if (k == -1 && errno == EINTR)
			continue;
		if (k <= 0)
			return -1;
		at += k;
		n -= (size_t)k;
	}
	return 0;
}

/* Standard input to its end. */
static int
read_input(struct wbuf *w, struct err *e)
{
	uint8_t buf[4096];

	for (;;) {
		ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_errno(e, "standard input");
		if (n == 0)
			break;
		wbuf_bytes(w, buf, (size_t)n);
	}
	if (w->failed)
		return err_set(e, ERR_TOO_BIG, "request over %d bytes",
		    BUNDLE_MAX);
	return 0;
}

static int
relay(const struct link_request *rq, struct err *e)
{
	const struct link_sink sink = { .data = to_output };
	struct link *l = link_open_local(e);
	int rc;

	if (l == NULL)
		return -1;
	rc = link_call(l, rq, &sink, clock_ticks() + ANSWER_MS, e);
	link_close(l);
	return rc;
}

static int
run(struct node_call *c, struct err *e)
{
	struct link_request rq = { .words = STRLIST_INIT };
	/* sshd puts the other side's command there; this is its one use. */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const char *what = getenv("SSH_ORIGINAL_COMMAND");
	struct wbuf w;
	int rc = -1;

	if (c->argc != 4)
		return err_set(e, ERR_USAGE, "a name, an address and a port");
	wbuf_init(&w, BUNDLE_MAX);
	strlist_add(&rq.words, "join");
	if (what != NULL && str_equal(what, "begin")) {
		strlist_add(&rq.words, "begin");
		for (int i = 1; i < c->argc; i++)
			strlist_add(&rq.words, c->argv[i]);
		rc = read_input(&w, e);
		rq.payload = w.data;
		rq.payload_len = w.len;
	} else if (what != NULL && str_equal(what, "end")) {
		strlist_add(&rq.words, "end");
		strlist_add(&rq.words, c->argv[1]);
		rc = 0;
	} else {
		(void)err_set(e, ERR_USAGE, "this key is for joining only");
	}
	if (rc == 0)
		rc = relay(&rq, e);
	strlist_release(&rq.words);
	wbuf_release(&w);
	return rc;
}

const struct node_command node_enrol = {
	.name = "enrol",
	.usage = "NAME ADDRESS PORT",
	.help = "what a one-time key of \"ucm-node invite\" may run",
	.hidden = true,
	.run = run,
};
