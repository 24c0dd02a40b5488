#include "services/remote_peer.h"

#include <sys/queue.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#define HEADERS_MAX 16384 /* bytes of an answer's */
#define HOST_SIZE (INET_ADDRSTRLEN + sizeof(":65535"))

enum call_state {
	CALL_QUEUED, /* for a connection */
	CALL_SENT,
	CALL_OVER /* until the peer's event tells so */
};

struct peer_call {
	TAILQ_ENTRY(peer_call) in_state;
	struct remote_peer *peer;
	enum call_state state;
	char path[TFTP_NAME_SIZE + 1];
	struct evhttp_connection *link; /* owned; NULL while queued */
	bool link_used; /* the connection had a question before */
	bool link_good; /* and can have another one */
	bool begun; /* the answer has */
	int64_t sent; /* clock_ticks() */
	enum peer_answer answer;
	struct tftp_file *file; /* held, or NULL */
	peer_fn *fn;
	void *self;
};

/* A connection that nobody needs now. */
struct idle_link {
	TAILQ_ENTRY(idle_link) in_order;
	struct evhttp_connection *link; /* owned */
	int64_t since; /* clock_ticks() */
};

TAILQ_HEAD(call_list, peer_call);
TAILQ_HEAD(link_list, idle_link);

struct remote_peer {
	struct event_base *base;
	char address[INET_ADDRSTRLEN];
	char host[HOST_SIZE]; /* with the port */
	uint16_t port;
	size_t file_max;
	struct call_list queued;
	struct call_list sent;
	struct call_list over;
	size_t open; /* calls that are not queued */
	struct link_list idle; /* the oldest first */
	int64_t heard; /* clock_ticks() when an answer last began */
	int64_t out_until; /* clock_ticks(); 0: not left out */
	struct event *tend; /* outside of libevent's own callbacks */
};

static struct call_list *
list_of(struct remote_peer *p, enum call_state state)
{
	switch (state) {
	case CALL_QUEUED:
		return &p->queued;
	case CALL_SENT:
		return &p->sent;
	case CALL_OVER:
		break;
	}
	return &p->over;
}

static void
move_call(struct peer_call *c, enum call_state state)
{
	TAILQ_REMOVE(list_of(c->peer, c->state), c, in_state);
	c->state = state;
	TAILQ_INSERT_TAIL(list_of(c->peer, state), c, in_state);
}

static void
end_call(struct peer_call *c, enum peer_answer answer)
{
	c->answer = answer;
	move_call(c, CALL_OVER);
	event_active(c->peer->tend, 0, 0);
}

/* The body of an answer, when all of what was announced has come. */
static struct tftp_file *
take_body(struct evhttp_request *reply)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(reply);
	struct evbuffer *body = evhttp_request_get_input_buffer(reply);
	const char *announced = evhttp_find_header(headers, "Content-Length");
	size_t len = evbuffer_get_length(body);
	uint64_t wanted;
	uint8_t *data;

	if (announced == NULL) {
		/* libevent sees the last chunk; an end of file proves nothing
		 */
		if (evhttp_find_header(headers, "Transfer-Encoding") == NULL)
			return NULL;
	} else if (str_number(announced, 0, SIZE_MAX, &wanted) == -1 ||
	    wanted != len) {
		return NULL;
	}
	data = mem_alloc(len + 1);
	if (evbuffer_remove(body, data, len) != (int)len) {
		free(data);
		return NULL;
	}
	return tftp_file_new(data, len);
}

/*
 * Does it say that there is no such file?  The original does so with 503; a
 * server that is busy for the moment would name a time.
 */
static bool
says_missing(struct evhttp_request *reply)
{
	int code = evhttp_request_get_response_code(reply);

	if (code == HTTP_SERVUNAVAIL)
		return evhttp_find_header(evhttp_request_get_input_headers(
					      reply),
			   "Retry-After") == NULL;
	return code >= 400 && code <= 499 && code != 408 && code != 429;
}

