/*
 * node/parent.c: the worker's end of the packets.
 */
#include "node/parent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>
#include <unistd.h>

#include <pthread.h>

#include <cmocka.h>

#include "base/str.h"
#include "tests/fakes/fake_parent.h"

static int
set_up(void **state)
{
	struct fake_parent *p = malloc(sizeof(*p));

	if (p == NULL)
		return -1;
	fake_parent_start(p);
	*state = p;
	return 0;
}

static int
tear_down(void **state)
{
	fake_parent_stop(*state);
	free(*state);
	return 0;
}

static void
controls_services(void **state)
{
	struct fake_parent *p = *state;
	struct parent_status st;
	struct err e = ERR_INIT;

	assert_int_equal(parent_service_status(&p->link, PARENT_TFTP, &st, &e),
	    0);
	assert_int_equal(st.pid, 103);
	assert_int_equal(parent_service(&p->link, PARENT_SERVICE_DOWN,
			     PARENT_TFTP, &e),
	    0);
	assert_int_equal(parent_service_status(&p->link, PARENT_TFTP, &st, &e),
	    0);
	assert_int_equal(st.down, 1);
	assert_int_equal(parent_service_once(&p->link, PARENT_TFTP, true, &e),
	    0);
	assert_true(p->service[PARENT_TFTP].once);
	assert_false(p->service[PARENT_SSHD].once);
}

