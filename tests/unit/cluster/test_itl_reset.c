/*
 * cluster/itl_reset.c: the reset file, the dialogue byte for byte, and what
 * happens when nodes are missing.  The nodes are fakes behind the ops; the
 * files of the publisher are real.
 */
#include "cluster/itl_reset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include <pthread.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/paths.h"
#include "cluster/cert_unit.h"
#include "trust/digest.h"
#include "trust/itl.h"
#include "trust/trustlist.h"

#define NODES 3
#define PASSWORD "cisco123"

struct node {
	const char *name;
	bool active; /* in the database */
	bool activated; /* says the node */
	bool reachable;
	const char *service;
	bool disk_full;
	bool restart_fails;
	char disk[ITL_SHA_HEX_SIZE];
	char served[ITL_SHA_HEX_SIZE];
	uint8_t *staged;
	size_t staged_len;
	unsigned stages;
	unsigned activations;
	unsigned opened;
	unsigned closed;
};

/* A fake cluster; the first node is the publisher, this one. */
struct world {
	pthread_mutex_t mutex;
	struct node node[NODES];
};

static char root[] = "/tmp/ucmsh-reset-XXXXXX";
static struct nodeconf conf;
static struct world w = { .mutex = PTHREAD_MUTEX_INITIALIZER };
static struct wbuf text; /* the dialogue */
static struct certfile callmanager, capf, tvs, further, recovery;

static const char full_dialogue[] =
    "\n"
    "Locating active Tftp servers in the cluster.....\n"
    "\n"
    "Following is the list of Active tftp servers in the cluster\n"
    "\n"
    "['test10pub', 'test10sub']\n"
    "The reset ITL file was generated successfully\n"
    "\n"
    "\n"
    "Transferring new reset ITL file to the TFTP server nodes in the "
    "cluster.........\n"
    "\n"
    "Restarting Cisco Tftp service on host test10pub\n"
    "Cisco Tftp service restarted on host test10pub\n"
    "Successfully transferred reset ITL to node test10sub\n"
    "\n"
    "Restarting Cisco Tftp service on host test10sub\n"
    "Cisco Tftp service restarted on host test10sub\n"
    "\n";

/* --- the fake cluster --------------------------------------------------- */

static int
fake_password(void *self, const struct secret *password, struct err *e)
{
	(void)self;
	if (str_equal(password->text, PASSWORD))
		return 0;
	return err_set(e, ERR_AUTH, "The CCM Administrator password is wrong.");
}

