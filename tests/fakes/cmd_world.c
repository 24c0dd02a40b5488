#include "tests/fakes/cmd_world.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static const struct fake_answer no_answers[] = { { .words = NULL } };

void
cmd_world_init(struct cmd_world *w, const struct fake_answer *answer,
    const char *const *user, enum out_form form)
{
	memset(w, 0, sizeof(*w));
	fake_agent_init(&w->agent, answer == NULL ? no_answers : answer);
	w->ctx.out = out_new_mem(form);
	term_script_init(&w->term, w->ctx.out, user);
	nodeconf_defaults(&w->conf);
	(void)str_copy(w->conf.name, sizeof(w->conf.name), "test10pub");
	w->conf.role = NODE_PUBLISHER;
	w->ctx.term = &w->term.term;
	w->ctx.agent = &w->agent.agent;
	w->ctx.conf = &w->conf;
	w->ctx.account = "administrator";
	w->ctx.level = CMD_LEVEL_INSTALLER;
	w->ctx.session = &w->session;
	err_clear(&w->e);
}

void
cmd_world_release(struct cmd_world *w)
{
	out_free(w->ctx.out);
	fake_agent_release(&w->agent);
}

int
cmd_world_run_args(struct cmd_world *w, const struct command *cmd,
    struct cmd_args *args)
{
	int rc;

	args->cmd = cmd;
	args->json = out_json(w->ctx.out);
	err_clear(&w->e);
	rc = cmd->run(&w->ctx, args, &w->e);
	if (rc == 0 && args->json)
		(void)out_finish(w->ctx.out);
	cmd_args_release(args);
	return rc;
}

int
cmd_world_run(struct cmd_world *w, const struct command *cmd, const char *value)
{
	struct cmd_args args = { .json = false };

	if (value != NULL)
		args.value[0] = mem_strdup(value);
	return cmd_world_run_args(w, cmd, &args);
}

const char *
cmd_world_text(const struct cmd_world *w)
{
	return out_text(w->ctx.out);
}