static void
hands_over_all_keys_at_once(void **state)
{
	static struct parent_node n[PARENT_NODES_MAX + 1];
	struct fake_parent *p = *state;
	struct err e = ERR_INIT;

	(void)str_copy(n[0].name, sizeof(n[0].name), "test10pub");
	(void)str_copy(n[1].name, sizeof(n[1].name), "test10sub");
	assert_int_equal(parent_write_keys(&p->link, n, 2, &e), 0);
	assert_int_equal(p->commits, 1);
	assert_int_equal(p->n_nodes, 2);
	assert_string_equal(p->node[1].name, "test10sub");
	assert_int_equal(parent_write_keys(&p->link, n, PARENT_NODES_MAX, &e),
	    0);
	assert_int_equal(p->n_nodes, PARENT_NODES_MAX);
	assert_int_equal(parent_write_keys(&p->link, n, PARENT_NODES_MAX + 1,
			     &e),
	    -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	assert_int_equal(p->commits, 2);
}

static void
other_requests(void **state)
{
	struct fake_parent *p = *state;
	struct err e = ERR_INIT;

	assert_int_equal(parent_migrate(&p->link, &e), 0);
	assert_int_equal(p->migrations, 1);
	assert_int_equal(parent_cli_timeout(&p->link, 20, &e), 0);
	assert_int_equal(p->timeout, 20);
	assert_int_equal(parent_invite_remove(&p->link, "test10sub", &e), 0);
	assert_string_equal(p->invite_removed, "test10sub");
	assert_int_equal(parent_invite_remove(&p->link, "a b", &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
}

static void
database_requests(void **state)
{
	struct fake_parent *p = *state;
	struct err e = ERR_INIT;
	struct bundle in;
	struct bundle out;
	struct wbuf w;

	bundle_init(&in);
	bundle_add_text(&in, "server_csr", "text");
	wbuf_init(&w, 0);
	bundle_encode(&in, &w);
	memcpy(p->tls, w.data, w.len);
	p->tls_len = (uint32_t)w.len;
	assert_int_equal(parent_tls_request(&p->link, &out, &e), 0);
	assert_string_equal(bundle_text(&out, "server_csr", &e), "text");
	bundle_release(&out);
	assert_int_equal(parent_tls_install(&p->link, &in, &e), 0);
	assert_int_equal(p->installed_len, w.len);
	assert_memory_equal(p->installed, w.data, w.len);
	wbuf_release(&w);
	bundle_release(&in);
	p->tls_len = 0;
	assert_int_equal(parent_tls_request(&p->link, &out, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_int_equal(parent_db_renew(&p->link, "127.0.10.2", &e), 0);
	assert_int_equal(p->renewals, 1);
	assert_true(p->renewed_promoted);
	assert_string_equal(p->renewed_from.address, "127.0.10.2");
	assert_int_equal(parent_db_renew(&p->link, NULL, &e), 0);
	assert_int_equal(p->renewals, 2);
	assert_false(p->renewed_promoted);
	assert_string_equal(p->renewed_from.address, "");
	p->failure = ERR_STATE;
	assert_int_equal(parent_db_renew(&p->link, NULL, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
}

static void
brings_back_the_parents_error(void **state)
{
	struct fake_parent *p = *state;
	struct parent_node n = { .port = 22 };
	struct err e = ERR_INIT;

	p->failure = ERR_NO_SPACE;
	assert_int_equal(parent_migrate(&p->link, &e), -1);
	assert_int_equal(e.code, ERR_NO_SPACE);
	assert_string_equal(e.msg, "told to fail");
	assert_int_equal(parent_write_keys(&p->link, &n, 1, &e), -1);
	assert_int_equal(p->commits, 0);
}

static void
notices_that_the_parent_is_gone(void **state)
{
	struct parent_link l;
	struct err e = ERR_INIT;
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
	parent_link_init(&l, fd[0]);
	(void)close(fd[1]);
	assert_int_equal(parent_migrate(&l, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	parent_link_release(&l);
}

static void *
ask_often(void *arg)
{
	struct parent_link *l = arg;
	struct parent_status st;
	struct err e = ERR_INIT;
	int i;

	for (i = 0; i < 200; i++)
		if (parent_service_status(l, PARENT_SSHD, &st, &e) == -1 ||
		    st.pid != 100)
			return arg;
	return NULL;
}

static void
threads_do_not_mix_their_answers(void **state)
{
	struct fake_parent *p = *state;
	static struct parent_node n[16];
	pthread_t thread[4];
	struct err e = ERR_INIT;
	void *failed;
	size_t i;

	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, ask_often,
				     &p->link),
		    0);
	for (i = 0; i < 20; i++)
		assert_int_equal(parent_write_keys(&p->link, n, 16, &e), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(thread[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(p->commits, 20);
	assert_int_equal(p->n_nodes, 16);
}

static void
hands_over_an_accounts_passwords(void **state)
{
	struct fake_parent *p = *state;
	struct secret old, fresh;
	struct err e = ERR_INIT;

	secret_set(&old, "old word", 8);
	secret_set(&fresh, "New-Word-1", 10);
	assert_int_equal(parent_admin_password(&p->link, "alice", &old, &fresh,
			     &e),
	    0);
	assert_int_equal(p->texts_len, 26);
	assert_memory_equal(p->texts, "alice\0old word\0New-Word-1\0", 26);
	/* what the parent would end for is not sent */
	p->texts_len = 0;
	assert_int_equal(parent_admin_password(&p->link, "../x", &old, &fresh,
			     &e),
	    -1);
	assert_int_equal(e.code, ERR_USAGE);
	secret_release(&fresh);
	secret_set(&fresh, "New\nWord", 8);
	assert_int_equal(parent_admin_password(&p->link, "alice", &old, &fresh,
			     &e),
	    -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(p->texts_len, 0);
	secret_release(&old);
	secret_release(&fresh);
}

static void
names_every_directory(void **state)
{
	(void)state;
	assert_string_equal(parent_service_dir(PARENT_SSHD), "sshd");
	assert_string_equal(parent_service_dir(PARENT_POSTGRESQL),
	    "postgresql");
	assert_string_equal(parent_service_dir(PARENT_AGENT), "agent");
	assert_string_equal(parent_service_dir(PARENT_TFTP), "tftp");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(controls_services),
		TEST(hands_over_all_keys_at_once),
		TEST(other_requests),
		TEST(database_requests),
		TEST(hands_over_an_accounts_passwords),
		TEST(brings_back_the_parents_error),
		cmocka_unit_test(notices_that_the_parent_is_gone),
		TEST(threads_do_not_mix_their_answers),
		cmocka_unit_test(names_every_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
