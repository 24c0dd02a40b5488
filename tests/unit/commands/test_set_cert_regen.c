#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/table.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/golden.h"

#define HELD                                                                  \
	"CallManager certificate was modified in the last 5 minutes. Please " \
	"re-try regnerating TVS certificate at a later time"

static const struct fake_answer answers[] = {
	{ .words = "cert hold CallManager" },
	{ .words = "cert regen CallManager" },
	{ .words = "cert hold ITLRecovery" },
	{ .words = "cert regen ITLRecovery" },
	{ .words = "cert hold TVS", .code = ERR_HELD, .message = HELD },
	{ .words = "cert hold CAPF" },
	{ .words = "cert regen CAPF", .code = ERR_HELD, .message = HELD },
	{ .words = "cert hold tomcat" },
	{ .words = "cert regen tomcat",
	    .text = "The database of node test10sub does not have the new "
		    "certificate yet.\n" },
	{ .words = NULL },
};

static const char *const yes[] = { "yes", NULL };
static const char *const no[] = { "no", NULL };

static void
dialogue_is_the_reference_s(void **state)
{
	static const char *const unit[] = { "CallManager", "ITLRecovery" };
	static const char *const file[] = { "cli/cert_regen_callmanager.txt",
		"cli/cert_regen_itlrecovery.txt" };
	struct cmd_world w;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		char *expected;

		cmd_world_init(&w, answers, yes, OUT_TEXT);
		assert_int_equal(cmd_world_run(&w, &cmd_set_cert_regen,
				     unit[i]),
		    0);
		expected = golden_output(file[i]);
		assert_string_equal(cmd_world_text(&w), expected);
		assert_int_equal(w.agent.asked.n, 2);
		free(expected);
		cmd_world_release(&w);
	}
}

static void
no_changes_nothing(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, no, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_set_cert_regen, "CallManager"),
	    0);
	assert_int_equal(w.agent.asked.n, 1);
	assert_string_equal(w.agent.asked.item[0], "cert hold CallManager");
	assert_non_null(strstr(cmd_world_text(&w),
	    "(yes|no)? no\nRegeneration cancelled. The certificate for "
	    "CallManager was not changed.\n"));
	cmd_world_release(&w);
}

static void
a_held_unit_is_refused_before_the_question(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, yes, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_set_cert_regen, "TVS"), -1);
	assert_string_equal(cmd_world_text(&w), "\n");
	assert_string_equal(w.e.msg, HELD);
	assert_int_equal(w.agent.asked.n, 1);
	cmd_world_release(&w);
}

static void
another_session_may_have_been_faster(void **state)
{
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, yes, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_set_cert_regen, "CAPF"), -1);
	assert_int_equal(w.e.code, ERR_HELD);
	assert_null(strstr(cmd_world_text(&w), "Successfully"));
	cmd_world_release(&w);
}

static void
remarks_stand_behind_the_report(void **state)
{
	struct cmd_world w;
	const char *report, *remark;

	(void)state;
	cmd_world_init(&w, answers, yes, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_set_cert_regen, "tomcat"), 0);
	report = strstr(cmd_world_text(&w), "to become active.\n");
	remark = strstr(cmd_world_text(&w), "The database of node test10sub");
	assert_non_null(report);
	assert_non_null(remark);
	assert_true(report < remark);
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialogue_is_the_reference_s),
		cmocka_unit_test(no_changes_nothing),
		cmocka_unit_test(a_held_unit_is_refused_before_the_question),
		cmocka_unit_test(another_session_may_have_been_faster),
		cmocka_unit_test(remarks_stand_behind_the_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
