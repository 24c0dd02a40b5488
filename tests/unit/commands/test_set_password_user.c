#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "commands/table.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/golden.h"

#define SAVE                                                                \
	"ITLRecovery.p12 opens with the new password only. Save it again: " \
	"file get tftp ITLRecovery.p12\n"

static const struct fake_answer changed[] = {
	{ .words = "password admin" },
	{ .words = "password security" },
	{ .words = NULL },
};

static void
admin_dialogue_is_the_reference_s(void **state)
{
	static const char *const user[] = { "old word", "New-Word-1",
		"New-Word-1", NULL };
	char *all = golden_output("cli/password_admin.txt");
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, changed, user, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_set_password_user_admin, NULL),
	    0);
	assert_string_equal(cmd_world_text(&w), all);
	assert_string_equal(w.agent.secret, "old word\nNew-Word-1");
	cmd_world_release(&w);
	free(all);
}

static void
security_dialogue_is_the_reference_s(void **state)
{
	static const char *const user[] = { "old word", "New-Word-1",
		"New-Word-1", "y", NULL };
	char *all = golden_output("cli/password_security.txt");
	char *want = mem_printf("%s" SAVE, all);
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, changed, user, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_set_password_user_security,
			     NULL),
	    0);
	assert_string_equal(cmd_world_text(&w), want);
	assert_string_equal(w.agent.secret, "old word\nNew-Word-1");
	cmd_world_release(&w);
	free(all);
	free(want);
}

static void
no_changes_nothing(void **state)
{
	static const char *const user[] = { "old word", "New-Word-1",
		"New-Word-1", "n", NULL };
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, changed, user, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_set_password_user_security,
			     NULL),
	    0);
	assert_non_null(strstr(cmd_world_text(&w),
	    "The security password was not changed.\n"));
	assert_int_equal(w.agent.asked.n, 0);
	cmd_world_release(&w);
}

/* Before the agent is asked, and before the warning. */
static void
refused(const struct command *cmd, const char *const *user, const char *why)
{
	struct cmd_world w;

	cmd_world_init(&w, changed, user, OUT_TEXT);
	(void)str_copy(w.conf.publisher_name, sizeof(w.conf.publisher_name),
	    "test10pub");
	assert_int_equal(cmd_world_run(&w, cmd, NULL), -1);
	assert_non_null(strstr(w.e.msg, why));
	assert_null(strstr(cmd_world_text(&w), "WARNING"));
	assert_null(strstr(cmd_world_text(&w), "Please wait"));
	assert_int_equal(w.agent.asked.n, 0);
	cmd_world_release(&w);
}

static void
what_cannot_be_right_is_said_at_once(void **state)
{
	static const struct command *const both[] = {
		&cmd_set_password_user_admin, &cmd_set_password_user_security
	};
	static const char *const differ[] = { "old", "New-Word-1", "New-Word-2",
		"y", NULL };
	static const char *const weak[] = { "old", "newword", "newword", "y",
		NULL };
	static const char *const name[] = { "old", "Administrator-1",
		"Administrator-1", NULL };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		refused(both[i], differ, "The two new passwords differ.");
		refused(both[i], weak, "8 to 127 characters");
	}
	refused(&cmd_set_password_user_admin, name, "the account's name");
}

static void
interrupted_questions_change_nothing(void **state)
{
	static const char *const user[3][4] = { { "^C", NULL },
		{ "old", "^C", NULL }, { "old", "New-Word-1", "^C", NULL } };
	struct cmd_world w;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		cmd_world_init(&w, changed, user[i], OUT_TEXT);
		assert_int_equal(cmd_world_run(&w,
				     &cmd_set_password_user_security, NULL),
		    -1);
		assert_int_equal(w.e.code, ERR_CANCELLED);
		assert_int_equal(w.agent.asked.n, 0);
		cmd_world_release(&w);
	}
}

static void
subscriber_names_the_publisher(void **state)
{
	static const char *const none[] = { NULL };
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, changed, none, OUT_TEXT);
	w.conf.role = NODE_SUBSCRIBER;
	(void)str_copy(w.conf.publisher_name, sizeof(w.conf.publisher_name),
	    "test10pub");
	assert_int_equal(cmd_world_run(&w, &cmd_set_password_user_security,
			     NULL),
	    -1);
	assert_int_equal(w.e.code, ERR_DENIED);
	assert_string_equal(w.e.msg,
	    "The security password is changed on the publisher, test10pub, "
	    "and for all nodes at once.");
	assert_string_equal(cmd_world_text(&w), "");
	w.ctx.conf = NULL;
	assert_int_equal(cmd_world_run(&w, &cmd_set_password_user_security,
			     NULL),
	    -1);
	cmd_world_release(&w);
}

/* Nodes that follow later are named between the last two lines. */
static void
agent_s_remarks_and_failures_are_told(void **state)
{
	static const struct fake_answer answers[] = {
		{ .words = "password security",
		    .text = "Node test10sub follows.\n" },
		{ .words = "password admin",
		    .code = ERR_AUTH,
		    .message = "The old password is wrong." },
		{ .words = NULL },
	};
	static const char *const user[] = { "old word", "New-Word-1",
		"New-Word-1", "y", NULL };
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, user, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_set_password_user_security,
			     NULL),
	    0);
	assert_non_null(strstr(cmd_world_text(&w),
	    "Please wait...\nNode test10sub follows.\n\n\nPassword updated "));
	cmd_world_release(&w);
	cmd_world_init(&w, answers, user, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_set_password_user_admin, NULL),
	    -1);
	assert_string_equal(w.e.msg, "The old password is wrong.");
	assert_null(strstr(cmd_world_text(&w), "successfully"));
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(admin_dialogue_is_the_reference_s),
		cmocka_unit_test(security_dialogue_is_the_reference_s),
		cmocka_unit_test(no_changes_nothing),
		cmocka_unit_test(what_cannot_be_right_is_said_at_once),
		cmocka_unit_test(interrupted_questions_change_nothing),
		cmocka_unit_test(subscriber_names_the_publisher),
		cmocka_unit_test(agent_s_remarks_and_failures_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
