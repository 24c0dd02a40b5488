/*
 * The transfer and restart of an ITL reset, and nothing else, for make
 * bench:
 *
 *   bench-fanout fresh|kept yes|no NAME=ADDRESS:PORT=HOSTKEY...
 *
 * For each line "FILE SHA1HEX" on standard input: ask every node for its
 * status (yes) or not (no), stage FILE there and activate it, over the same
 * pool of links and the same threads as the agent does for `utils itl reset`;
 * then answer "ok" or "failed" on standard output, the nodes that failed
 * being named on standard error.  With "kept" the links stay open between
 * two lines, as they do in the agent between two jobs; with "fresh" every
 * line opens its own.  Runs inside the publisher, as root.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "cluster/fanout.h"
#include "cluster/link_pool.h"
#include "cluster/roster.h"

#define ITEM_MS 60000
#define FILE_MAX 65536

struct bench {
	struct link_pool *links;
	struct roster_node *node; /* n of them */
	size_t n;
	const uint8_t *file;
	size_t len;
	const char *sha;
	bool ask;
	bool keep;
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

	l = link_pool_take(b->links, &b->node[i], deadline, e);
	if (l == NULL)
		return -1;
	rc = b->ask ? request(l, "status", b, deadline, e) : 0;
	if (rc == 0)
		rc = request(l, "stage", b, deadline, e);
	if (rc == 0)
		rc = request(l, "activate", b, deadline, e);
	link_pool_give(b->links, l);
	return rc;
}

static int
parse_node(struct roster_node *n, const char *arg)
{
	char text[1024];
	char *address, *port, *key;
	uint64_t number;

	memset(n, 0, sizeof(*n));
	if (str_copy(text, sizeof(text), arg) == -1 ||
	    (address = strchr(text, '=')) == NULL ||
	    (port = strchr(address, ':')) == NULL ||
	    (key = strchr(port, '=')) == NULL)
		return -1;
	*address++ = '\0';
	*port++ = '\0';
	*key++ = '\0';
	if (str_number(port, 1, 65535, &number) == -1 ||
	    str_copy(n->name, sizeof(n->name), text) == -1 ||
	    str_copy(n->address, sizeof(n->address), address) == -1 ||
	    str_copy(n->host_key, sizeof(n->host_key), key) == -1)
		return -1;
	n->ssh_port = (uint16_t)number;
	return 0;
}

/* The work on all nodes.  How many failed. */
static size_t
work(struct bench *b)
{
	const struct fanout f = { .n = b->n,
		.item_ms = ITEM_MS,
		.run = run,
		.self = b };
	struct err *outcome = mem_array(b->n, sizeof(*outcome));
	size_t bad = fanout_run(&f, outcome);

	for (size_t i = 0; i < b->n; i++) {
		if (outcome[i].code != ERR_NONE)
			(void)fprintf(stderr, "%s: %s\n", b->node[i].name,
			    outcome[i].msg);
	}
	free(outcome);
	return bad;
}

/* One line of standard input. */
static int
serve(struct bench *b, char *line)
{
	struct err e = ERR_INIT;
	char *sha = strchr(line, ' ');
	uint8_t *file;
	size_t bad;

	if (sha == NULL)
		return -1;
	*sha++ = '\0';
	sha[strcspn(sha, "\n")] = '\0';
	if (file_read(line, FILE_MAX, &file, &b->len, &e) == -1) {
		(void)fprintf(stderr, "bench-fanout: %s\n", e.msg);
		return -1;
	}
	b->file = file;
	b->sha = sha;
	bad = work(b);
	if (!b->keep) {
		link_pool_free(b->links);
		b->links = link_pool_new();
	}
	(void)printf("%s\n", bad == 0 ? "ok" : "failed");
	(void)fflush(stdout);
	free(file);
	return 0;
}

int
main(int argc, char **argv)
{
	struct bench b = { .links = link_pool_new() };
	char line[1024];
	int rc = 0;

	if (argc < 4) {
		(void)fprintf(stderr,
		    "usage: bench-fanout fresh|kept yes|no "
		    "NAME=ADDRESS:PORT=HOSTKEY...\n");
		return 2;
	}
	b.keep = str_equal(argv[1], "kept");
	b.ask = str_equal(argv[2], "yes");
	b.n = (size_t)(argc - 3);
	b.node = mem_array(b.n, sizeof(*b.node));
	for (size_t i = 0; i < b.n; i++) {
		if (parse_node(&b.node[i], argv[3 + i]) == -1) {
			(void)fprintf(stderr, "bench-fanout: bad node: %s\n",
			    argv[3 + i]);
			return 2;
		}
	}
	while (rc == 0 && fgets(line, sizeof(line), stdin) != NULL)
		rc = serve(&b, line);
	link_pool_free(b.links);
	free(b.node);
	return rc == 0 ? 0 : 1;
}