static int
fake_active(void *self, struct roster *r, struct err *e)
{
	struct world *world = self;
	size_t i;

	(void)e;
	*r = (struct roster) { .node = mem_array(NODES, sizeof(*r->node)) };
	for (i = 0; i < NODES; i++) {
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

static struct node *
node_named(struct world *world, const char *name)
{
	size_t i;

	for (i = 0; i < NODES; i++)
		if (str_equal(world->node[i].name, name))
			return &world->node[i];
	return NULL;
}

/* A link is a pointer to its node in disguise. */
static struct link *
fake_open(void *self, const struct roster_node *n, int64_t deadline_ticks,
    struct err *e)
{
	struct world *world = self;
	struct node *x = node_named(world, n->name);

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
	struct world *world = self;
	struct node *x = (struct node *)(void *)l;

	(void)pthread_mutex_lock(&world->mutex);
	x->closed++;
	(void)pthread_mutex_unlock(&world->mutex);
}

static int
answer_status(const struct node *x, const struct link_sink *sink)
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
stage(struct node *x, const struct link_request *rq, struct err *e)
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
activate(struct world *world, struct node *x, const char *sha, struct err *e)
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
	struct node *x = (struct node *)(void *)l;

	(void)deadline_ticks;
	assert_string_equal(rq->words.item[0], "itl");
	if (str_equal(rq->words.item[1], "status"))
		return answer_status(x, sink);
	if (str_equal(rq->words.item[1], "stage"))
		return stage(x, rq, e);
	assert_string_equal(rq->words.item[1], "activate");
	return activate(self, x, rq->words.item[2], e);
}

static const struct itl_reset_ops ops = { .password = fake_password,
	.active = fake_active,
	.links = { .open = fake_open,
	    .call = fake_call,
	    .close = fake_close,
	    .self = &w },
	.self = &w };

/* --- the files of the publisher ----------------------------------------- */

static void
write_itl(void)
{
	const struct cert *const more[] = { further.cert };
	const struct itl_inputs in = { .callmanager = callmanager.cert,
		.callmanager_key = callmanager.key,
		.capf = capf.cert,
		.tvs = tvs.cert,
		.recovery = recovery.cert,
		.further_tvs = more,
		.n_further = 1,
		.digest = DIGEST_SHA1,
		.timestamp = clock_wall() };
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len;

	if (itl_build(&in, &data, &len, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(file_replace(paths_in(path, "tftp/ITLFile.tlv"), data,
			     len, 0644, &e),
	    0);
	free(data);
}

static void
make(struct certfile *pair, const char *unit, const char *host, unsigned bits)
{
	struct nodeconf c = conf;
	struct err e = ERR_INIT;

	certfile_release(pair);
	c.key_bits = bits;
	(void)str_copy(c.name, sizeof(c.name), host);
	if (cert_unit_make(&c, unit, pair, &e) == -1)
		fail_msg("%s", e.msg);
}

static void
save(const struct certfile *pair, const char *unit)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	if (certfile_write(paths_in(path, "certs/%s.pem", unit), pair->key,
		pair->cert, &e) == -1)
		fail_msg("%s", e.msg);
}

static int
set_up_group(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	if (mkdtemp(root) == NULL)
		return -1;
	paths_set_root(root);
	nodeconf_defaults(&conf);
	(void)str_copy(conf.name, sizeof(conf.name), "test10pub");
	(void)str_copy(conf.domain, sizeof(conf.domain), "joemar2.lab");
	if (file_mkdir(paths_in(path, "certs"), 0755, &e) == -1 ||
	    file_mkdir(paths_in(path, "tftp"), 0755, &e) == -1)
		return -1;
	make(&capf, "CAPF", "test10pub", 1024);
	make(&tvs, "TVS", "test10pub", 1024);
	make(&further, "TVS", "test10sub", 1024);
	return 0;
}

static int
tear_down_group(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	certfile_release(&callmanager);
	certfile_release(&capf);
	certfile_release(&tvs);
	certfile_release(&further);
	certfile_release(&recovery);
	(void)unlink(paths_in(path, "tftp/ITLFile.tlv"));
	(void)unlink(paths_in(path, "certs/CallManager.pem"));
	(void)unlink(paths_in(path, "certs/ITLRecovery.pem"));
	(void)rmdir(paths_in(path, "tftp"));
	(void)rmdir(paths_in(path, "certs"));
	return rmdir(root);
}

static int
set_up(void **state)
{
	static const char *const names[NODES] = { "test10pub", "test10sub",
		"test10sub2" };
	size_t i;

	(void)state;
	conf.role = NODE_PUBLISHER;
	make(&callmanager, "CallManager", "test10pub", 1024);
	make(&recovery, "ITLRecovery", "test10pub", 1024);
	save(&callmanager, "CallManager");
	save(&recovery, "ITLRecovery");
	write_itl();
	for (i = 0; i < NODES; i++) {
		w.node[i] = (struct node) { .name = names[i],
			.active = i < 2,
			.activated = true,
			.reachable = true,
			.service = "STARTED" };
		(void)str_copy(w.node[i].disk, ITL_SHA_HEX_SIZE,
		    "9d7da73d16c1501b4d27dc1ed79211f390659982");
		(void)str_copy(w.node[i].served, ITL_SHA_HEX_SIZE,
		    w.node[i].disk);
	}
	wbuf_init(&text, 0);
	return 0;
}

static int
tear_down(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < NODES; i++)
		free(w.node[i].staged);
	wbuf_release(&text);
	return 0;
}

static int
collect(void *self, const char *s)
{
	wbuf_bytes(self, s, strlen(s));
	return 0;
}

static int
reset_job(const char *password, const struct itl_reset_job *job, struct err *e)
{
	const struct progress p = { .text = collect, .self = &text };
	struct itl_reset_job whole = *job;
	struct secret s;
	size_t i;
	int rc;

	secret_set(&s, password, strlen(password));
	whole.password = &s;
	rc = itl_reset_run(&conf, &ops, &whole, &p, e);
	secret_release(&s);
	for (i = 0; i < NODES; i++)
		assert_int_equal(w.node[i].opened, w.node[i].closed);
	wbuf_u8(&text, '\0');
	return rc;
}

static int
reset_with(const char *password, struct err *e)
{
	struct itl_reset_job job = { .key = NULL };

	return reset_job(password, &job, e);
}

/* The dialogue so far, then an empty one. */
static void
assert_dialogue(const char *expected)
{
	assert_string_equal((char *)text.data, expected);
	wbuf_release(&text);
	wbuf_init(&text, 0);
}

static void
assert_untouched(void)
{
	size_t i;

	for (i = 0; i < NODES; i++) {
		assert_int_equal(w.node[i].stages, 0);
		assert_int_equal(w.node[i].activations, 0);
	}
}

/* --- tests -------------------------------------------------------------- */

static void
prints_the_dialogue_of_the_reference(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(reset_with(PASSWORD, &e), 0);
	assert_dialogue(full_dialogue);
	assert_string_equal(w.node[0].served, w.node[1].served);
	assert_int_equal(w.node[0].staged_len, w.node[1].staged_len);
	assert_int_equal(w.node[2].stages, 0);
	assert_int_equal(w.node[2].opened, 0);
}

static void
signs_the_same_records_with_the_recovery_key(void **state)
{
	struct itl_reset_file f;
	struct trustlist l;
	struct err e = ERR_INIT;
	size_t signer;

	(void)state;
	assert_int_equal(itl_reset_make(&f, NULL, &e), 0);
	assert_false(f.reused);
	assert_int_equal(trustlist_parse(&l, f.data, f.len, &e), 0);
	assert_int_equal(trustlist_verify(&l, &signer, &e), 0);
	assert_int_equal(l.n_records, 6);
	assert_int_equal(signer, 4);
	assert_string_equal(l.header.signer_name, recovery.cert->subject);
	trustlist_release(&l);
	free(f.data);
}

static void
second_run_does_only_what_is_missing(void **state)
{
	char sha[ITL_SHA_HEX_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	w.node[1].restart_fails = true;
	assert_int_equal(reset_with(PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_PARTIAL);
	assert_string_equal(e.msg,
	    "The reset ITL file is not in force on 1 of 2 nodes: test10sub");
	assert_non_null(strstr((char *)text.data,
	    "Node test10sub was not reset: Cisco Tftp does not start\n"));
	wbuf_release(&text);
	wbuf_init(&text, 0);
	(void)str_copy(sha, sizeof(sha), w.node[0].served);

	w.node[1].restart_fails = false;
	assert_int_equal(reset_with(PASSWORD, &e), 0);
	assert_string_equal(w.node[0].served, sha);
	assert_string_equal(w.node[1].served, sha);
	assert_int_equal(w.node[0].activations, 1);
	assert_int_equal(w.node[1].activations, 2);
	assert_non_null(strstr((char *)text.data,
	    "Cisco Tftp on host test10pub serves the reset ITL file "
	    "already\n"));
}

/* Sent, but never activated. */
static void
activates_what_is_there_already(void **state)
{
	struct itl_reset_file f;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(reset_with(PASSWORD, &e), 0);
	assert_int_equal(itl_reset_make(&f, NULL, &e), 0);
	assert_true(f.reused);
	assert_string_equal(f.sha, w.node[1].disk);
	free(f.data);
	w.node[1].served[0] = '\0';
	assert_int_equal(reset_with(PASSWORD, &e), 0);
	assert_int_equal(w.node[1].stages, 1);
	assert_int_equal(w.node[1].activations, 2);
}

static void
a_wrong_password_changes_nothing(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(reset_with("guess", &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_string_equal(e.msg, "The CCM Administrator password is wrong.");
	assert_dialogue("");
	assert_untouched();
}

static void
subscribers_refuse(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	conf.role = NODE_SUBSCRIBER;
	assert_int_equal(reset_with(PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_string_equal(e.msg, "This is not a Publisher Node.");
	assert_untouched();
}

static void
no_tftp_anywhere(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	w.node[0].active = false;
	w.node[1].active = false;
	assert_int_equal(reset_with(PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_untouched();
}

static void
an_unreachable_node_is_named_and_the_others_go_on(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	w.node[2].active = true;
	w.node[1].reachable = false;
	assert_int_equal(reset_with(PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_PARTIAL);
	assert_string_equal(e.msg,
	    "The reset ITL file is not in force on 1 of 3 nodes: test10sub");
	assert_dialogue(
	    "\nLocating active Tftp servers in the cluster.....\n\n"
	    "Following is the list of Active tftp servers in the cluster\n\n"
	    "['test10pub', 'test10sub', 'test10sub2']\n"
	    "The reset ITL file was generated successfully\n\n\n"
	    "Transferring new reset ITL file to the TFTP server nodes in the "
	    "cluster.........\n\n"
	    "Restarting Cisco Tftp service on host test10pub\n"
	    "Cisco Tftp service restarted on host test10pub\n"
	    "Node test10sub was not reset: no route to test10sub\n"
	    "Successfully transferred reset ITL to node test10sub2\n\n"
	    "Restarting Cisco Tftp service on host test10sub2\n"
	    "Cisco Tftp service restarted on host test10sub2\n\n");
	assert_string_equal(w.node[0].served, w.node[2].served);

	w.node[1].reachable = true;
	assert_int_equal(reset_with(PASSWORD, &e), 0);
	assert_string_equal(w.node[0].served, w.node[1].served);
	assert_int_equal(w.node[2].activations, 1);
}

static void
a_stopped_service_is_reported_and_not_started(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	w.node[1].service = "STOPPED";
	w.node[1].served[0] = '\0';
	assert_int_equal(reset_with(PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_PARTIAL);
	assert_non_null(
	    strstr((char *)text.data, "['test10pub', 'test10sub']"));
	assert_non_null(strstr((char *)text.data,
	    "Node test10sub was not reset: Cisco Tftp is activated but does "
	    "not run there\n"));
	assert_int_equal(w.node[1].stages, 0);
	assert_int_equal(w.node[1].activations, 0);
	assert_int_equal(w.node[0].activations, 1);
}

static void
a_deactivated_node_is_neither_listed_nor_touched(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	w.node[2].active = true;
	w.node[1].activated = false;
	assert_int_equal(reset_with(PASSWORD, &e), 0);
	assert_non_null(
	    strstr((char *)text.data, "['test10pub', 'test10sub2']"));
	assert_int_equal(w.node[1].stages, 0);
	assert_int_equal(w.node[1].activations, 0);
	assert_string_equal(w.node[0].served, w.node[2].served);
}

static void
a_full_disk_here_stops_before_any_node(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	w.node[0].disk_full = true;
	assert_int_equal(reset_with(PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_NO_SPACE);
	assert_int_equal(w.node[0].activations, 0);
	assert_int_equal(w.node[1].stages, 0);
}

static void
a_full_disk_there_is_that_node_alone(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	w.node[1].disk_full = true;
	assert_int_equal(reset_with(PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_PARTIAL);
	assert_int_equal(w.node[0].activations, 1);
	assert_int_equal(w.node[1].activations, 0);
}

static void
refuses_a_missing_truncated_or_altered_itl(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len;

	(void)state;
	paths_in(path, "tftp/ITLFile.tlv");
	assert_int_equal(file_read(path, 65536, &data, &len, &e), 0);
	assert_int_equal(file_replace(path, data, len - 7, 0644, &e), 0);
	assert_int_equal(reset_with(PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_true(e.hint[0] != '\0');
	data[len - 3] ^= 1;
	assert_int_equal(file_replace(path, data, len, 0644, &e), 0);
	assert_int_equal(reset_with(PASSWORD, &e), -1);
	assert_int_not_equal(e.code, ERR_PARTIAL);
	free(data);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(reset_with(PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_untouched();
}

static void
refuses_a_missing_or_broken_recovery_key(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	paths_in(path, "certs/ITLRecovery.pem");
	assert_int_equal(file_replace(path, "x", 1, 0600, &e), 0);
	assert_int_equal(reset_with(PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_KEY);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(reset_with(PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_non_null(strstr(e.hint, "set cert regen ITLRecovery"));
	assert_untouched();
}

static void
refuses_a_short_recovery_key_on_a_2048_bit_cluster(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	make(&callmanager, "CallManager", "test10pub", 2048);
	save(&callmanager, "CallManager");
	write_itl();
	assert_int_equal(reset_with(PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_KEY);
	assert_non_null(strstr(e.msg, "1024 bits"));
	assert_non_null(strstr(e.hint, "Regenerate ITLRecovery"));
	assert_untouched();
}

/* Regenerated since the ITL was built: the list gets the new certificate. */
static void
replaces_an_old_recovery_certificate(void **state)
{
	struct itl_reset_file f;
	struct trustlist l;
	struct err e = ERR_INIT;
	size_t signer;

	(void)state;
	make(&recovery, "ITLRecovery", "test10pub", 1024);
	save(&recovery, "ITLRecovery");
	assert_int_equal(itl_reset_make(&f, NULL, &e), 0);
	assert_false(f.reused);
	assert_int_equal(trustlist_parse(&l, f.data, f.len, &e), 0);
	assert_int_equal(trustlist_verify(&l, &signer, &e), 0);
	assert_int_equal(signer, 4);
	assert_int_equal(l.n_records, 6);
	assert_int_equal(trustlist_find(&l, recovery.cert, ROLE_SAST), 4);
	trustlist_release(&l);
	free(f.data);
}

/* Signed by a recovery key that is not in use any more: signed again. */
static void
does_not_reuse_the_signature_of_an_old_key(void **state)
{
	struct itl_reset_file f;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(reset_with(PASSWORD, &e), 0);
	make(&recovery, "ITLRecovery", "test10pub", 1024);
	save(&recovery, "ITLRecovery");
	assert_int_equal(itl_reset_make(&f, NULL, &e), 0);
	assert_false(f.reused);
	free(f.data);
}

/* --- a key from outside ------------------------------------------------- */

/* What the reset asks of whoever brings the key, in its order. */
struct foreign {
	struct certfile key;
	unsigned opened;
	unsigned adopted;
	bool refused; /* by open() */
	bool failing; /* adopt() */
};

static int
foreign_open(void *self, struct err *e)
{
	struct foreign *f = self;

	f->opened++;
	assert_int_equal(text.len, 0);
	assert_untouched();
	if (f->refused)
		return err_set(e, ERR_AUTH, "does not open");
	make(&f->key, "ITLRecovery", "otherpub", 1024);
	return 0;
}

static int
foreign_adopt(void *self, struct err *e)
{
	struct foreign *f = self;

	f->adopted++;
	/* stored here, in force nowhere */
	assert_int_equal(f->opened, 1);
	assert_int_equal(w.node[0].stages, 1);
	assert_int_equal(w.node[1].stages, 0);
	assert_int_equal(w.node[0].activations, 0);
	return f->failing ? err_set(e, ERR_DATABASE, "no commit") : 0;
}

static struct itl_reset_job
foreign_job(struct foreign *f)
{
	return (struct itl_reset_job) { .key = &f->key,
		.open = foreign_open,
		.adopt = foreign_adopt,
		.self = f };
}

/* Of another publisher: its record takes the place of the list's. */
static void
key_from_outside_signs_and_takes_the_record(void **state)
{
	struct foreign f = { .opened = 0 };
	struct itl_reset_job job = foreign_job(&f);
	struct trustlist l;
	struct err e = ERR_INIT;
	size_t signer;

	(void)state;
	assert_int_equal(reset_job(PASSWORD, &job, &e), 0);
	assert_dialogue(full_dialogue);
	assert_int_equal(f.adopted, 1);
	assert_string_equal(w.node[0].served, w.node[1].served);
	assert_int_equal(trustlist_parse(&l, w.node[1].staged,
			     w.node[1].staged_len, &e),
	    0);
	assert_int_equal(trustlist_verify(&l, &signer, &e), 0);
	assert_int_equal(l.n_records, 6);
	assert_int_equal(trustlist_find(&l, f.key.cert, ROLE_SAST), 4);
	assert_int_equal(signer, 4);
	assert_int_equal(trustlist_find(&l, recovery.cert, ROLE_SAST), -1);
	trustlist_release(&l);
	certfile_release(&f.key);
}

static void
key_from_outside_is_not_looked_at_for_a_wrong_password(void **state)
{
	struct foreign f = { .opened = 0 };
	struct itl_reset_job job = foreign_job(&f);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(reset_job("guess", &job, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_int_equal(f.opened, 0);
	assert_int_equal(f.adopted, 0);
	assert_untouched();
}

static void
key_that_is_refused_changes_nothing(void **state)
{
	struct foreign f = { .refused = true };
	struct itl_reset_job job = foreign_job(&f);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(reset_job(PASSWORD, &job, &e), -1);
	assert_string_equal(e.msg, "does not open");
	assert_int_equal(f.adopted, 0);
	assert_dialogue("");
	assert_untouched();
}

static void
key_that_is_not_taken_over_comes_into_force_nowhere(void **state)
{
	struct foreign f = { .failing = true };
	struct itl_reset_job job = foreign_job(&f);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(reset_job(PASSWORD, &job, &e), -1);
	assert_int_equal(e.code, ERR_DATABASE);
	assert_int_equal(w.node[0].activations, 0);
	assert_int_equal(w.node[1].stages, 0);
	certfile_release(&f.key);
}

static void
key_is_not_taken_over_when_the_file_cannot_be_stored(void **state)
{
	struct foreign f = { .opened = 0 };
	struct itl_reset_job job = foreign_job(&f);
	struct err e = ERR_INIT;

	(void)state;
	w.node[0].disk_full = true;
	assert_int_equal(reset_job(PASSWORD, &job, &e), -1);
	assert_int_equal(f.adopted, 0);
	certfile_release(&f.key);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(prints_the_dialogue_of_the_reference),
		TEST(signs_the_same_records_with_the_recovery_key),
		TEST(second_run_does_only_what_is_missing),
		TEST(activates_what_is_there_already),
		TEST(a_wrong_password_changes_nothing),
		TEST(subscribers_refuse),
		TEST(no_tftp_anywhere),
		TEST(an_unreachable_node_is_named_and_the_others_go_on),
		TEST(a_stopped_service_is_reported_and_not_started),
		TEST(a_deactivated_node_is_neither_listed_nor_touched),
		TEST(a_full_disk_here_stops_before_any_node),
		TEST(a_full_disk_there_is_that_node_alone),
		TEST(refuses_a_missing_truncated_or_altered_itl),
		TEST(refuses_a_missing_or_broken_recovery_key),
		TEST(refuses_a_short_recovery_key_on_a_2048_bit_cluster),
		TEST(replaces_an_old_recovery_certificate),
		TEST(does_not_reuse_the_signature_of_an_old_key),
		TEST(key_from_outside_signs_and_takes_the_record),
		TEST(key_from_outside_is_not_looked_at_for_a_wrong_password),
		TEST(key_that_is_refused_changes_nothing),
		TEST(key_that_is_not_taken_over_comes_into_force_nowhere),
		TEST(key_is_not_taken_over_when_the_file_cannot_be_stored),
	};

	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
