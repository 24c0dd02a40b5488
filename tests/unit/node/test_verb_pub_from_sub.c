/*
 * node/verb_pub_from_sub.c: what the publisher refuses before anything is
 * changed.  The restore itself is seen in tests/system/restore.sh.
 */
#include "node/verb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/agent.h"
#include "node/token.h"
#include "tests/fakes/fake_parent.h"
#include "tests/fakes/testing.h"
#include "tests/fakes/verb_call.h"
#include "trust/key.h"

static char *dir;
static struct fake_parent fake;
static struct agent agent;

static int
set_up(void **state)
{
	struct nodeconf conf;
	char path[PATH_SIZE];

	(void)state;
	dir = testing_dir();
	paths_set_root(dir);
	nodeconf_defaults(&conf);
	(void)str_copy(conf.name, sizeof(conf.name), "pub");
	(void)str_copy(conf.address, sizeof(conf.address), "127.0.10.1");
	fake_parent_start(&fake);
	agent_init(&agent, &conf, dup(fake.link.fd));
	return file_mkdir(paths_in(path, "certs"), 0755, NULL);
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

static void
refused(int level, const char *token, enum err_code code)
{
	struct verb_call c;

	assert_int_equal(verb_call_payload(&c, &agent, level,
			     "restore,pub_from_sub", token, strlen(token)),
	    -1);
	assert_int_equal(c.e.code, code);
	assert_int_equal(fake.renewals, 0);
	verb_call_release(&c);
}

/* A token whose subscriber does not exist. */
static char *
make_token(bool publisher)
{
	struct token t = { .publisher = publisher, .node_port = 22, .port = 9 };
	struct err e = ERR_INIT;
	struct key *k = key_generate_ec(&e);
	char *pem;
	size_t n;

	assert_int_equal(key_to_pem(k, &pem, &n, &e), 0);
	key_free(k);
	(void)str_copy(t.key, sizeof(t.key), pem);
	mem_free_wiped(pem, n);
	(void)str_copy(t.name, sizeof(t.name), "pub");
	(void)str_copy(t.address, sizeof(t.address), "127.0.10.222");
	(void)str_copy(t.fingerprint, sizeof(t.fingerprint), "SHA256:x");
	return token_encode(&t);
}

static void
who_may_and_with_what(void **state)
{
	char *joins = make_token(false);

	(void)state;
	refused(0, "x", ERR_DENIED);
	refused(VERB_CALL_PEER, "x", ERR_DENIED);
	refused(1, "", ERR_FORMAT);
	refused(1, "nonsense", ERR_FORMAT);
	refused(1, joins, ERR_USAGE);
	agent.conf.role = NODE_SUBSCRIBER;
	refused(4, "x", ERR_STATE);
	free(joins);
}

static void
a_subscriber_out_of_reach_changes_nothing(void **state)
{
	char *token = make_token(true);
	struct verb_call c;
	struct err e = ERR_INIT;
	char path[PATH_SIZE];

	(void)state;
	assert_int_equal(verb_call_payload(&c, &agent, 1,
			     "restore,pub_from_sub", token, strlen(token)),
	    -1);
	assert_true(c.e.code == ERR_UNREACHABLE || c.e.code == ERR_TIMEOUT);
	assert_string_equal(c.text,
	    "Asking the subscriber (127.0.10.222) ...\n");
	assert_null(strstr(c.e.msg, token));
	assert_int_equal(fake.renewals, 0);
	assert_int_equal(access(paths_in(path, "certs/publisher-adopted"),
			     F_OK),
	    -1);
	/* the next job is not kept waiting */
	assert_int_equal(agent_lock_take(&agent.job, 10, &e), 0);
	agent_lock_give(&agent.job);
	verb_call_release(&c);
	free(token);
}

static void
another_job_comes_first(void **state)
{
	char *token = make_token(true);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(agent_lock_take(&agent.job, 10, &e), 0);
	refused(1, token, ERR_STATE);
	agent_lock_give(&agent.job);
	free(token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_may_and_with_what, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_subscriber_out_of_reach_changes_nothing, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(another_job_comes_first, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
