/*
 * All a command needs, faked: output in memory, a scripted user, an agent
 * that answers from a list, and the publisher test10pub.
 */
#ifndef FAKES_CMD_WORLD_H
#define FAKES_CMD_WORLD_H

#include "base/err.h"
#include "base/nodeconf.h"
#include "base/out.h"
#include "commands/ctx.h"
#include "tests/fakes/fake_agent.h"
#include "tests/fakes/term_script.h"

struct cmd_world {
	struct cmd_ctx ctx;
	struct cmd_session session;
	struct nodeconf conf;
	struct fake_agent agent;
	struct term_script term;
	struct err e; /* of the last run */
};

/* w must stay where it is. */
void cmd_world_init(struct cmd_world *w, const struct fake_answer *answer,
    const char *const *user, enum out_form form);
void cmd_world_release(struct cmd_world *w);

/*
 * Run cmd with one parameter (NULL: none).  Returns its result, with the
 * error in w->e; in JSON form the document is finished.
 */
int cmd_world_run(struct cmd_world *w, const struct command *cmd,
    const char *value);

/* The same with any arguments, which are released. */
int cmd_world_run_args(struct cmd_world *w, const struct command *cmd,
    struct cmd_args *args);

/*
 * The same with words behind those of the command, NULL at the end: first
 * its parameters, then options with their values.
 */
int cmd_world_run_words(struct cmd_world *w, const struct command *cmd,
    const char *const *words);

/* What has been printed so far. */
const char *cmd_world_text(const struct cmd_world *w);

#endif
