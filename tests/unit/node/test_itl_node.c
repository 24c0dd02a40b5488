/*
 * node/itl_node.c: staging and activation, crash-safe and idempotent.  Cisco
 * Tftp is a callback that does what the real one does with the marker.
 */
#include "node/itl_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/itl_state.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "cluster/cert_unit.h"
#include "tests/fakes/fake_parent.h"
#include "tests/fakes/testing.h"
#include "trust/digest.h"
#include "trust/itl.h"
#include "trust/trustlist.h"

struct list {
	uint8_t *data;
	size_t len;
	char sha1[ITL_NODE_HEX];
};

static char *dir;
static struct fake_parent fake;
static struct agent agent;
static struct nodeconf conf;
static struct list normal; /* signed by CallManager */
static struct list reset; /* the same, signed by the recovery key */
static bool tftp_deaf; /* Cisco Tftp rebuilds whatever the marker says */
static bool tftp_fails; /* and says so */

static void
finish_list(struct list *l)
{
	char hex[DIGEST_HEX_SIZE];

	digest_hex(DIGEST_SHA1, l->data, l->len, hex);
	(void)str_copy(l->sha1, sizeof(l->sha1), hex);
}

static int
set_up_group(void **state)
{
	struct certfile cm, capf, tvs, recovery;
	struct itl_inputs in = { .digest = DIGEST_SHA1 };
	struct signer signer;
	struct trustlist l;
	struct err e = ERR_INIT;

	(void)state;
	nodeconf_defaults(&conf);
	(void)str_copy(conf.name, sizeof(conf.name), "test10pub");
	conf.key_bits = 1024;
	if (cert_unit_make(&conf, "CallManager", &cm, &e) == -1 ||
	    cert_unit_make(&conf, "CAPF", &capf, &e) == -1 ||
	    cert_unit_make(&conf, "TVS", &tvs, &e) == -1 ||
	    cert_unit_make(&conf, "ITLRecovery", &recovery, &e) == -1)
		return -1;
	in.callmanager = cm.cert;
	in.callmanager_key = cm.key;
	in.capf = capf.cert;
	in.tvs = tvs.cert;
	in.recovery = recovery.cert;
	signer = (struct signer) { .cert = recovery.cert,
		.key = recovery.key,
		.digest = DIGEST_SHA1 };
	if (itl_build(&in, &normal.data, &normal.len, &e) == -1 ||
	    trustlist_parse(&l, normal.data, normal.len, &e) == -1 ||
	    trustlist_resign(&l, &signer, recovery.cert, &reset.data,
		&reset.len, &e) == -1)
		return -1;
	finish_list(&normal);
	finish_list(&reset);
	trustlist_release(&l);
	certfile_release(&cm);
	certfile_release(&capf);
	certfile_release(&tvs);
	certfile_release(&recovery);
	return 0;
}

static int
tear_down_group(void **state)
{
	(void)state;
	free(normal.data);
	free(reset.data);
	return 0;
}

static void
put(const char *name, const struct list *l)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	if (file_replace(paths_in(path, "tftp/%s", name), l->data, l->len, 0644,
		&e) == -1)
		abort();
}

static void
assert_disk(const struct list *l)
{
	struct itl_on_disk d;

	itl_node_look(&d);
	assert_string_equal(d.sha1, l->sha1);
	itl_on_disk_release(&d);
}

/* Cisco Tftp at its start. */
static void
tftp_started(void *self, enum parent_service s, pid_t pid)
{
	struct tftpd_status st = { .pid = pid, .state = TFTPD_SERVING };
	struct itl_marker m;
	struct itl_on_disk d;
	struct err e = ERR_INIT;

	(void)self;
	if (s != PARENT_TFTP)
		return;
	itl_node_look(&d);
	if (tftp_deaf || itl_marker_read(&m, &e) == -1 ||
	    itl_marker_check(&m, d.sha1, &e) == -1)
		put("ITLFile.tlv", &normal);
	itl_on_disk_release(&d);
	(void)itl_marker_remove(&e);
	itl_node_look(&d);
	(void)str_copy(st.sha1, sizeof(st.sha1), d.sha1);
	itl_on_disk_release(&d);
	if (tftp_fails) {
		st.state = TFTPD_FAILED;
		(void)str_copy(st.reason, sizeof(st.reason), "no key");
	}
	if (tftpd_status_write(&st, &e) == -1)
		abort();
}

static int
set_up(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	dir = testing_dir();
	paths_set_root(dir);
	if (mkdir(paths_in(path, "run"), 0755) == -1 ||
	    mkdir(paths_in(path, "tftp"), 0755) == -1)
		return -1;
	tftp_deaf = false;
	tftp_fails = false;
	put("ITLFile.tlv", &normal);
	fake_parent_start(&fake);
	fake.started = tftp_started;
	agent_init(&agent, &conf, dup(fake.link.fd));
	tftp_started(NULL, PARENT_TFTP, fake.service[PARENT_TFTP].pid);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	agent_release(&agent);
	fake_parent_stop(&fake);
	testing_dir_remove(dir);
	return 0;
}

/* Entries of tftp/: the list alone is one. */
static size_t
files(void)
{
	char path[PATH_SIZE];

	return testing_count(paths_in(path, "tftp"));
}

