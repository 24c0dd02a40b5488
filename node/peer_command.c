/*
 * ucm-node peer: what other nodes of the cluster may run here.
 */
#include "node/command.h"
#include "node/peer.h"

static int
run(struct node_call *c, struct err *e)
{
	(void)e;
	c->status = peer_main();
	return 0;
}

const struct node_command node_peer = {
	.name = "peer",
	.usage = "",
	.help = "what other nodes of the cluster may run here",
	.hidden = true,
	.run = run,
};
