/*
 * `ucm-node peer NODE`: what another node of the cluster may run here, the
 * forced command of the account ucmnode.
 */
#ifndef NODE_PEER_H
#define NODE_PEER_H

/*
 * Take the words of the request from SSH_ORIGINAL_COMMAND, for a verb with a
 * payload its bytes from standard input (no other verb reads it), hand the
 * request to this node's agent and relay the answer's frames to standard
 * output.  With AGENT_COMMAND_FRAMES there, requests are frames on standard
 * input, and this is done for each of them.  Returns the exit status: 0 when
 * the agent's result was relayed, whatever it says; 1 when there was none, the
 * last frame is then a result of our own that says why.  Of several requests
 * each has its result, and 1 says that the last frame was none.  node is whose
 * key came in: when its key or this node's own has changed, a session with
 * several requests ends before the next one (node/peer_proof.h).
 */
int peer_main(const char *node);

#endif
