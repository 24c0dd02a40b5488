/*
 * sftp/lib_load.c: libssh is there when it is asked for, and only then.
 */
#include "sftp/lib_load.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>
#include <libssh/libssh.h>

static bool
is_loaded(void)
{
	void *library = dlopen("libssh.so.4", RTLD_NOW | RTLD_NOLOAD);

	if (library == NULL)
		return false;
	(void)dlclose(library);
	return true;
}

/* What session_close() does when nothing was opened. */
static void
nothing_needs_no_library(void **state)
{
	unsigned char *hash = NULL;

	(void)state;
	ssh_free(NULL);
	ssh_key_free(NULL);
	ssh_string_free_char(NULL);
	ssh_clean_pubkey_hash(&hash);
	assert_false(is_loaded());
}

static void
loads_once(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(lib_load(&e), 0);
	assert_true(is_loaded());
	assert_int_equal(lib_load(&e), 0);
	assert_int_equal(e.code, ERR_NONE);
}

static void
calls_the_library(void **state)
{
	ssh_session s;

	(void)state;
	s = ssh_new();
	assert_non_null(s);
	assert_int_equal(ssh_options_set(s, SSH_OPTIONS_HOST, "x"), SSH_OK);
	assert_false(ssh_is_connected(s));
	assert_string_equal(ssh_key_type_to_char(
				ssh_key_type_from_name("ssh-ed25519")),
	    "ssh-ed25519");
	ssh_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_needs_no_library),
		cmocka_unit_test(loads_once),
		cmocka_unit_test(calls_the_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
