/*
 * ucm-node enrol, ucm-node readmit: the forced commands of one-time keys.
 * What the other side says goes to this node's agent, with a bundle from
 * standard input.
 *
 * A new node says "begin", and "end" when it has kept the answer.  A rebuilt
 * publisher says "facts", "nodes", then "look NODE" and "adopt NODE" for each
 * node, and "end" when all is done.
 */
#include <errno.h>
#include <stdbool.h>
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

#define ANSWER_MS 120000
#define REQUEST_SIZE 128

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

/* The request's words, and what there is on standard input. */
static int
ask_agent(struct strlist *words, bool payload, struct err *e)
{
	struct link_request rq = { .words = *words };
	struct wbuf w;
	int rc = 0;

	wbuf_init(&w, BUNDLE_MAX);
	if (payload) {
		rc = read_input(&w, e);
		rq.payload = w.data;
		rq.payload_len = w.len;
	}
	if (rc == 0)
		rc = relay(&rq, e);
	wbuf_release(&w);
	return rc;
}

/* The other side's command, as sshd passes it on. */
static const char *
original(void)
{
	/* sshd puts it there; this is its one use. */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const char *what = getenv("SSH_ORIGINAL_COMMAND");

	return what == NULL ? "" : what;
}

static int
run_enrol(struct node_call *c, struct err *e)
{
	struct strlist words = STRLIST_INIT;
	const char *what = original();
	bool begin = str_equal(what, "begin");
	int rc;

	if (c->argc != 4)
		return err_set(e, ERR_USAGE, "a name, an address and a port");
	if (!begin && !str_equal(what, "end"))
		return err_set(e, ERR_USAGE, "this key is for joining only");
	strlist_add(&words, "join");
	strlist_add(&words, what);
	for (int i = 1; i < (begin ? c->argc : 2); i++)
		strlist_add(&words, c->argv[i]);
	rc = ask_agent(&words, begin, e);
	strlist_release(&words);
	return rc;
}

/* What a rebuilt publisher may say: the verb, and what comes with it. */
static const struct {
	const char *word;
	bool node; /* one of the cluster's nodes is named */
	bool payload;
} sayings[] = {
	{ "facts", false, false },
	{ "nodes", false, true },
	{ "look", true, true },
	{ "adopt", true, true },
	{ "end", false, false },
};

static int
run_readmit(struct node_call *c, struct err *e)
{
	struct strlist words = STRLIST_INIT;
	char word[REQUEST_SIZE];
	char *node;
	size_t i;
	int rc;

	if (c->argc != 2)
		return err_set(e, ERR_USAGE, "a name");
	if (str_copy(word, sizeof(word), original()) == -1)
		word[0] = '\0';
	node = strchr(word, ' ');
	if (node != NULL)
		*node++ = '\0';
	for (i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++)
		if (str_equal(word, sayings[i].word) &&
		    sayings[i].node == (node != NULL))
			break;
	if (i == sizeof(sayings) / sizeof(sayings[0]))
		return err_set(e, ERR_USAGE,
		    "this key is for rebuilding the publisher only");
	strlist_add(&words, "restore");
	strlist_add(&words, node == NULL ? word : "relay");
	strlist_add(&words, c->argv[1]);
	if (node != NULL) {
		strlist_add(&words, word);
		strlist_add(&words, node);
	}
	rc = ask_agent(&words, sayings[i].payload, e);
	strlist_release(&words);
	return rc;
}

const struct node_command node_enrol = {
	.name = "enrol",
	.usage = "NAME ADDRESS PORT",
	.help = "what a one-time key of \"ucm-node invite\" may run",
	.hidden = true,
	.run = run_enrol,
};

const struct node_command node_readmit = {
	.name = "readmit",
	.usage = "NAME",
	.help =
	    "what a one-time key of \"ucm-node invite --publisher\" may run",
	.hidden = true,
	.run = run_readmit,
};
