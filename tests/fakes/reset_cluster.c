#include "tests/fakes/reset_cluster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "trust/digest.h"

static int
fake_password(void *self, const struct secret *password, struct err *e)
{
	(void)self;
	if (str_equal(password->text, RESET_CLUSTER_PASSWORD))
		return 0;
	return err_set(e, ERR_AUTH, "The CCM Administrator password is wrong.");
}

static int
fake_active(void *self, struct roster *r, struct err *e)
{
	struct reset_cluster *world = self;
	size_t i;

	(void)e;
	*r = (struct roster) { .node = mem_array(RESET_CLUSTER_NODES,
				   sizeof(*r->node)) };
	for (i = 0; i < RESET_CLUSTER_NODES; i++) {
		struct roster_node *n = &r->node[r->n];

		if (!world->node[i].active)
			continue;
		(void)str_copy(n->name, sizeof(n->name), world->node[i].name);
		n->local = i == 0;
		n->role = i == 0 ? NODE_PUBLISHER : NODE_SUBSCRIBER;
		r->n++;
	}
	return 0;
}

static struct reset_node *
node_named(struct reset_cluster *world, const char *name)
{
	size_t i;

	for (i = 0; i < RESET_CLUSTER_NODES; i++)
		if (str_equal(world->node[i].name, name))
			return &world->node[i];
	return NULL;
}

/* A link is a pointer to its node in disguise. */
static struct link *
fake_open(void *self, const struct roster_node *n, int64_t deadline_ticks,
    struct err *e)
{
	struct reset_cluster *world = self;
	struct reset_node *x = node_named(world, n->name);

	(void)deadline_ticks;
	if (!x->reachable) {
		(void)err_set(e, ERR_UNREACHABLE, "no route to %s", n->name);
		return NULL;
	}
	(void)pthread_mutex_lock(&world->mutex);
	x->opened++;
	(void)pthread_mutex_unlock(&world->mutex);
	return (struct link *)(void *)x;
}

static void
fake_close(void *self, struct link *l)
{
	struct reset_cluster *world = self;
	struct reset_node *x = (struct reset_node *)(void *)l;

	(void)pthread_mutex_lock(&world->mutex);
	x->closed++;
	(void)pthread_mutex_unlock(&world->mutex);
}

static int
answer_status(const struct reset_node *x, const struct link_sink *sink)
{
	struct strlist row = STRLIST_INIT;
	int rc;

	strlist_add(&row, x->disk);
	strlist_add(&row, x->served);
	strlist_add(&row, "CN=x");
	strlist_add(&row, x->service);
	strlist_add(&row, x->activated ? "t" : "f");
	rc = sink->row(sink->self, &row);
	strlist_release(&row);
	return rc;
}

static int
stage(struct reset_node *x, const struct link_request *rq, struct err *e)
{
	char hex[DIGEST_HEX_SIZE];
	char size[24];

	x->stages++;
	assert_int_equal(rq->words.n, 4);
	digest_hex(DIGEST_SHA1, rq->payload, rq->payload_len, hex);
	assert_string_equal(rq->words.item[2], hex);
	(void)snprintf(size, sizeof(size), "%zu", rq->payload_len);
	assert_string_equal(rq->words.item[3], size);
	if (x->disk_full)
		return err_set(e, ERR_NO_SPACE, "no space left on device");
	free(x->staged);
	x->staged = mem_dup(rq->payload, rq->payload_len);
	x->staged_len = rq->payload_len;
	return 0;
}

static int
activate(struct reset_cluster *world, struct reset_node *x, const char *sha,
    struct err *e)
{
	char path[PATH_SIZE];

	x->activations++;
	if (x->restart_fails)
		return err_set(e, ERR_TIMEOUT, "Cisco Tftp does not start");
	(void)str_copy(x->disk, sizeof(x->disk), sha);
	(void)str_copy(x->served, sizeof(x->served), sha);
	if (x != &world->node[0] || x->staged == NULL)
		return 0;
	return file_replace(paths_in(path, "tftp/ITLFile.tlv"), x->staged,
	    x->staged_len, 0644, e);
}

static int
fake_call(void *self, struct link *l, const struct link_request *rq,
    const struct link_sink *sink, int64_t deadline_ticks, struct err *e)
{
	struct reset_node *x = (struct reset_node *)(void *)l;

	(void)deadline_ticks;
	assert_string_equal(rq->words.item[0], "itl");
	if (str_equal(rq->words.item[1], "status"))
		return answer_status(x, sink);
	if (str_equal(rq->words.item[1], "stage"))
		return stage(x, rq, e);
	assert_string_equal(rq->words.item[1], "activate");
	return activate(self, x, rq->words.item[2], e);
}

void
reset_cluster_init(struct reset_cluster *w)
{
	static const char *const names[RESET_CLUSTER_NODES] = { "test10pub",
		"test10sub", "test10sub2" };
	size_t i;

	memset(w, 0, sizeof(*w));
	(void)pthread_mutex_init(&w->mutex, NULL);
	for (i = 0; i < RESET_CLUSTER_NODES; i++) {
		w->node[i] = (struct reset_node) { .name = names[i],
			.active = i < 2,
			.activated = true,
			.reachable = true,
			.service = "STARTED" };
		(void)str_copy(w->node[i].disk, ITL_SHA_HEX_SIZE,
		    "9d7da73d16c1501b4d27dc1ed79211f390659982");
		(void)str_copy(w->node[i].served, ITL_SHA_HEX_SIZE,
		    w->node[i].disk);
	}
}

void
reset_cluster_release(struct reset_cluster *w)
{
	size_t i;

	for (i = 0; i < RESET_CLUSTER_NODES; i++)
		free(w->node[i].staged);
	(void)pthread_mutex_destroy(&w->mutex);
}

struct itl_reset_ops
reset_cluster_ops(struct reset_cluster *w)
{
	const struct itl_reset_ops ops = { .password = fake_password,
		.active = fake_active,
		.links = { .open = fake_open,
		    .call = fake_call,
		    .close = fake_close,
		    .self = w },
		.self = w };

	return ops;
}