static void
looks_at_the_file(void **state)
{
	char path[PATH_SIZE];
	struct itl_on_disk d;

	(void)state;
	itl_node_look(&d);
	assert_string_equal(d.sha1, normal.sha1);
	assert_string_equal(d.signer, "CN=test10pub");
	itl_on_disk_release(&d);
	assert_int_equal(unlink(paths_in(path, "tftp/ITLFile.tlv")), 0);
	itl_node_look(&d);
	assert_string_equal(d.sha1, "");
	assert_string_equal(d.signer, "");
	itl_on_disk_release(&d);
	testing_write(dir, "tftp/ITLFile.tlv", "no list");
	itl_node_look(&d);
	assert_int_equal(strlen(d.sha1), 40);
	assert_string_equal(d.signer, "");
	itl_on_disk_release(&d);
}

static void
stages_and_activates(void **state)
{
	char served[ITL_NODE_HEX];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(itl_node_stage(reset.sha1, reset.data, reset.len, &e),
	    0);
	assert_disk(&normal);
	assert_int_equal(files(), 2);
	assert_int_equal(itl_node_activate(&agent, reset.sha1, &e), 0);
	assert_disk(&reset);
	assert_int_equal(files(), 1);
	itl_node_served(fake.service[PARENT_TFTP].pid, served);
	assert_string_equal(served, reset.sha1);
	assert_int_equal(fake.service[PARENT_TFTP].restarts, 1);
	/* again: nothing to do */
	assert_int_equal(itl_node_activate(&agent, reset.sha1, &e), 0);
	assert_int_equal(fake.service[PARENT_TFTP].restarts, 1);
}

/* Killed after the rename: the file is there, but not in force. */
static void
activates_a_file_that_is_on_disk(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	put("ITLFile.tlv", &reset);
	assert_int_equal(itl_node_activate(&agent, reset.sha1, &e), 0);
	assert_disk(&reset);
	assert_int_equal(fake.service[PARENT_TFTP].restarts, 1);
}

static void
stages_nothing_but_a_good_list(void **state)
{
	struct err e = ERR_INIT;
	uint8_t *bad = mem_dup(reset.data, reset.len);
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	assert_int_equal(itl_node_stage(normal.sha1, reset.data, reset.len, &e),
	    -1);
	assert_int_equal(e.code, ERR_USAGE);
	bad[60] ^= 1;
	digest_hex(DIGEST_SHA1, bad, reset.len, hex);
	assert_int_equal(itl_node_stage(hex, bad, reset.len, &e), -1);
	digest_hex(DIGEST_SHA1, "x", 1, hex);
	assert_int_equal(itl_node_stage(hex, (const uint8_t *)"x", 1, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	free(bad);
	assert_int_equal(files(), 1);
}

static const char *
staged_name(void)
{
	static char name[64];

	(void)str_printf(name, sizeof(name), ".itl-stage-%s", reset.sha1);
	return name;
}

static void
activates_only_what_was_staged(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(itl_node_activate(&agent, reset.sha1, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	/* another list under its name */
	put(staged_name(), &normal);
	assert_int_equal(itl_node_activate(&agent, reset.sha1, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_int_equal(fake.service[PARENT_TFTP].restarts, 0);
	assert_disk(&normal);
}

static void
refuses_when_tftp_does_not_run(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(itl_node_stage(reset.sha1, reset.data, reset.len, &e),
	    0);
	assert_int_equal(parent_service(&fake.link, PARENT_SERVICE_DOWN,
			     PARENT_TFTP, &e),
	    0);
	assert_int_equal(itl_node_activate(&agent, reset.sha1, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_disk(&normal);
	assert_true(fake.service[PARENT_TFTP].down);
}

static void
says_when_tftp_takes_another_file(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	tftp_deaf = true;
	assert_int_equal(itl_node_stage(reset.sha1, reset.data, reset.len, &e),
	    0);
	assert_int_equal(itl_node_activate(&agent, reset.sha1, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_string_equal(e.msg, "Cisco Tftp serves another file");
	tftp_fails = true;
	assert_int_equal(itl_node_stage(reset.sha1, reset.data, reset.len, &e),
	    0);
	assert_int_equal(itl_node_activate(&agent, reset.sha1, &e), -1);
	assert_string_equal(e.msg, "Cisco Tftp: no key");
}

static void
waits_for_another_start_or_stop(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(agent_lock_take(&agent.service, 0, &e), 0);
	assert_int_equal(agent_lock_take(&agent.service, 10, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	agent_lock_give(&agent.service);
}

static void
removes_stale_staged_files(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(itl_node_stage(reset.sha1, reset.data, reset.len, &e),
	    0);
	testing_write(dir, "tftp/SEP001122334455.cnf.xml", "x");
	assert_int_equal(files(), 3);
	itl_node_clean();
	assert_int_equal(files(), 2);
	assert_disk(&normal);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(looks_at_the_file),
		TEST(stages_and_activates),
		TEST(activates_a_file_that_is_on_disk),
		TEST(stages_nothing_but_a_good_list),
		TEST(activates_only_what_was_staged),
		TEST(refuses_when_tftp_does_not_run),
		TEST(says_when_tftp_takes_another_file),
		TEST(waits_for_another_start_or_stop),
		TEST(removes_stale_staged_files),
	};

	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
