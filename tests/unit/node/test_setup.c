/*
 * node/setup.c: the steps that init and join share, on a host of their own.
 */
#include "node/setup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/bundle.h"
#include "node/hostuser.h"
#include "node/tree.h"
#include "tests/fakes/private_host.h"
#include "tests/fakes/testing.h"

static int
setup(void **state)
{
	private_host_enter();
	*state = private_host_root();
	return 0;
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
fill(struct setup *s)
{
	setup_init(s);
	s->templates = "etc";
	(void)str_copy(s->conf.name, sizeof(s->conf.name), "pub");
	(void)str_copy(s->conf.domain, sizeof(s->conf.domain), "joemar2.lab");
	(void)str_copy(s->conf.address, sizeof(s->conf.address), "127.0.10.1");
	(void)str_copy(s->conf.publisher_name, sizeof(s->conf.publisher_name),
	    "pub");
	(void)str_copy(s->conf.publisher_address,
	    sizeof(s->conf.publisher_address), "127.0.10.1");
	(void)str_copy(s->admin, sizeof(s->admin), "setupadm");
	secret_set(&s->passwords.of[PASSWORD_ADMIN], "password", 8);
}

static void
the_steps_may_be_repeated(void **state)
{
	struct setup *s = mem_alloc(sizeof(*s));
	struct err e = ERR_INIT;
	char *text;

	fill(s);
	assert_int_equal(setup_refuse_finished(&e), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(setup_tree(s, &e), 0);
		assert_int_equal(setup_configuration(s, &e), 0);
		assert_int_equal(setup_admin(s, &e), 0);
	}
	assert_true(hostuser_is_admin("setupadm"));
	text = testing_read(*state, "etc/accounts");
	assert_string_equal(text, "setupadm 4\n");
	free(text);
	text = testing_read(*state, "etc/cli.conf");
	assert_string_equal(text, "session_timeout = 30\n");
	free(text);
	assert_int_equal(access("/etc/pam.d/ucm-sshd", F_OK), 0);
	assert_int_equal(tree_finish(&e), 0);
	assert_int_equal(setup_refuse_finished(&e), -1);
	assert_int_equal(e.code, ERR_EXISTS);
	assert_string_equal(e.msg, "this host is node pub already");
	setup_release(s);
	free(s);
}

/* A node of a version that had no TVS and no settings of the shell. */
static void
a_finished_node_gets_what_came_later(void **state)
{
	struct setup *s = mem_alloc(sizeof(*s));
	struct strlist replaced = STRLIST_INIT;
	struct err e = ERR_INIT;
	struct stat st;
	char path[PATH_SIZE];
	char *conf;
	char *after;

	fill(s);
	assert_int_equal(setup_tree(s, &e), 0);
	assert_int_equal(setup_configuration(s, &e), 0);
	assert_int_equal(tree_finish(&e), 0);
	testing_write(*state, "etc/cli.conf", "session_timeout = 7\n");
	assert_int_equal(tree_clear(paths_in(path, "service/tvs"), true, &e),
	    0);
	assert_int_equal(tree_clear(paths_in(path, "log/cm/trace/tvs"), true,
			     &e),
	    0);
	conf = testing_read(*state, "etc/node.conf");
	assert_int_equal(setup_again(&s->conf, &replaced, &e), 0);
	assert_int_equal(replaced.n, 0);
	assert_int_equal(access(paths_in(path, "service/tvs/run"), X_OK), 0);
	assert_int_equal(stat(paths_in(path, "log/cm/trace/tvs/sdi"), &st), 0);
	assert_string_equal(getpwuid(st.st_uid)->pw_name, "ucm");
	after = testing_read(*state, "etc/node.conf");
	assert_string_equal(after, conf);
	free(after);
	free(conf);
	after = testing_read(*state, "etc/cli.conf");
	assert_string_equal(after, "session_timeout = 7\n");
	free(after);
	setup_release(s);
	free(s);
}

static void
the_peer_key_belongs_to_ucm(void **state)
{
	struct setup *s = mem_alloc(sizeof(*s));
	struct err e = ERR_INIT;
	char one[1024];
	char two[1024];
	char small[8];
	struct stat st;
	char path[PATH_SIZE];

	(void)state;
	fill(s);
	assert_int_equal(setup_tree(s, &e), 0);
	assert_int_equal(setup_peer_key(one, sizeof(one), &e), 0);
	assert_int_equal(setup_peer_key(two, sizeof(two), &e), 0);
	assert_string_equal(one, two);
	assert_int_equal(setup_peer_key(small, sizeof(small), &e), -1);
	assert_int_equal(stat(paths_in(path, "certs/peer.pem"), &st), 0);
	assert_string_equal(getpwuid(st.st_uid)->pw_name, "ucm");
	setup_release(s);
	free(s);
}

static int
answer(void *arg, struct wbuf *reply, struct err *e)
{
	struct bundle b;

	(void)e;
	bundle_init(&b);
	bundle_add_text(&b, "said", arg);
	bundle_encode(&b, reply);
	bundle_release(&b);
	return 0;
}

static int
refuse(void *arg, struct wbuf *reply, struct err *e)
{
	(void)reply;
	return err_set(e, ERR_HELD, "%s", (const char *)arg);
}

static int
mumble(void *arg, struct wbuf *reply, struct err *e)
{
	(void)arg;
	(void)e;
	wbuf_u8(reply, 1);
	return 0;
}

static void
answers_are_bundles(void **state)
{
	char text[] = "hello";
	struct err e = ERR_INIT;
	struct bundle b;

	(void)state;
	assert_int_equal(setup_ask("nobody", answer, text, &b, &e), 0);
	assert_string_equal(bundle_text(&b, "said", &e), "hello");
	bundle_release(&b);
	assert_int_equal(setup_ask("nobody", refuse, text, &b, &e), -1);
	assert_string_equal(e.msg, "hello");
	assert_int_equal(b.n, 0);
	assert_int_equal(setup_ask("nobody", mumble, NULL, &b, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_int_equal(setup_as("nobody", refuse, text, &e), -1);
	assert_int_equal(setup_as("nobody", mumble, NULL, &e), 0);
}

static void
work_goes_on_in_the_background(void **state)
{
	struct setup_work w = SETUP_WORK_INIT;
	struct setup *s = mem_alloc(sizeof(*s));
	struct err e = ERR_INIT;
	char path[PATH_SIZE];

	(void)state;
	assert_int_equal(setup_work_wait(&w, &e), 0); /* nothing to wait for */
	fill(s);
	s->conf.role = NODE_SUBSCRIBER;
	s->conf.key_bits = 1024;
	assert_int_equal(setup_tree(s, &e), 0);
	assert_int_equal(setup_work_units(&w, s, &e), 0);
	assert_int_equal(setup_work_rsa(&w, &e), 0);
	assert_int_equal(setup_work_wait(&w, &e), 0);
	assert_int_equal(setup_work_wait(&w, &e), 0);
	assert_int_equal(access(paths_in(path, "certs/CallManager.pem"), F_OK),
	    0);
	assert_int_equal(access(paths_in(path, "ssh/ssh_host_rsa_key"), F_OK),
	    0);
	setup_release(s);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_steps_may_be_repeated,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_finished_node_gets_what_came_later, setup, teardown),
		cmocka_unit_test_setup_teardown(the_peer_key_belongs_to_ucm,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(answers_are_bundles, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(work_goes_on_in_the_background,
		    setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