/* The answer, or NULL or one without a code when there is none. */
static void
on_reply(struct evhttp_request *reply, void *arg)
{
	struct peer_call *c = arg;
	enum peer_answer answer = PEER_FAILED;

	c->link_good =
	    reply != NULL && evhttp_request_get_response_code(reply) != 0;
	if (c->link_good &&
	    evhttp_request_get_response_code(reply) == HTTP_OK) {
		c->file = take_body(reply);
		if (c->file != NULL)
			answer = PEER_FOUND;
	} else if (c->link_good && says_missing(reply)) {
		answer = PEER_MISSING;
	}
	end_call(c, answer);
}

static int
on_header(struct evhttp_request *reply, void *arg)
{
	struct peer_call *c = arg;

	(void)reply;
	c->begun = true;
	c->peer->heard = clock_ticks();
	return 0;
}

/* One of the connections that are open and fresh, or NULL. */
static struct evhttp_connection *
take_idle(struct remote_peer *p)
{
	int64_t now = clock_ticks();
	struct evhttp_connection *link = NULL;
	struct idle_link *idle;

	while ((idle = TAILQ_FIRST(&p->idle)) != NULL && link == NULL) {
		TAILQ_REMOVE(&p->idle, idle, in_order);
		if (now - idle->since < REMOTE_PEER_IDLE_MS)
			link = idle->link;
		else
			evhttp_connection_free(idle->link);
		free(idle);
	}
	return link;
}

static struct evhttp_connection *
new_link(struct remote_peer *p)
{
	struct evhttp_connection *link =
	    evhttp_connection_base_new(p->base, NULL, p->address, p->port);

	if (link == NULL)
		return NULL;
	evhttp_connection_set_max_headers_size(link, HEADERS_MAX);
	evhttp_connection_set_max_body_size(link, (ev_ssize_t)p->file_max);
	return link;
}

/* Ask over c->link. */
static int
send_question(struct peer_call *c)
{
	struct evhttp_request *request = evhttp_request_new(on_reply, c);
	struct evkeyvalq *headers;

	if (request == NULL)
		return -1;
	evhttp_request_set_header_cb(request, on_header);
	headers = evhttp_request_get_output_headers(request);
	if (evhttp_add_header(headers, "Host", c->peer->host) == -1 ||
	    evhttp_add_header(headers, REMOTE_HEADER, "1") == -1) {
		evhttp_request_free(request);
		return -1;
	}
	return evhttp_make_request(c->link, request, EVHTTP_REQ_GET, c->path);
}

/* With a fresh connection, or one that has been used before. */
static void
start_call(struct peer_call *c, bool fresh)
{
	struct remote_peer *p = c->peer;

	move_call(c, CALL_SENT);
	p->open++;
	c->begun = false;
	c->sent = clock_ticks();
	c->link = fresh ? NULL : take_idle(p);
	c->link_used = c->link != NULL;
	if (c->link == NULL)
		c->link = new_link(p);
	if ((c->link == NULL || send_question(c) == -1) &&
	    c->state == CALL_SENT)
		end_call(c, PEER_FAILED);
}

/* Its connection is for others now. */
static void
leave_link(struct peer_call *c, bool good)
{
	struct remote_peer *p = c->peer;

	if (c->link == NULL)
		return;
	if (good) {
		struct idle_link *idle = mem_alloc(sizeof(*idle));

		idle->link = c->link;
		idle->since = clock_ticks();
		TAILQ_INSERT_TAIL(&p->idle, idle, in_order);
	} else {
		evhttp_connection_free(c->link);
	}
	c->link = NULL;
}

static void
free_call(struct peer_call *c)
{
	TAILQ_REMOVE(list_of(c->peer, c->state), c, in_state);
	tftp_file_release(c->file);
	free(c);
}

/* One that is over: try again, or tell. */
static void
tend_call(struct peer_call *c)
{
	bool stale = c->answer == PEER_FAILED && c->link_used && !c->begun;
	struct tftp_file *file = c->file;
	enum peer_answer answer = c->answer;
	peer_fn *fn = c->fn;
	void *self = c->self;

	leave_link(c, c->link_good);
	c->peer->open--;
	if (stale) {
		/* closed by the other side just when it was used again */
		start_call(c, true);
		return;
	}
	c->file = NULL;
	free_call(c);
	fn(self, answer, file);
}

