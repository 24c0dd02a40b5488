#include "shell/audit_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/paths.h"
#include "tests/fakes/fake_agentd.h"
#include "tests/fakes/testing.h"

static int
make_root(void **state)
{
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	char *dir = testing_dir();

	paths_set_root(dir);
	*state = dir;
	return file_mkdir(paths_in(path, "run"), 0755, &e);
}

static int
remove_root(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
lines_are_sent_and_confirmed_later(void **state)
{
	struct audit_link l;
	pid_t agent = fake_agentd_start();
	char *asked;

	audit_link_init(&l, "tester");
	audit_link_begin(&l, "show itl");
	assert_int_equal(l.n, 1);
	audit_link_end(&l, "show itl", 1);
	assert_true(l.n >= 1);
	/* The agent sends text, too, which an audit does not want. */
	audit_link_settle(&l);
	assert_int_equal(l.n, 0);
	asked = testing_read(*state, "run/asked");
	assert_string_equal(asked,
	    "audit begin show itl\naudit end 1 show itl\n");
	free(asked);
	audit_link_close(&l);
	assert_int_equal(l.fd, -1);
	fake_agentd_stop(agent);
}

static void
the_next_line_opens_another_connection(void **state)
{
	struct audit_link l;
	pid_t agent = fake_agentd_start();

	(void)state;
	audit_link_init(&l, "tester");
	audit_link_begin(&l, "one");
	audit_link_close(&l);
	audit_link_begin(&l, "two");
	assert_true(l.fd != -1);
	audit_link_close(&l);
	assert_int_equal(l.n, 0);
	fake_agentd_stop(agent);
}

static void
a_restarted_agent_is_found_again(void **state)
{
	struct audit_link l;
	pid_t agent = fake_agentd_start();

	(void)state;
	audit_link_init(&l, "tester");
	audit_link_begin(&l, "one");
	audit_link_settle(&l);
	fake_agentd_stop(agent);
	agent = fake_agentd_start();
	audit_link_end(&l, "one", 0);
	assert_int_equal(l.n, 1);
	audit_link_close(&l);
	assert_int_equal(l.n, 0);
	fake_agentd_stop(agent);
}

static void
without_an_agent_nothing_waits(void **state)
{
	struct audit_link l;
	size_t i;

	(void)state;
	audit_link_init(&l, "tester");
	for (i = 0; i < 3UL * AUDIT_PENDING_MAX; i++)
		audit_link_begin(&l, "lost");
	assert_int_equal(l.n, 0);
	assert_int_equal(l.fd, -1);
	audit_link_close(&l);
}

static void
many_lines_do_not_pile_up(void **state)
{
	struct audit_link l;
	pid_t agent = fake_agentd_start();
	size_t i;

	(void)state;
	audit_link_init(&l, "tester");
	for (i = 0; i < 5UL * AUDIT_PENDING_MAX; i++) {
		audit_link_begin(&l, "again");
		assert_true(l.n <= AUDIT_PENDING_MAX);
	}
	audit_link_close(&l);
	assert_int_equal(l.n, 0);
	fake_agentd_stop(agent);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_sent_and_confirmed_later),
		cmocka_unit_test(the_next_line_opens_another_connection),
		cmocka_unit_test(a_restarted_agent_is_found_again),
		cmocka_unit_test(without_an_agent_nothing_waits),
		cmocka_unit_test(many_lines_do_not_pile_up),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
