#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "commands/sftp_dialogue.h"
#include "commands/table.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/golden.h"
#include "trust/pkcs12.h"

static const char *const password[] = { "Secret 1", NULL };
static bool reachable;

/* In the place of commands/sftp_dialogue.c: a server that has one file. */
int
sftp_dialogue_fetch(const struct cmd_ctx *c, const struct sftp_fetch *f,
    uint8_t **data, size_t *len, struct err *e)
{
	assert_string_equal(f->host, "server.example.com");
	assert_string_equal(f->user, "joemar2");
	assert_string_equal(f->path, "/home/joemar2/ITLRecovery.p12");
	assert_int_equal(f->max, PKCS12_MAX_SIZE);
	out_puts(c->out, "Enter Sftp password :\n");
	if (!reachable)
		return err_set(e, ERR_UNREACHABLE, "no route to host");
	*data = (uint8_t *)mem_strdup("p12 bytes");
	*len = 9;
	return 0;
}

static int
run(struct cmd_world *w)
{
	struct cmd_args args = { .json = false };
	int rc;

	args.value[0] = mem_strdup("server.example.com");
	args.value[1] = mem_strdup("joemar2");
	args.value[2] = mem_strdup("/home/joemar2/ITLRecovery.p12");
	rc = cmd_utils_itl_reset_remotekey.run(&w->ctx, &args, &w->e);
	cmd_args_release(&args);
	return rc;
}

static void
dialogue_is_the_reference_s_without_its_noise(void **state)
{
	char *all = golden_output("cli/reset_localkey.txt");
	char *want = mem_printf("Enter Sftp password :\n\n\n\n%s", all);
	struct fake_answer answers[] = {
		{ .words = "itl reset remotekey" },
		{ .words = NULL },
	};
	struct cmd_world w;

	(void)state;
	/* The agent's part begins behind the question. */
	answers[0].text = strchr(all, '\n') + 1;
	reachable = true;
	cmd_world_init(&w, answers, password, OUT_TEXT);
	assert_int_equal(run(&w), 0);
	assert_string_equal(cmd_world_text(&w), want);
	assert_string_equal(w.agent.secret, "Secret 1");
	assert_string_equal(w.agent.asked.item[1], "p12 bytes");
	cmd_world_release(&w);
	free(want);
	free(all);
}

static void
without_the_file_nothing_is_asked(void **state)
{
	struct cmd_world w;

	(void)state;
	reachable = false;
	cmd_world_init(&w, NULL, password, OUT_TEXT);
	assert_int_equal(run(&w), -1);
	assert_string_equal(w.e.msg, "no route to host");
	assert_string_equal(cmd_world_text(&w), "Enter Sftp password :\n");
	assert_int_equal(w.agent.asked.n, 0);
	cmd_world_release(&w);
}

static void
failures_are_the_agent_s(void **state)
{
	static const struct fake_answer answers[] = {
		{ .words = "itl reset remotekey",
		    .code = ERR_AUTH,
		    .message = "does not open",
		    .hint = "Nothing has been replaced." },
		{ .words = NULL },
	};
	struct cmd_world w;

	(void)state;
	reachable = true;
	cmd_world_init(&w, answers, password, OUT_TEXT);
	assert_int_equal(run(&w), -1);
	assert_string_equal(w.e.msg, "does not open");
	assert_string_equal(w.e.hint, "Nothing has been replaced.");
	cmd_world_release(&w);
}

static void
publisher_and_the_highest_level_only(void **state)
{
	(void)state;
	assert_int_equal(cmd_utils_itl_reset_remotekey.level,
	    CMD_LEVEL_INSTALLER);
	assert_int_equal(cmd_utils_itl_reset_remotekey.flags, CMD_PUBLISHER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialogue_is_the_reference_s_without_its_noise),
		cmocka_unit_test(without_the_file_nothing_is_asked),
		cmocka_unit_test(failures_are_the_agent_s),
		cmocka_unit_test(publisher_and_the_highest_level_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
