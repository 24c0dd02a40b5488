/*
 * node/verb_itl.c: the status row, limits of staging, who may reset.
 */
#include "node/verb.h"

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
#include "base/paths.h"
#include "base/str.h"
#include "cluster/cert_unit.h"
#include "node/agent.h"
#include "tests/fakes/fake_parent.h"
#include "tests/fakes/testing.h"
#include "tests/fakes/verb_call.h"
#include "trust/digest.h"
#include "trust/itl.h"

#define ZERO_SHA "0000000000000000000000000000000000000000"

static char *dir;
static struct fake_parent fake;
static struct agent agent;
static struct nodeconf conf;
static struct verb_call c;
static uint8_t *list;
static size_t list_len;
static char sha1[DIGEST_HEX_SIZE];

static int
set_up_group(void **state)
{
	struct certfile cm, other;
	struct itl_inputs in = { .digest = DIGEST_SHA1 };
	struct err e = ERR_INIT;

	(void)state;
	nodeconf_defaults(&conf);
	(void)str_copy(conf.name, sizeof(conf.name), "test10pub");
	conf.key_bits = 1024;
	if (cert_unit_make(&conf, "CallManager", &cm, &e) == -1 ||
	    cert_unit_make(&conf, "ITLRecovery", &other, &e) == -1)
		return -1;
	in.callmanager = cm.cert;
	in.callmanager_key = cm.key;
	in.capf = other.cert;
	in.tvs = other.cert;
	in.recovery = other.cert;
	if (itl_build(&in, &list, &list_len, &e) == -1)
		return -1;
	digest_hex(DIGEST_SHA1, list, list_len, sha1);
	certfile_release(&cm);
	certfile_release(&other);
	return 0;
}

static int
tear_down_group(void **state)
{
	(void)state;
	free(list);
	return 0;
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
	conf.role = NODE_PUBLISHER;
	fake_parent_start(&fake);
	agent_init(&agent, &conf, dup(fake.link.fd));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	verb_call_release(&c);
	agent_release(&agent);
	fake_parent_stop(&fake);
	testing_dir_remove(dir);
	return 0;
}

static int
stage(const char *words)
{
	verb_call_release(&c);
	return verb_call_payload(&c, &agent, VERB_CALL_PEER, words, list,
	    list_len);
}

static char *
words_of(const char *sha, size_t size)
{
	static char words[128];

	(void)str_printf(words, sizeof(words), "itl,stage,%s,%zu", sha, size);
	return words;
}

static void
tells_its_status(void **state)
{
	struct tftpd_status st = { .pid = fake.service[PARENT_TFTP].pid,
		.state = TFTPD_SERVING,
		.sha1 = ZERO_SHA };
	char path[PATH_SIZE];
	char want[256];
	struct err e = ERR_INIT;

	(void)state;
	/* without a database: what is not held down is activated */
	assert_int_equal(verb_call(&c, &agent, VERB_CALL_PEER, "itl,status"),
	    0);
	assert_string_equal(c.rows, "|||STARTING|t\n");
	verb_call_release(&c);
	assert_int_equal(tftpd_status_write(&st, &e), 0);
	assert_int_equal(file_replace(paths_in(path, "tftp/ITLFile.tlv"), list,
			     list_len, 0644, &e),
	    0);
	assert_int_equal(verb_call(&c, &agent, 0, "itl,status"), 0);
	(void)str_printf(want, sizeof(want),
	    "%s|" ZERO_SHA "|CN=test10pub|STARTED|t\n", sha1);
	assert_string_equal(c.rows, want);
	verb_call_release(&c);
	assert_int_equal(parent_service(&fake.link, PARENT_SERVICE_DOWN,
			     PARENT_TFTP, &e),
	    0);
	assert_int_equal(verb_call(&c, &agent, 0, "itl,status"), 0);
	(void)str_printf(want, sizeof(want), "%s||CN=test10pub|STOPPED|f\n",
	    sha1);
	assert_string_equal(c.rows, want);
}

static void
stages_what_it_is_told(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	assert_int_equal(stage(words_of(sha1, list_len)), 0);
	assert_int_equal(testing_count(paths_in(path, "tftp")), 1);
}

