#include "cluster/link.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/paths.h"
#include "cluster/agent_words.h"
#include "cluster/link_priv.h"
#include "cluster/roster.h"
#include "sftp/remote_exec.h"
#include "sftp/session.h"

#define PEER_USER "ucmnode"

struct node_link {
	struct link link;
	struct session *session;
	struct remote *peer; /* what runs there; NULL before the first call */
	char name[NODE_NAME_SIZE];
};

/* Frames as they come in pieces from the command's standard output. */
struct stream {
	struct wbuf got; /* not yet decoded */
	struct link_answer *answer;
	struct err err; /* why reading was stopped */
};

/* Decode and take the first frame of got.  1, 0 when it is incomplete, -1. */
static int
take_frame(struct stream *s, size_t *used)
{
	const uint8_t *p = s->got.data + *used;
	size_t n = s->got.len - *used;
	struct agent_msg m;
	size_t size;
	int rc;

	if (agent_msg_frame_size(p, n, &size, &s->err) == -1)
		return -1;
	if (size == 0 || size > n)
		return 0;
	if (s->answer->result.type == AGENT_RESULT)
		return err_set(&s->err, ERR_FORMAT,
		    "agent message: a frame behind the result");
	if (agent_msg_decode(p, size, &m, &s->err) == -1)
		return -1;
	rc = link_answer_take(s->answer, &m, &s->err);
	agent_msg_release(&m);
	if (rc == -1)
		return -1;
	*used += size;
	return 1;
}

static int
take_output(void *self, const void *p, size_t n)
{
	struct stream *s = self;
	size_t used = 0;
	int rc;

	wbuf_bytes(&s->got, p, n);
	do
		rc = take_frame(s, &used);
	while (rc == 1);
	memmove(s->got.data, s->got.data + used, s->got.len - used);
	s->got.len -= used;
	if (rc == 0 && s->answer->result.type == AGENT_RESULT)
		return REMOTE_COMPLETE;
	return rc;
}

/* The command has ended, or the session has: what became of the request? */
static int
judge(const struct stream *s, const struct remote_result *r, int rc,
    struct err *e)
{
	if (s->answer->result.type == AGENT_RESULT && s->err.code == ERR_NONE)
		return 0;
	if (s->err.code != ERR_NONE) {
		*e = s->err;
		return -1;
	}
	if (rc == -1)
		return -1;
	return err_set(e, ERR_UNREACHABLE,
	    "ended with status %d and no result%s%s", r->status,
	    r->errors[0] != '\0' ? ": " : "", r->errors);
}

/* What the words and the payload of one command could say as well. */
static int
check_request(const struct link_request *rq, struct err *e)
{
	char *command = agent_words_join(&rq->words, e);
	size_t size;

	if (command == NULL)
		return -1;
	free(command);
	if (agent_words_payload(&rq->words, &size, e) == -1)
		return -1;
	if (size != (rq->payload != NULL ? rq->payload_len : 0))
		return err_set(e, ERR_USAGE,
		    "a payload of %zu bytes, the request says %zu",
		    rq->payload_len, size);
	if (rq->secret != NULL)
		return err_set(e, ERR_USAGE,
		    "a secret is not sent to another node");
	return 0;
}

/* Send the frame and take the answer. */
static int
ask_peer(struct node_link *l, const struct wbuf *frame, struct link_answer *a,
    int64_t deadline_ticks, struct err *e)
{
	struct stream s = { .answer = a, .err = ERR_INIT };
	struct remote_command c = {
		.input = frame->data,
		.input_len = frame->len,
		.output = take_output,
		.self = &s,
	};
	struct remote_result r;
	int rc;

	if (l->peer == NULL)
		l->peer = remote_start(l->session, AGENT_COMMAND_FRAMES,
		    deadline_ticks, e);
	if (l->peer == NULL)
		return -1;
	wbuf_init(&s.got, 0); /* take_frame() lets it grow to one frame */
	rc = remote_ask(l->peer, &c, deadline_ticks, &r, e);
	rc = judge(&s, &r, rc, e);
	wbuf_release(&s.got);
	return rc;
}

static int
node_call(struct link *base, const struct link_request *rq,
    struct link_answer *a, int64_t deadline_ticks, struct err *e)
{
	struct node_link *l = (struct node_link *)base;
	struct agent_msg m;
	struct wbuf frame;
	int rc;

	wbuf_init(&frame, 0);
	agent_msg_init(&m);
	rc = check_request(rq, e);
	if (rc == 0) {
		link_request_msg(&m, rq);
		rc = agent_msg_encode(&frame, &m, e);
	}
	if (rc == 0)
		rc = ask_peer(l, &frame, a, deadline_ticks, e);
	agent_msg_release(&m);
	wbuf_release(&frame);
	return rc == -1 ? err_wrap(e, "node %s", l->name) : 0;
}

static void
node_close(struct link *base)
{
	struct node_link *l = (struct node_link *)base;

	remote_end(l->peer);
	session_close(l->session);
	free(l);
}

/* A link that has not been asked anything yet is as good as none. */
static bool
node_quiet(struct link *base)
{
	const struct node_link *l = (struct node_link *)base;

	return l->peer != NULL && remote_is_quiet(l->peer);
}

static const struct link_ops node_ops = {
	.call = node_call,
	.quiet = node_quiet,
	.close = node_close,
};

struct link *
link_open_node(const struct roster_node *n, int64_t deadline_ticks,
    struct err *e)
{
	char key[PATH_SIZE];
	struct session_target t = {
		.name = n->name,
		.host = n->address,
		.port = n->ssh_port,
		.user = PEER_USER,
		.key_file = paths_in(key, "certs/peer.pem"),
	};
	char known_hosts[PATH_SIZE];
	struct node_link *l;
	struct session *s;

	if (n->local)
		return link_open_local(e);
	paths_in(known_hosts, "ssh/known_hosts");
	if (n->host_key[0] != '\0')
		t.host_key = n->host_key;
	else
		t.known_hosts = known_hosts;
	s = session_open(&t, deadline_ticks, e);
	if (s == NULL)
		return NULL;
	l = mem_alloc(sizeof(*l));
	l->link.ops = &node_ops;
	l->session = s;
	str_copy(l->name, sizeof(l->name), n->name);
	return &l->link;
}
