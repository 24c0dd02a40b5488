#include "node/peer_proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/paths.h"
#include "tests/fakes/testing.h"

#define LINE(key, node) "restrict,command=\"x\" ecdsa " key " " node "\n"

static char *dir;

static void
replace(const char *name, const char *text)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	assert_int_equal(file_replace(paths_in(path, "%s", name), text,
			     strlen(text), 0644, &e),
	    0);
}

static void
keys(const char *text)
{
	replace("ssh/authorized_keys.ucmnode", text);
}

static int
setup(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	dir = testing_dir();
	paths_set_root(dir);
	assert_int_equal(mkdir(paths_in(path, "ssh"), 0755), 0);
	replace("ssh/ssh_host_ecdsa_key", "key");
	keys(LINE("AAA", "pub") LINE("BBB", "sub"));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	testing_dir_remove(dir);
	return 0;
}

/* Whatever happens to others is no matter of this session. */
static void
holds_while_its_own_line_stands(void **state)
{
	struct peer_proof p;

	(void)state;
	peer_proof_init(&p, "sub");
	assert_true(peer_proof_holds(&p));
	keys(LINE("CCC", "sub2") LINE("BBB", "sub"));
	assert_true(peer_proof_holds(&p));
	peer_proof_release(&p);
}

static void
ends_with_the_key(void **state)
{
	struct peer_proof p;
	char path[PATH_SIZE];

	(void)state;
	peer_proof_init(&p, "sub");
	keys(LINE("AAA", "pub") LINE("BBC", "sub"));
	assert_false(peer_proof_holds(&p));
	keys(LINE("AAA", "pub"));
	assert_false(peer_proof_holds(&p));
	assert_int_equal(unlink(paths_in(path, "ssh/authorized_keys.ucmnode")),
	    0);
	assert_false(peer_proof_holds(&p));
	keys(LINE("BBB", "sub"));
	assert_true(peer_proof_holds(&p));
	peer_proof_release(&p);
}

static void
ends_with_the_host_key(void **state)
{
	struct peer_proof p;
	char path[PATH_SIZE];

	(void)state;
	peer_proof_init(&p, "pub");
	replace("ssh/ssh_host_ecdsa_key", "key");
	assert_false(peer_proof_holds(&p));
	peer_proof_release(&p);
	peer_proof_init(&p, "pub");
	assert_true(peer_proof_holds(&p));
	assert_int_equal(unlink(paths_in(path, "ssh/ssh_host_ecdsa_key")), 0);
	assert_false(peer_proof_holds(&p));
	peer_proof_release(&p);
}

static void
never_holds_without_both(void **state)
{
	struct peer_proof p;
	char path[PATH_SIZE];

	(void)state;
	peer_proof_init(&p, "su");
	assert_false(peer_proof_holds(&p));
	peer_proof_release(&p);
	peer_proof_init(&p, "");
	assert_false(peer_proof_holds(&p));
	peer_proof_release(&p);
	assert_int_equal(unlink(paths_in(path, "ssh/ssh_host_ecdsa_key")), 0);
	peer_proof_init(&p, "sub");
	assert_false(peer_proof_holds(&p));
	peer_proof_release(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(holds_while_its_own_line_stands,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(ends_with_the_key, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(ends_with_the_host_key, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(never_holds_without_both, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
