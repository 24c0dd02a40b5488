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

#include <cmocka.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/paths.h"
#include "cluster/cert_unit.h"
#include "tests/fakes/reset_cluster.h"
#include "trust/digest.h"
#include "trust/itl.h"
#include "trust/trustlist.h"

static char root[] = "/tmp/ucmsh-reset-XXXXXX";
static struct nodeconf conf;
static struct reset_cluster w;
static struct itl_reset_ops ops;
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
	(void)state;
	conf.role = NODE_PUBLISHER;
	make(&callmanager, "CallManager", "test10pub", 1024);
	make(&recovery, "ITLRecovery", "test10pub", 1024);
	save(&callmanager, "CallManager");
	save(&recovery, "ITLRecovery");
	write_itl();
	reset_cluster_init(&w);
	ops = reset_cluster_ops(&w);
	wbuf_init(&text, 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	reset_cluster_release(&w);
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
	for (i = 0; i < RESET_CLUSTER_NODES; i++)
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

	for (i = 0; i < RESET_CLUSTER_NODES; i++) {
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), 0);
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_PARTIAL);
	assert_string_equal(e.msg,
	    "The reset ITL file is not in force on 1 of 2 nodes: test10sub");
	assert_non_null(strstr((char *)text.data,
	    "Node test10sub was not reset: Cisco Tftp does not start\n"));
	wbuf_release(&text);
	wbuf_init(&text, 0);
	(void)str_copy(sha, sizeof(sha), w.node[0].served);

	w.node[1].restart_fails = false;
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), 0);
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), 0);
	assert_int_equal(itl_reset_make(&f, NULL, &e), 0);
	assert_true(f.reused);
	assert_string_equal(f.sha, w.node[1].disk);
	free(f.data);
	w.node[1].served[0] = '\0';
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), 0);
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), -1);
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), -1);
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), -1);
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), 0);
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), -1);
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), 0);
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), -1);
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), -1);
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_true(e.hint[0] != '\0');
	data[len - 3] ^= 1;
	assert_int_equal(file_replace(path, data, len, 0644, &e), 0);
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), -1);
	assert_int_not_equal(e.code, ERR_PARTIAL);
	free(data);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), -1);
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), -1);
	assert_int_equal(e.code, ERR_KEY);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), -1);
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), -1);
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
	assert_int_equal(reset_with(RESET_CLUSTER_PASSWORD, &e), 0);
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
	assert_int_equal(reset_job(RESET_CLUSTER_PASSWORD, &job, &e), 0);
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
	assert_int_equal(reset_job(RESET_CLUSTER_PASSWORD, &job, &e), -1);
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
	assert_int_equal(reset_job(RESET_CLUSTER_PASSWORD, &job, &e), -1);
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
	assert_int_equal(reset_job(RESET_CLUSTER_PASSWORD, &job, &e), -1);
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
