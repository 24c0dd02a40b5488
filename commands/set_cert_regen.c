/*
 * set cert regen: asked here, done by the agent.  The hold timer is checked
 * before the question and again when the agent does it.
 */
#include <string.h>

#include "base/str.h"
#include "commands/args.h"
#include "commands/ctx.h"
#include "commands/table.h"

#define QUESTION "Proceed with regeneration (yes|no)? "

/* The dialogue of ITLRecovery differs from that of all other units. */
static bool
is_recovery(const char *unit)
{
	return str_equal(unit, "ITLRecovery");
}

static void
warn(struct out *out, const char *unit)
{
	if (!is_recovery(unit)) {
		out_printf(out,
		    "\nWARNING: This operation will overwrite any CA signed "
		    "certificate previously imported for %s\n",
		    unit);
		return;
	}
	out_puts(out,
	    "\nWARNING: If you are using a tokenless CTL and if the "
	    "CallManager certificate is recently \n"
	    "generated, please ensure that the CTL File already has the new "
	    "CallManager certificate and is\n"
	    "updated to the endpoints, before generating the ITL Recovery "
	    "certificate. Are you sure want \n"
	    "to proceed?\n\n");
}

static void
report(struct out *out, const char *unit)
{
	if (!is_recovery(unit)) {
		out_printf(out,
		    "\n\nSuccessfully Regenerated Certificate for %s.\n"
		    "Please do a backup of the server as soon as possible. "
		    "Failure to do so can stale the cluster in case of a "
		    "crash.\n"
		    "You must restart services related to %s for the "
		    "regenerated certificates to become active.\n",
		    unit, unit);
		return;
	}
	out_printf(out,
	    "\nSuccessfully Regenerated Certificate for %s.\n\n"
	    "You must restart the services related to %s for the regenerated "
	    "certificates to \n"
	    "become active.\n",
	    unit, unit);
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	const char *unit = a->value[0];
	const char *const hold[] = { "cert", "hold", unit, NULL };
	const char *const regen[] = { "cert", "regen", unit, NULL };
	struct link_sink sink;
	struct out *notes;
	bool yes;
	int rc;

	if (cmd_call(c, hold, NULL, e) == -1) {
		if (e->code == ERR_HELD)
			out_puts(c->out, "\n");
		return -1;
	}
	warn(c->out, unit);
	if (cmd_confirm(c, QUESTION, &yes, e) == -1)
		return -1;
	if (!yes) {
		out_printf(c->out,
		    "Regeneration cancelled. The certificate for %s was not "
		    "changed.\n",
		    unit);
		return 0;
	}
	/* Remarks, such as nodes that lag, stand behind the report. */
	notes = out_new_mem(OUT_TEXT);
	cmd_text_sink(&sink, notes);
	rc = cmd_call(c, regen, &sink, e);
	if (rc == 0)
		report(c->out, unit);
	else if (e->code == ERR_HELD)
		out_puts(c->out, "\n");
	out_puts(c->out, out_text(notes));
	out_free(notes);
	return rc;
}

static const struct cmd_param params[] = {
	{ .name = "unit", .type = &arg_unit, .help = "certificate unit" },
	{ .name = NULL },
};

const struct command cmd_set_cert_regen = {
	.words = "set cert regen",
	.help = "This will regenerate the certificate of a unit on this node.",
	.more = "Within five minutes of another regeneration on the node it is "
		"refused.\n"
		"Restart Cisco Tftp afterwards: on this node for CallManager, "
		"on all nodes\n"
		"for TVS, CAPF and ITLRecovery; for TVS also Cisco Trust "
		"Verification Service\n"
		"on this node. Then reset the phones. Never regenerate "
		"CallManager and TVS\n"
		"together: phones check the one with the other.",
	.example = "set cert regen CallManager",
	.farewell = "The regeneration goes on in the background. \"show cert "
		    "own\" shows how it ended.",
	.params = params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run,
};
