/*
 * The transfer and restart of an ITL reset, and nothing else, for make
 * bench:
 *
 *   bench-fanout yes|no FILE SHA1HEX NAME=ADDRESS:PORT…
 *
 * asks every node for its status (yes) or not (no), stages FILE there and
 * activates it, over the same links and the same pool as `utils itl reset`.
 * Runs inside the publisher, as root. Prints nothing; the exit status is 1 when
 * a node failed (named on standard error).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "cluster/fanout.h"
#include "cluster/link.h"
#include "cluster/roster.h"

#define ITEM_MS 60000
#define FILE_MAX 65536

struct bench {
	struct roster_node *node;
	const uint8_t *file;
	size_t len;
	const char *sha;
	bool ask;
};

static int
request(struct link *l, const char *verb, const struct bench *b,
    int64_t deadline, struct err *e)
{
	struct link_request rq = { 0 };
	int rc;

	strlist_add(&rq.words, "itl");
	strlist_add(&rq.words, verb);
	if (!str_equal(verb, "status"))
		strlist_add(&rq.words, b->sha);
	if (str_equal(verb, "stage")) {
		char size[32];

		(void)str_printf(size, sizeof(size), "%zu", b->len);
		strlist_add(&rq.words, size);
		rq.payload = b->file;
		rq.payload_len = b->len;
	}
	rc = link_call(l, &rq, NULL, deadline, e);
	strlist_release(&rq.words);
	return rc;
}

static int
run(void *self, size_t i, int64_t deadline, struct err *e)
{
	const struct bench *b = self;
	struct link *l;
	int rc;

	l = link_open_node(&b->node[i], deadline, e);
	if (l == NULL)
		return -1;
	rc = b->ask ? request(l, "status", b, deadline, e) : 0;
	if (rc == 0)
		rc = request(l, "stage", b, deadline, e);
	if (rc == 0)
		rc = request(l, "activate", b, deadline, e);
	link_close(l);
	return rc;
}

static int
parse_node(struct roster_node *n, const char *arg)
{
	char text[256];
	char *address, *port;
	uint64_t number;

	memset(n, 0, sizeof(*n));
	if (str_copy(text, sizeof(text), arg) == -1)
		return -1;
	address = strchr(text, '=');
	port = strrchr(text, ':');
	if (address == NULL || port == NULL)
		return -1;
	*address++ = '\0';
	*port++ = '\0';
	if (str_number(port, 1, 65535, &number) == -1 ||
	    str_copy(n->name, sizeof(n->name), text) == -1 ||
	    str_copy(n->address, sizeof(n->address), address) == -1)
		return -1;
	n->ssh_port = (uint16_t)number;
	return 0;
}

int
main(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct bench b = { 0 };
	struct err *outcome;
	struct fanout f = { .item_ms = ITEM_MS, .run = run, .self = &b };
	uint8_t *file = NULL;
	size_t bad;

	if (argc < 5) {
		(void)fprintf(stderr,
		    "usage: bench-fanout yes|no FILE SHA1HEX "
		    "NAME=ADDRESS:PORT...\n");
		return 2;
	}
	b.ask = str_equal(argv[1], "yes");
	if (file_read(argv[2], FILE_MAX, &file, &b.len, &e) == -1) {
		(void)fprintf(stderr, "bench-fanout: %s\n", e.msg);
		return 1;
	}
	b.file = file;
	b.sha = argv[3];
	f.n = (size_t)(argc - 4);
	b.node = mem_array(f.n, sizeof(*b.node));
	outcome = mem_array(f.n, sizeof(*outcome));
	for (size_t i = 0; i < f.n; i++) {
		if (parse_node(&b.node[i], argv[4 + i]) == -1) {
			(void)fprintf(stderr, "bench-fanout: bad node: %s\n",
			    argv[4 + i]);
			return 2;
		}
	}
	bad = fanout_run(&f, outcome);
	for (size_t i = 0; i < f.n; i++) {
		if (outcome[i].code != ERR_NONE)
			(void)fprintf(stderr, "%s: %s\n", b.node[i].name,
			    outcome[i].msg);
	}
	free(b.node);
	free(outcome);
	free(file);
	return bad == 0 ? 0 : 1;
}
