/*
 * utils itl reset localkey: the agent does it and tells its dialogue.
 */
#include "commands/itl_reset.h"
#include "commands/table.h"

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const char *const words[] = { "itl", "reset", "localkey", NULL };

	(void)a;
	return itl_reset_ask(c, words, NULL, 0, e);
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
	.farewell = ITL_RESET_FAREWELL,
	.level = CMD_LEVEL_INSTALLER,
	.flags = CMD_PUBLISHER,
	.run = run,
};
