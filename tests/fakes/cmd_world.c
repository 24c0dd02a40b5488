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

/* The option this word is or, if it is none, is a value of. */
static size_t
find_option(const struct command *cmd, const char *word)
{
	size_t i, n = cmd_option_count(cmd);

	for (i = 0; i < n; i++) {
		if (cmd->options[i].bare == NULL &&
		    str_equal(cmd->options[i].word, word))
			return i;
	}
	for (i = 0; i < n; i++) {
		if (cmd->options[i].bare != NULL)
			return i;
	}
	BUG("%s: no option %s", cmd->words, word);
}

int
cmd_world_run_words(struct cmd_world *w, const struct command *cmd,
    const char *const *words)
{
	struct cmd_args args = { .json = false };
	size_t i, k;

	for (i = 0; i < cmd_param_count(cmd) && *words != NULL; i++)
		args.value[i] = mem_strdup(*words++);
	while (*words != NULL) {
		const struct cmd_option *o;

		i = find_option(cmd, *words);
		o = &cmd->options[i];
		args.option[i] = true;
		if (o->bare != NULL)
			args.option_value[i][0] = mem_strdup(*words);
		words++;
		for (k = 0; o->values != NULL && o->values[k].name != NULL; k++)
			args.option_value[i][k] = mem_strdup(*words++);
	}
	return cmd_world_run_args(w, cmd, &args);
}

const char *
cmd_world_text(const struct cmd_world *w)
{
	return out_text(w->ctx.out);
}
