/*
 * utils disaster_recovery prepare restore pub_from_sub: asked here, done by
 * the agent.
 */
#include <string.h>

#include "base/str.h"
#include "commands/ctx.h"
#include "commands/table.h"

#define WARNING                                                               \
	"\nWARNING: The database of this publisher will be replaced by that " \
	"of the most advanced\n"                                              \
	"subscriber of the cluster that has lost its publisher. The cluster " \
	"security password\n"                                                 \
	"must be the same here and there.\n\n"
#define QUESTION "Do you want to continue (yes/no)? "
#define TOKEN "Token of \"ucm-node invite --publisher\" :"

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const char *const words[] = { "restore", "pub_from_sub", NULL };
	struct secret token = { .text = NULL };
	struct link_request rq;
	struct link_sink sink;
	bool yes;
	int rc;

	(void)a;
	out_puts(c->out, WARNING);
	if (cmd_confirm(c, QUESTION, &yes, e) == -1)
		return -1;
	if (!yes) {
		out_puts(c->out, "Nothing has been changed.\n");
		return 0;
	}
	if (c->term->ops->secret(c->term->self, TOKEN, &token, e) == -1)
		return -1;
	out_puts(c->out, "\n");
	cmd_request(&rq, words);
	rq.payload = token.text;
	rq.payload_len = token.len;
	cmd_text_sink(&sink, c->out);
	rc = c->agent->call(c->agent->self, &rq, &sink, NULL, e);
	if (rc == 0)
		out_puts(c->out,
		    "\nThe publisher is restored from the subscriber. Use "
		    "\"utils itl reset remotekey\" with\n"
		    "the saved ITLRecovery.p12 so that phones trust it.\n");
	cmd_request_release(&rq);
	secret_release(&token);
	return rc;
}

const struct command cmd_utils_disaster_recovery_prepare_restore_pub_from_sub = {
	.words = "utils disaster_recovery prepare restore pub_from_sub",
	.help = "This will restore this publisher from a subscriber.",
	.more =
	    "For a publisher that was installed anew, with the same name, "
	    "address and\n"
	    "cluster security password. Get a token on a subscriber that has "
	    "survived with\n"
	    "\"ucm-node invite --publisher\"; it is not shown when it is typed. "
	    "The database\n"
	    "comes from the subscriber whose database is most advanced, and all "
	    "nodes that\n"
	    "can be reached take this publisher for theirs.",
	.example = "utils disaster_recovery prepare restore pub_from_sub",
	.farewell = "The restore goes on in the background. \"show network "
		    "cluster\" shows how it ended.",
	.level = CMD_LEVEL_ADVANCED,
	.flags = CMD_PUBLISHER,
	.run = run,
};