static void
refuses_to_stage_anything_else(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	assert_int_equal(stage(words_of(sha1, list_len - 1)), -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	assert_int_equal(stage(words_of(ZERO_SHA, list_len)), -1);
	assert_int_equal(stage(words_of("../../etc/passwd", list_len)), -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	assert_int_equal(stage(words_of(sha1, 65537)), -1);
	assert_int_equal(testing_count(paths_in(path, "tftp")), 0);
	verb_call_release(&c);
	assert_int_equal(verb_call_payload(&c, &agent, 4,
			     words_of(sha1, list_len), list, list_len),
	    -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, VERB_CALL_PEER,
			     "itl,activate,../ITLFile.tlv"),
	    -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, &agent, VERB_CALL_PEER,
			     "itl,activate," ZERO_SHA),
	    -1);
	assert_int_equal(c.e.code, ERR_NOT_FOUND);
}

static void
resets_only_on_the_publisher(void **state)
{
	(void)state;
	agent_set_repaired(&agent, true);
	agent.conf.role = NODE_SUBSCRIBER;
	assert_int_equal(verb_call_secret(&c, &agent, 4, "itl,reset,localkey",
			     "x"),
	    -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	assert_string_equal(c.e.msg, "This is not a Publisher Node.");
	assert_string_equal(c.text, "");
	verb_call_release(&c);
	agent.conf.role = NODE_PUBLISHER;
	assert_int_equal(verb_call(&c, &agent, 4, "itl,reset,localkey"), -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	verb_call_release(&c);
	assert_int_equal(verb_call_secret(&c, &agent, 1, "itl,reset,localkey",
			     "x"),
	    -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	verb_call_release(&c);
	/* the database that knows the password is down */
	assert_int_equal(verb_call_secret(&c, &agent, 4, "itl,reset,localkey",
			     "x"),
	    -1);
	assert_string_equal(c.text, "");
	assert_true(c.e.msg[0] != '\0');
	assert_int_equal(agent_lock_take(&agent.job, 0, &c.e), 0);
	agent_lock_give(&agent.job);
}

static void
remote_key_comes_with_password_and_file(void **state)
{
	const struct verb_call_sent both = { .payload = "p12",
		.payload_len = 3,
		.secret = "x" };
	static uint8_t large[65537];
	const struct verb_call_sent over = { .payload = large,
		.payload_len = sizeof(large),
		.secret = "x" };

	(void)state;
	agent_set_repaired(&agent, true);
	agent.conf.role = NODE_SUBSCRIBER;
	assert_int_equal(verb_call_with(&c, &agent, 4, "itl,reset,remotekey",
			     &both),
	    -1);
	assert_string_equal(c.e.msg, "This is not a Publisher Node.");
	verb_call_release(&c);
	agent.conf.role = NODE_PUBLISHER;
	assert_int_equal(verb_call_with(&c, &agent, 1, "itl,reset,remotekey",
			     &both),
	    -1);
	assert_int_equal(c.e.code, ERR_DENIED);
	verb_call_release(&c);
	assert_int_equal(verb_call_secret(&c, &agent, 4, "itl,reset,remotekey",
			     "x"),
	    -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	verb_call_release(&c);
	assert_int_equal(verb_call_payload(&c, &agent, 4, "itl,reset,remotekey",
			     "p12", 3),
	    -1);
	assert_int_equal(c.e.code, ERR_USAGE);
	verb_call_release(&c);
	assert_int_equal(verb_call_with(&c, &agent, 4, "itl,reset,remotekey",
			     &over),
	    -1);
	assert_int_equal(c.e.code, ERR_TOO_BIG);
	verb_call_release(&c);
	/* the database that knows the password is down */
	assert_int_equal(verb_call_with(&c, &agent, 4, "itl,reset,remotekey",
			     &both),
	    -1);
	assert_string_equal(c.text, "");
	assert_int_equal(agent_lock_take(&agent.job, 0, &c.e), 0);
	agent_lock_give(&agent.job);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_its_status),
		TEST(stages_what_it_is_told),
		TEST(refuses_to_stage_anything_else),
		TEST(resets_only_on_the_publisher),
		TEST(remote_key_comes_with_password_and_file),
	};

	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
