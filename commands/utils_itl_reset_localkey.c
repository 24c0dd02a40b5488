/*
 * utils itl reset localkey: the agent does it and tells its dialogue.
 */
#include "commands/ctx.h"
#include "commands/table.h"

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const char *const words[] = { "itl", "reset", "localkey", NULL };
	struct secret password = { .text = NULL };
	struct link_request rq;
	struct link_sink sink;
	int rc;

	(void)a;
	if (c->term->ops->secret(c->term->self,
		"Enter CCM Administrator password :", &password, e) == -1)
		return -1;
	cmd_request(&rq, words);
	rq.secret = &password;
	cmd_text_sink(&sink, c->out);
	rc = c->agent->call(c->agent->self, &rq, &sink, NULL, e);
	cmd_request_release(&rq);
	secret_release(&password);
	return rc;
}

const struct command cmd_utils_itl_reset_localkey = {
	.words = "utils itl reset localkey",
	.help = "This will sign the ITL file with the ITL recovery key.",
	.more =
	    "It is copied to all nodes whose Cisco Tftp is activated, and "
	    "Cisco Tftp is\n"
	    "restarted there. Reset the phones afterwards: those that have "
	    "lost trust\n"
	    "accept this file. At the next restart of Cisco Tftp CallManager "
	    "signs again.",
	.example = "utils itl reset localkey\n"
		   "Enter CCM Administrator password :",
	.farewell = "The reset goes on in the background. \"show itl\" on the "
		    "nodes shows how it ended.",
	.level = CMD_LEVEL_INSTALLER,
	.flags = CMD_PUBLISHER,
	.run = run,
};
