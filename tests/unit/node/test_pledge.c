/*
 * node/pledge.c: what the proof covers, and what is no pledge.
 */
#include "node/pledge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/pledges.h"
#include "tests/fakes/quick_pbkdf2.h"
#include "tests/fakes/testing.h"

static int
check(const struct pledge *p, const char *password, struct err *e)
{
	struct secret s;
	int rc;

	secret_set(&s, password, strlen(password));
	rc = pledge_check(p, &s, e);
	secret_release(&s);
	return rc;
}

static void
the_password_proves_it(void **state)
{
	struct pledge p;
	struct err e = ERR_INIT;

	(void)state;
	pledges_make(&p, "pub", "127.0.10.1");
	assert_int_equal(check(&p, PLEDGES_PASSWORD, &e), 0);
	assert_int_equal(check(&p, "the security two", &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_string_equal(e.msg,
	    "the cluster security password is another one");
	assert_null(strstr(p.proof, PLEDGES_PASSWORD));
}

/* Each field in turn is another one. */
static void
the_proof_covers_everything(void **state)
{
	struct pledge good;
	struct err e = ERR_INIT;

	(void)state;
	pledges_make(&good, "pub", "127.0.10.1");
	for (int i = 0; i < 8; i++) {
		struct pledge p = good;
		char *const text[] = { p.name, p.address, p.host_key,
			p.peer_key, p.ca_cert, p.invitation, p.proof };

		if (i == 7)
			p.port++;
		else
			text[i][strlen(text[i]) - 1] ^= 1;
		assert_int_equal(check(&p, PLEDGES_PASSWORD, &e), -1);
		assert_int_equal(e.code, ERR_AUTH);
	}
	/* nor can bytes be moved from one field to the next */
	{
		struct pledge p = good;

		(void)str_copy(p.name, sizeof(p.name), "pub1");
		(void)str_copy(p.address, sizeof(p.address), "27.0.10.1");
		assert_int_equal(check(&p, PLEDGES_PASSWORD, &e), -1);
	}
	good.proof[0] = '\0';
	assert_int_equal(check(&good, PLEDGES_PASSWORD, &e), -1);
}

static void
a_bundle_carries_it(void **state)
{
	struct pledge p;
	struct pledge q;
	struct bundle b;
	struct err e = ERR_INIT;

	(void)state;
	pledges_make(&p, "pub", "127.0.10.1");
	bundle_init(&b);
	assert_int_equal(pledge_take(&q, &b, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	pledge_add(&p, &b);
	assert_int_equal(pledge_take(&q, &b, &e), 0);
	assert_memory_equal(&p, &q, sizeof(p));
	assert_int_equal(check(&q, PLEDGES_PASSWORD, &e), 0);
	bundle_release(&b);
}

/* What will stand in the files of every node is looked at. */
static void
what_is_no_key_is_refused(void **state)
{
	static const char *const bad[] = { "", "ssh-rsa AAAA",
		"ecdsa-sha2-nistp256 AAAA\nroot" };
	struct err e = ERR_INIT;

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct pledge p;
		struct pledge q;
		struct bundle b;

		pledges_make(&p, "pub", "127.0.10.1");
		if (i < 3)
			(void)str_copy(i == 1 ? p.peer_key : p.host_key,
			    sizeof(p.host_key), bad[i]);
		else if (i == 3)
			(void)str_copy(p.name, sizeof(p.name), "a b");
		else
			(void)str_copy(p.ca_cert, sizeof(p.ca_cert), "none");
		bundle_init(&b);
		pledge_add(&p, &b);
		assert_int_equal(pledge_take(&q, &b, &e), -1);
		assert_int_equal(e.code, ERR_FORMAT);
		bundle_release(&b);
	}
}

static void
a_node_checks_with_its_own_password(void **state)
{
	char *dir = testing_dir();
	char path[PATH_SIZE];
	struct pledge p;
	struct err e = ERR_INIT;

	(void)state;
	paths_set_root(dir);
	pledges_make(&p, "pub", "127.0.10.1");
	assert_int_equal(pledge_check_here(&p, &e), -1);
	assert_int_equal(file_mkdir(paths_in(path, "certs"), 0755, &e), 0);
	testing_write(dir, "certs/security_password", PLEDGES_PASSWORD);
	assert_int_equal(pledge_check_here(&p, &e), 0);
	testing_write(dir, "certs/security_password", "another one");
	assert_int_equal(pledge_check_here(&p, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	testing_dir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_password_proves_it),
		cmocka_unit_test(the_proof_covers_everything),
		cmocka_unit_test(a_bundle_carries_it),
		cmocka_unit_test(what_is_no_key_is_refused),
		cmocka_unit_test(a_node_checks_with_its_own_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
