#include "tests/fakes/itl_node.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"
#include "trust/trustlist.h"

#define KEY_BITS 1024 /* the least that signs; quick to make */

void
itl_node_pair(struct certfile *f, const char *cn)
{
	struct cert_spec spec = { .subject = { .cn = cn,
				      .ou = "tac",
				      .o = "cisco",
				      .l = "rtp",
				      .st = "nc",
				      .c = "US" },
		.uses = CERT_USE_SERVER };
	struct err e = ERR_INIT;

	spec.not_before = clock_wall();
	spec.not_after = cert_years(spec.not_before, 5);
	f->key = key_generate_rsa(KEY_BITS, &e);
	if (f->key == NULL)
		BUG("%s", e.msg);
	f->cert = cert_self_sign(&spec, f->key, &e);
	if (f->cert == NULL)
		BUG("%s", e.msg);
}

/* What the database would say. */
static int
read_source(void *self, struct itl_certs *out, struct err *e)
{
	struct itl_node *n = self;

	atomic_fetch_add(&n->reads, 1);
	(void)poll(NULL, 0, atomic_load(&n->delay_ms));
	if (atomic_load(&n->failures) > 0) {
		atomic_fetch_sub(&n->failures, 1);
		atomic_fetch_add(&n->finished, 1);
		return err_set(e,
		    err_from_number((unsigned)atomic_load(&n->code)),
		    "the source fails");
	}
	out->capf = cert_dup(n->capf.cert);
	out->tvs = cert_dup(n->tvs.cert);
	out->recovery = cert_dup(n->recovery.cert);
	out->further_tvs = mem_array(1, sizeof(struct cert *));
	out->further_tvs[0] = cert_dup(n->further.cert);
	(void)str_copy(out->tvs_node, sizeof(out->tvs_node), "test10pub");
	out->further_node = mem_array(1, sizeof(*out->further_node));
	(void)str_copy(out->further_node[0], sizeof(out->further_node[0]),
	    "test10sub");
	out->n_further = 1;
	out->digest = n->digest;
	atomic_fetch_add(&n->finished, 1);
	return 0;
}

static void
make_directory(const char *name)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	if (file_mkdir(paths_in(path, "%s", name), 0700, &e) == -1)
		BUG("%s", e.msg);
}

struct itl_node *
itl_node_new(void)
{
	struct itl_node *n = mem_alloc(sizeof(*n));
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	n->dir = testing_dir();
	paths_set_root(n->dir);
	make_directory("certs");
	make_directory("tftp");
	make_directory("run");
	make_directory("log");
	make_directory("log/syslog");
	itl_node_pair(&n->callmanager, "test10pub.joemar2.lab");
	itl_node_pair(&n->capf, "CAPF-1");
	itl_node_pair(&n->tvs, "test10pub.joemar2.lab");
	itl_node_pair(&n->recovery, "ITLRECOVERY_test10pub.joemar2.lab");
	itl_node_pair(&n->further, "test10sub.joemar2.lab");
	if (certfile_write(paths_in(path, "certs/CallManager.pem"),
		n->callmanager.key, n->callmanager.cert, &e) == -1)
		BUG("%s", e.msg);
	n->source.read = read_source;
	n->source.self = n;
	n->digest = DIGEST_SHA1;
	atomic_store(&n->code, ERR_UNREACHABLE);
	return n;
}

void
itl_node_free(struct itl_node *n)
{
	certfile_release(&n->callmanager);
	certfile_release(&n->capf);
	certfile_release(&n->tvs);
	certfile_release(&n->recovery);
	certfile_release(&n->further);
	testing_dir_remove(n->dir);
	free(n);
}

void
itl_node_reset_file(struct itl_node *n, uint8_t **data, size_t *len)
{
	const struct signer signer = { .cert = n->recovery.cert,
		.key = n->recovery.key,
		.digest = n->digest,
		.timestamp = clock_wall() };
	struct err e = ERR_INIT;
	struct trustlist l;
	uint8_t *built;
	size_t built_len;

	if (itl_start_build(&n->source, &built, &built_len, &e) == -1 ||
	    trustlist_parse(&l, built, built_len, &e) == -1 ||
	    trustlist_resign(&l, &signer, NULL, data, len, &e) == -1)
		BUG("%s", e.msg);
	trustlist_release(&l);
	free(built);
}

void
itl_node_wait(struct itl_node *n, int reads)
{
	int64_t deadline = clock_ticks() + 30000;

	while (atomic_load(&n->finished) < reads ||
	    testing_count("/proc/self/task") > 1) {
		if (clock_ticks() > deadline)
			BUG("the source is not read");
		(void)poll(NULL, 0, 1);
	}
}

void
itl_node_put(const struct itl_node *n, const uint8_t *data, size_t len)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)n;
	if (file_replace(paths_in(path, "tftp/ITLFile.tlv"), data, len, 0644,
		&e) == -1)
		BUG("%s", e.msg);
}

uint8_t *
itl_node_get(const struct itl_node *n, size_t *len)
{
	char path[PATH_SIZE];
	uint8_t *data = NULL;

	(void)n;
	*len = 0;
	if (file_read(paths_in(path, "tftp/ITLFile.tlv"), TRUSTLIST_MAX_SIZE,
		&data, len, NULL) == -1)
		return NULL;
	return data;
}
