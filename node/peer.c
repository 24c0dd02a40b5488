#include "node/peer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cluster/agent_io.h"
#include "cluster/agent_words.h"
#include "node/peer_proof.h"

#define PAYLOAD_MS 60000 /* for the payload to arrive */
#define SEND_MS 10000 /* to reach the agent and hand the request over */
#define RELAY_MS 60000 /* for the other node to take one frame */

/* Read the request of the other node; the caller releases *m. */
static int
read_request(const char *command, struct agent_msg *m, struct err *e)
{
	size_t size;

	m->type = AGENT_REQUEST;
	if (agent_words_split(command, &m->words, e) == -1 ||
	    agent_words_payload(&m->words, &size, e) == -1)
		return -1;
	if (size == 0)
		return 0;
	m->bytes = mem_alloc(size + 1);
	m->len = size;
	m->has_bytes = true;
	return agent_io_read_bytes(STDIN_FILENO, m->bytes, size,
	    clock_ticks() + PAYLOAD_MS, e);
}

/* One frame from the agent to standard output; its type, AGENT_END last. */
static int
relay_frame(int fd, enum agent_msg_type *type, struct err *e)
{
	uint8_t *frame;
	size_t len;
	int rc;

	*type = AGENT_END;
	if (agent_io_read_raw(fd, &frame, &len, 0, e) == -1)
		return -1;
	if (frame == NULL)
		return err_set(e, ERR_UNREACHABLE,
		    "the node's agent has ended before the job's end");
	*type = (enum agent_msg_type)frame[AGENT_FRAME_HEAD - 1];
	rc = agent_io_write_bytes(STDOUT_FILENO, frame, len,
	    clock_ticks() + RELAY_MS, e);
	mem_free_wiped(frame, len);
	return rc;
}

/* The request to the agent and the answer back, up to the result. */
static int
relay(const struct agent_msg *m, struct err *e)
{
	enum agent_msg_type type;
	int64_t deadline = clock_ticks() + SEND_MS;
	int fd = agent_io_connect(deadline, e);
	int rc;

	if (fd == -1)
		return -1;
	rc = agent_io_write(fd, m, deadline, e);
	while (rc == 0) {
		rc = relay_frame(fd, &type, e);
		if (type == AGENT_RESULT)
			break;
	}
	close(fd);
	return rc;
}

/* The one request of the command. */
static int
relay_command(const char *command, struct err *e)
{
	struct agent_msg m;
	int rc;

	agent_msg_init(&m);
	rc = read_request(command, &m, e);
	if (rc == 0)
		rc = relay(&m, e);
	agent_msg_release(&m);
	return rc;
}

/*
 * Requests from standard input, to its end.  Each has a connection of its
 * own: the agent may be restarted between two of them.  A request that comes
 * when the keys have changed is not answered: the other node asks again over
 * a new session, or learns there why it may not.
 */
static int
relay_frames(const struct peer_proof *proof, struct err *e)
{
	int rc = 0;

	while (rc == 0) {
		struct err why = ERR_INIT;
		struct agent_msg m;

		if (agent_io_read_request(STDIN_FILENO, &m, 0, e) == -1)
			return -1;
		if (m.type == AGENT_END)
			break;
		if (!peer_proof_holds(proof)) {
			agent_msg_release(&m);
			(void)fprintf(stderr, "keys have changed\n");
			break;
		}
		if (relay(&m, &why) == -1)
			rc = agent_io_result(STDOUT_FILENO, &why,
			    clock_ticks() + RELAY_MS, e);
		agent_msg_release(&m);
	}
	return rc;
}

static int
serve(const struct peer_proof *proof, struct err *e)
{
	/* sshd puts the other side's command there; this is its one use. */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const char *command = getenv("SSH_ORIGINAL_COMMAND");

	if (command == NULL)
		return err_set(e, ERR_USAGE,
		    "this account takes requests of the cluster's nodes only");
	if (str_equal(command, AGENT_COMMAND_FRAMES))
		return relay_frames(proof, e);
	return relay_command(command, e);
}

int
peer_main(const char *node)
{
	struct err e = ERR_INIT;
	struct peer_proof proof;
	int rc;

	/* When the other node goes away, writing fails; nothing is lost. */
	signal(SIGPIPE, SIG_IGN);
	peer_proof_init(&proof, node);
	rc = serve(&proof, &e);
	peer_proof_release(&proof);
	if (rc == 0)
		return 0;
	(void)agent_io_result(STDOUT_FILENO, &e, clock_ticks() + RELAY_MS,
	    NULL);
	return 1;
}