static void
start_queued(struct remote_peer *p)
{
	struct peer_call *c;

	while (p->open < REMOTE_PEER_CONNECTIONS &&
	    (c = TAILQ_FIRST(&p->queued)) != NULL)
		start_call(c, false);
}

static void
on_tend(evutil_socket_t fd, short what, void *arg)
{
	struct remote_peer *p = arg;
	struct peer_call *c, *next;

	(void)fd;
	(void)what;
	/* Nobody who is told about one has two of the same peer. */
	for (c = TAILQ_FIRST(&p->over); c != NULL; c = next) {
		next = TAILQ_NEXT(c, in_state);
		tend_call(c);
	}
	start_queued(p);
}

struct remote_peer *
remote_peer_new(struct event_base *base, const struct sockaddr_in *address,
    size_t file_max)
{
	struct remote_peer *p = mem_alloc(sizeof(*p));

	p->base = base;
	p->port = ntohs(address->sin_port);
	if (inet_ntop(AF_INET, &address->sin_addr, p->address,
		sizeof(p->address)) == NULL)
		BUG("an IPv4 address that cannot be written");
	(void)str_printf(p->host, sizeof(p->host), "%s:%u", p->address,
	    (unsigned)p->port);
	p->file_max = file_max;
	TAILQ_INIT(&p->queued);
	TAILQ_INIT(&p->sent);
	TAILQ_INIT(&p->over);
	TAILQ_INIT(&p->idle);
	p->tend = event_new(base, -1, 0, on_tend, p);
	if (p->tend == NULL)
		BUG("no event for a remote cluster");
	return p;
}

void
remote_peer_free(struct remote_peer *p)
{
	struct idle_link *idle;

	if (p == NULL)
		return;
	while ((idle = TAILQ_FIRST(&p->idle)) != NULL) {
		TAILQ_REMOVE(&p->idle, idle, in_order);
		evhttp_connection_free(idle->link);
		free(idle);
	}
	event_free(p->tend);
	free(p);
}

struct peer_call *
remote_peer_ask(struct remote_peer *p, const char *name, peer_fn *fn,
    void *self)
{
	struct peer_call *c = mem_alloc(sizeof(*c));

	c->peer = p;
	(void)str_printf(c->path, sizeof(c->path), "/%s", name);
	c->fn = fn;
	c->self = self;
	c->state = CALL_QUEUED;
	TAILQ_INSERT_TAIL(&p->queued, c, in_state);
	start_queued(p);
	return c;
}

void
peer_call_cancel(struct peer_call *c)
{
	struct remote_peer *p = c->peer;

	if (c->state != CALL_QUEUED)
		p->open--;
	leave_link(c, c->state == CALL_OVER && c->link_good);
	free_call(c);
	if (TAILQ_FIRST(&p->queued) != NULL)
		event_active(p->tend, 0, 0);
}

bool
peer_call_is_late(const struct peer_call *c, unsigned ms)
{
	return c->state == CALL_SENT && clock_ticks() - c->sent >= ms;
}

static void
leave_out(struct remote_peer *p, unsigned ms)
{
	struct peer_call *c, *next;

	if (!remote_peer_is_out(p))
		log_warning("remote cluster %s does not answer: it is not "
			    "asked for %u s",
		    p->host, ms / 1000);
	p->out_until = clock_ticks() + ms;
	for (c = TAILQ_FIRST(&p->queued); c != NULL; c = next) {
		next = TAILQ_NEXT(c, in_state);
		p->open++;
		end_call(c, PEER_FAILED);
	}
}

void
peer_call_expire(struct peer_call *c, unsigned left_out_ms)
{
	struct remote_peer *p = c->peer;

	if (!c->begun && p->heard < c->sent &&
	    peer_call_is_late(c, REMOTE_PEER_SILENT_MS))
		leave_out(p, left_out_ms);
	peer_call_cancel(c);
}

bool
remote_peer_is_out(const struct remote_peer *p)
{
	return clock_ticks() < p->out_until;
}
