/*
 * ucm-node status.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/out.h"
#include "base/str.h"
#include "node/command.h"
#include "node/options.h"
#include "node/supervise.h"
#include "node/tree.h"

static const char *
role_name(enum node_role role)
{
	return role == NODE_PUBLISHER ? "publisher" : "subscriber";
}

/* One service in both forms. */
static void
print_service(struct out *o, const struct supervise_service *v)
{
	char since[64] = "";

	if (v->status.since > 0)
		clock_format(since, sizeof(since), v->status.since);
	out_printf(o, "  %-32s  %s", v->name, supervise_health_name(v->health));
	if (v->status.pid != 0)
		out_printf(o, ", pid %ld since %s", (long)v->status.pid, since);
	if (v->reason[0] != '\0')
		out_printf(o, "  (%s)", v->reason);
	out_puts(o, "\n");
	out_object(o, NULL);
	out_string(o, "name", v->name);
	out_string(o, "service", v->dir);
	out_string(o, "state", supervise_health_name(v->health));
	if (v->status.pid != 0)
		out_int(o, "pid", v->status.pid);
	else
		out_null(o, "pid");
	if (v->status.since > 0)
		out_int(o, "since", v->status.since);
	else
		out_null(o, "since");
	if (v->reason[0] != '\0')
		out_string(o, "reason", v->reason);
	out_end(o);
}

static void
print(struct out *o, const struct nodeconf *conf, const struct supervise *s)
{
	bool up = supervise_settled(s);
	const char *state = up ? "running" :
	    s->running         ? "starting" :
				 "stopped";

	out_printf(o, "Node %s.%s (%s), %s: %s\n", conf->name, conf->domain,
	    conf->address, role_name(conf->role), state);
	out_object(o, NULL);
	out_string(o, "name", conf->name);
	out_string(o, "domain", conf->domain);
	out_string(o, "address", conf->address);
	out_string(o, "role", role_name(conf->role));
	out_string(o, "state", state);
	out_array(o, "services");
	for (size_t i = 0; i < SUPERVISE_SERVICES; i++)
		print_service(o, &s->service[i]);
	out_end(o);
	out_end(o);
}

static int
run(struct node_call *c, struct err *e)
{
	struct supervise *s = mem_alloc(sizeof(*s));
	struct nodeconf conf;
	bool json = false;
	const struct option_def defs[] = {
		{ "json", OPTION_FLAG, &json, 0 },
	};
	struct out *o = NULL;
	int nargs;
	int rc = -1;

	if (options_parse(c->argc, c->argv, defs, 1, &nargs, e) == -1)
		goto out;
	if (nargs > 0) {
		(void)err_set(e, ERR_USAGE, "unexpected argument %s",
		    c->argv[1]);
		goto out;
	}
	if (!tree_finished()) {
		(void)err_set(e, ERR_STATE,
		    tree_exists() ? "making the node was interrupted" :
				    "this host is no node");
		goto out;
	}
	if (nodeconf_load(&conf, NULL, e) == -1 ||
	    supervise_look(s, &conf, e) == -1)
		goto out;
	o = out_new_fd(STDOUT_FILENO, json ? OUT_JSON : OUT_TEXT);
	print(o, &conf, s);
	rc = out_finish(o) == 0 ? 0 : err_errno(e, "standard output");
	out_free(o);
	for (size_t i = 0; i < SUPERVISE_SERVICES; i++)
		if (s->service[i].health == SUPERVISE_BAD)
			c->status = NODE_FAILED;
	if (!supervise_settled(s))
		c->status = NODE_NOT_RUNNING;
out:
	free(s);
	return rc;
}

const struct node_command node_status = {
	.name = "status",
	.usage = "[--json]",
	.help = "say what runs here (status 0 all, 1 with a fault, 3 not all)",
	.root = true,
	.run = run,
};
