/*
 * node/invitation.c: invitations, made and looked for.
 */
#include "node/invitation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"
#include "trust/key.h"

static int
setup(void **state)
{
	char path[PATH_SIZE];

	*state = testing_dir();
	paths_set_root(*state);
	return file_mkdir(paths_in(path, "ssh"), 0755, NULL);
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
commands_are_fixed(void **state)
{
	char command[INVITATION_COMMAND_SIZE];

	(void)state;
	invitation_join(command, "sub1", "127.0.10.2", 2222);
	assert_string_equal(command,
	    "/usr/bin/ucm-node enrol sub1 127.0.10.2 2222");
	invitation_publisher(command, "pub");
	assert_string_equal(command, "/usr/bin/ucm-node readmit pub");
}

static void
the_key_of_the_token_is_found(void **state)
{
	char command[INVITATION_COMMAND_SIZE];
	char found[SSHKEYS_TEXT_SIZE];
	struct token t = { .name = "pub" };
	struct token second = { .name = "pub" };
	struct err e = ERR_INIT;
	struct key *k;
	char *public;

	(void)state;
	invitation_publisher(command, "pub");
	assert_int_equal(invitation_find("pub", command, found, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(invitation_make(&second, command, &e), 0);
	/* a second invitation takes the place of the first */
	assert_int_equal(invitation_make(&t, command, &e), 0);
	assert_int_equal(invitation_find("pub", command, found, &e), 0);
	k = key_from_pem(t.key, strlen(t.key), &e);
	public = key_ssh_public(k, &e);
	assert_string_equal(found, public);
	free(public);
	key_free(k);
	assert_int_equal(invitation_find("pub", command, NULL, &e), 0);
}

static void
only_the_very_invitation_counts(void **state)
{
	char command[INVITATION_COMMAND_SIZE];
	char other[INVITATION_COMMAND_SIZE];
	struct token t = { .name = "pub" };
	struct err e = ERR_INIT;

	(void)state;
	invitation_publisher(command, "pub");
	assert_int_equal(invitation_make(&t, command, &e), 0);
	invitation_publisher(other, "pu");
	assert_int_equal(invitation_find("pub", other, NULL, &e), -1);
	assert_int_equal(invitation_find("pu", command, NULL, &e), -1);
	invitation_join(other, "pub", "127.0.10.1", 22);
	assert_int_equal(invitation_find("pub", other, NULL, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
it_ends_by_itself(void **state)
{
	static const char *const over[] = { "19990101000000Z", "", "x" };
	char command[INVITATION_COMMAND_SIZE];
	struct err e = ERR_INIT;

	invitation_publisher(command, "pub");
	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		char *line = mem_printf("restrict,expiry-time=\"%s\","
					"command=\"%s\" ecdsa-sha2-nistp256 "
					"AAAA invite:pub\n",
		    over[i], command);

		testing_write(*state, "ssh/authorized_keys.ucmnode", line);
		free(line);
		assert_int_equal(invitation_find("pub", command, NULL, &e), -1);
		assert_int_equal(e.code, ERR_NOT_FOUND);
	}
	/* nor is a line without an end one */
	testing_write(*state, "ssh/authorized_keys.ucmnode",
	    "restrict,command=\"/usr/bin/ucm-node readmit pub\" "
	    "ecdsa-sha2-nistp256 AAAA invite:pub\n");
	assert_int_equal(invitation_find("pub", command, NULL, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(commands_are_fixed, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(the_key_of_the_token_is_found,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(only_the_very_invitation_counts,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(it_ends_by_itself, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
