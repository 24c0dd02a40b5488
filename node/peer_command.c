/*
 * ucm-node peer NODE: what other nodes of the cluster may run here.
 */
#include "node/command.h"
#include "node/peer.h"

static int
run(struct node_call *c, struct err *e)
{
	if (c->argc != 2)
		return err_set(e, ERR_USAGE, "the name of the node is missing");
	c->status = peer_main(c->argv[1]);
	return 0;
}

const struct node_command node_peer = {
	.name = "peer",
	.usage = "NODE",
	.help = "what other nodes of the cluster may run here",
	.hidden = true,
	.run = run,
};
