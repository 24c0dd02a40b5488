#include "services/http_server.h"

#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "services/http_message.h"

#define BACKLOG 4096
#define SOURCE_BUCKETS 1024
#define PAUSE_MS 100 /* after accept() has failed */
#define WARN_EVERY_MS 10000
#define ANSWER_HEAD_MAX 512
#define DATE_SIZE 40

enum client_state {
	CLIENT_IDLE, /* before the first byte of a request */
	CLIENT_READS, /* the rest of it */
	CLIENT_WAITS, /* for the finder */
	CLIENT_SENDS
};

/* How many connections an address has. */
struct source {
	LIST_ENTRY(source) in_bucket;
	struct in_addr address;
	size_t connections;
};

struct client {
	TAILQ_ENTRY(client) in_list; /* of the idle, or of the busy */
	struct http_server *server;
	struct source *source;
	enum client_state state;
	struct bufferevent *bev;
	struct event *deadline;
	struct finder_wait *wait; /* or NULL */
	struct http_request request; /* while it is answered */
};

LIST_HEAD(source_list, source);
TAILQ_HEAD(client_list, client);

struct http_server {
	struct event_base *base;
	struct http_server_config config;
	struct file_finder *finder;
	struct evconnlistener *listener;
	struct event *resume; /* of the listener */
	uint16_t port;
	struct client_list idle; /* the longest silent first */
	struct client_list busy;
	size_t open;
	struct source_list bucket[SOURCE_BUCKETS];
	struct http_counters counters;
	int64_t warned; /* clock_ticks() of the last warning; 0: none */
	int64_t date_of; /* second that date stands for */
	char date[DATE_SIZE];
};

static void
complain(struct http_server *s, const char *what)
{
	int64_t now = clock_ticks();

	if (s->warned != 0 && now - s->warned < WARN_EVERY_MS)
		return;
	s->warned = now;
	log_warning("HTTP: %s, %zu connections are open", what, s->open);
}

static void
set_timer(struct event *timer, unsigned ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000,
		.tv_usec = (suseconds_t)(ms % 1000) * 1000 };

	(void)event_add(timer, &tv);
}

static struct source_list *
bucket_of(struct http_server *s, struct in_addr address)
{
	uint32_t h = ntohl(address.s_addr) * 2654435761U;

	return &s->bucket[(h >> 16) % SOURCE_BUCKETS];
}

/* The source of a new connection, which is counted, or NULL: too many. */
static struct source *
take_source(struct http_server *s, struct in_addr address)
{
	struct source *source = LIST_FIRST(bucket_of(s, address));

	while (source != NULL && source->address.s_addr != address.s_addr)
		source = LIST_NEXT(source, in_bucket);
	if (source == NULL) {
		source = mem_alloc(sizeof(*source));
		source->address = address;
		LIST_INSERT_HEAD(bucket_of(s, address), source, in_bucket);
	} else if (source->connections >= s->config.max_per_source) {
		return NULL;
	}
	source->connections++;
	return source;
}

static void
leave_source(struct source *source)
{
	if (--source->connections > 0)
		return;
	LIST_REMOVE(source, in_bucket);
	free(source);
}

static struct client_list *
list_of(struct client *c)
{
	return c->state == CLIENT_IDLE ? &c->server->idle : &c->server->busy;
}

static void
set_state(struct client *c, enum client_state state)
{
	TAILQ_REMOVE(list_of(c), c, in_list);
	c->state = state;
	TAILQ_INSERT_TAIL(list_of(c), c, in_list);
}

static void
close_client(struct client *c)
{
	struct http_server *s = c->server;

	if (c->wait != NULL)
		finder_wait_cancel(c->wait);
	TAILQ_REMOVE(list_of(c), c, in_list);
	s->open--;
	leave_source(c->source);
	event_free(c->deadline);
	bufferevent_free(c->bev);
	free(c);
}

static const char *
date_now(struct http_server *s)
{
	int64_t now = clock_wall();

	if (now != s->date_of || s->date[0] == '\0') {
		clock_strftime_utc(s->date, sizeof(s->date),
		    "%a, %d %b %Y %H:%M:%S GMT", now);
		s->date_of = now;
	}
	return s->date;
}

/* Begin an answer whose body has len bytes; headers are further lines. */
static void
send_head(struct client *c, const char *status, const char *headers, size_t len)
{
	char head[ANSWER_HEAD_MAX];

	if (str_printf(head, sizeof(head),
		"HTTP/1.1 %s\r\n"
		"Content-length: %zu\r\n"
		"Cache-Control: no-store\r\n"
		"Date: %s\r\n"
		"Connection: %s\r\n"
		"%s\r\n",
		status, len, date_now(c->server),
		c->request.keep_alive ? "keep-alive" : "close", headers) == -1)
		BUG("the head of an HTTP answer is too long");
	set_state(c, CLIENT_SENDS);
	(void)bufferevent_write(c->bev, head, strlen(head));
}

static void
release_body(const void *data, size_t len, void *file)
{
	(void)data;
	(void)len;
	tftp_file_release(file);
}

/* The bytes are lent to the connection as long as it holds the file. */
static void
send_file(struct client *c, struct tftp_file *file)
{
	struct http_server *s = c->server;
	size_t len;
	const uint8_t *data = tftp_file_bytes(file, TFTP_OCTET, &len);

	s->counters.found++;
	send_head(c, "200 OK", "Content-type: */*\r\n", len);
	if (c->request.method == HTTP_HEAD || len == 0) {
		tftp_file_release(file);
		len = 0;
	} else if (evbuffer_add_reference(bufferevent_get_output(c->bev), data,
		       len, release_body, file) == -1) {
		BUG("no memory for an HTTP answer");
	}
	s->counters.bytes += len;
	set_timer(c->deadline, s->config.send_ms + (unsigned)len);
}

static void
send_nothing(struct client *c, const char *status, const char *headers)
{
	send_head(c, status, headers, 0);
	set_timer(c->deadline, c->server->config.send_ms);
}

static void
on_found(void *self, enum finder_answer answer, struct tftp_file *file,
    const struct err *why)
{
	struct client *c = self;
	struct http_server *s = c->server;

	c->wait = NULL;
	switch (answer) {
	case FINDER_FOUND:
		send_file(c, file);
		break;
	case FINDER_MISSING:
		s->counters.missing++;
		send_nothing(c, "503 Service Unavailable", "");
		break;
	case FINDER_BUSY:
		s->counters.busy++;
		complain(s, why->msg);
		send_nothing(c, "503 Service Unavailable",
		    "Retry-After: 1\r\n");
		break;
	}
}

static void
log_request(const struct client *c)
{
	const struct http_request *r = &c->request;
	char name[4 * TFTP_NAME_SIZE];

	log_debug("%s %s by HTTP: %s%s", inet_ntoa(c->source->address),
	    r->method == HTTP_HEAD ? "looks at" : "reads",
	    str_visible(name, sizeof(name), r->path, strlen(r->path)),
	    r->forwarded ? ", forwarded" : "");
}

/* A whole head of len bytes has come. */
static void
take_request(struct client *c, const char *head, size_t len)
{
	struct http_server *s = c->server;
	struct http_request *r = &c->request;
	struct err e = ERR_INIT;

	s->counters.requests++;
	set_state(c, CLIENT_WAITS);
	(void)event_del(c->deadline);
	(void)bufferevent_disable(c->bev, EV_READ);
	if (http_request_parse(r, head, len, &e) == -1) {
		log_debug("%s: %s", inet_ntoa(c->source->address), e.msg);
		s->counters.refused++;
		r->keep_alive = false;
		send_nothing(c, "400 Bad Request", "");
	} else if (r->method == HTTP_OTHER) {
		s->counters.refused++;
		send_nothing(c, "405 Method Not Allowed",
		    "Allow: GET, HEAD\r\n");
	} else {
		log_request(c);
		if (r->forwarded)
			s->counters.forwarded++;
		c->wait = file_finder_ask(s->finder, r->path, r->forwarded,
		    on_found, c);
	}
}

/* Look at what has come: nothing, a part of a request, or all of it. */
static void
look_at_input(struct client *c)
{
	struct evbuffer *input = bufferevent_get_input(c->bev);
	char head[HTTP_HEAD_MAX];
	size_t got, len;

	got = evbuffer_get_length(input);
	if (got == 0 || c->state > CLIENT_READS)
		return;
	if (got > sizeof(head))
		got = sizeof(head);
	if (evbuffer_copyout(input, head, got) != (ev_ssize_t)got)
		BUG("bytes that were there are gone");
	len = http_head_length(head, got);
	if (len == 0 && got == sizeof(head))
		len = got; /* too long: it cannot be parsed */
	if (len > 0) {
		(void)evbuffer_drain(input, len);
		take_request(c, head, len);
	} else if (c->state == CLIENT_IDLE) {
		set_state(c, CLIENT_READS);
		set_timer(c->deadline, c->server->config.request_ms);
	}
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	(void)bev;
	look_at_input(arg);
}

/* All has been sent. */
static void
on_drained(struct bufferevent *bev, void *arg)
{
	struct client *c = arg;

	if (c->state != CLIENT_SENDS)
		return;
	if (!c->request.keep_alive) {
		close_client(c);
		return;
	}
	set_state(c, CLIENT_IDLE);
	set_timer(c->deadline, c->server->config.idle_ms);
	(void)bufferevent_enable(bev, EV_READ);
	look_at_input(c);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct client *c = arg;

	(void)bev;
	if ((what & BEV_EVENT_TIMEOUT) != 0)
		c->server->counters.timed_out++;
	close_client(c);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	if (c->state != CLIENT_IDLE)
		c->server->counters.timed_out++;
	close_client(c);
}

/* A connection of the source, which has been counted; -1: no event. */
static int
open_client(struct http_server *s, evutil_socket_t fd, struct source *source)
{
	const struct timeval send = { .tv_sec = s->config.send_ms / 1000,
		.tv_usec = (suseconds_t)(s->config.send_ms % 1000) * 1000 };
	struct client *c = mem_alloc(sizeof(*c));
	const int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->server = s;
	c->source = source;
	c->bev = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
	c->deadline = evtimer_new(s->base, on_deadline, c);
	if (c->bev == NULL || c->deadline == NULL)
		BUG("no memory for a connection");
	c->state = CLIENT_IDLE;
	TAILQ_INSERT_TAIL(&s->idle, c, in_list);
	s->open++;
	bufferevent_setcb(c->bev, on_read, on_drained, on_event, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, HTTP_HEAD_MAX);
	(void)bufferevent_set_timeouts(c->bev, NULL, &send);
	set_timer(c->deadline, s->config.idle_ms);
	return bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

/* Room for one more, at the cost of one that says nothing if need be. */
static bool
make_room(struct http_server *s)
{
	struct client *silent = TAILQ_FIRST(&s->idle);

	if (s->open < s->config.max_connections)
		return true;
	if (silent == NULL)
		return false;
	s->counters.made_room++;
	close_client(silent);
	return true;
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *address, int len, void *arg)
{
	struct http_server *s = arg;
	struct sockaddr_in peer;
	struct source *source;

	(void)listener;
	memset(&peer, 0, sizeof(peer));
	memcpy(&peer, address,
	    (size_t)len < sizeof(peer) ? (size_t)len : sizeof(peer));
	s->counters.connections++;
	source = take_source(s, peer.sin_addr);
	if (source != NULL && !make_room(s)) {
		leave_source(source);
		source = NULL;
	}
	if (source == NULL) {
		s->counters.refused_connections++;
		complain(s, "a connection was refused");
		(void)evutil_closesocket(fd);
		return;
	}
	if (open_client(s, fd, source) == -1)
		BUG("no event for a connection");
}

/* Out of descriptors: not even a refusal is possible for a moment. */
static void
on_accept_error(struct evconnlistener *listener, void *arg)
{
	struct http_server *s = arg;

	complain(s, evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
	(void)evconnlistener_disable(listener);
	set_timer(s->resume, PAUSE_MS);
}

static void
on_resume(evutil_socket_t fd, short what, void *arg)
{
	const struct http_server *s = arg;

	(void)fd;
	(void)what;
	(void)evconnlistener_enable(s->listener);
}

/* A socket that listens, or -1. */
static int
open_socket(struct http_server *s, struct err *e)
{
	struct sockaddr_in local = { .sin_family = AF_INET,
		.sin_port = htons(s->config.port) };
	socklen_t len = sizeof(local);
	const int on = 1;
	int fd;

	if (inet_pton(AF_INET, s->config.address, &local.sin_addr) != 1)
		return err_set(e, ERR_USAGE, "\"%s\" is not an IPv4 address",
		    s->config.address);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return err_errno(e, "socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&local, sizeof(local)) == -1 ||
	    listen(fd, BACKLOG) == -1 ||
	    getsockname(fd, (struct sockaddr *)&local, &len) == -1) {
		(void)err_errno(e, "TCP %s port %u", s->config.address,
		    (unsigned)s->config.port);
		(void)close(fd);
		return -1;
	}
	s->port = ntohs(local.sin_port);
	return fd;
}

static int
open_listener(struct http_server *s, struct err *e)
{
	int fd = open_socket(s, e);

	if (fd == -1)
		return -1;
	s->resume = evtimer_new(s->base, on_resume, s);
	s->listener = evconnlistener_new(s->base, on_accept, s,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (s->listener == NULL || s->resume == NULL) {
		if (s->listener == NULL)
			(void)close(fd);
		return err_set(e, ERR_INTERNAL, "no event for the socket");
	}
	evconnlistener_set_error_cb(s->listener, on_accept_error);
	return 0;
}

static void
set_config(struct http_server *s, const struct http_server_config *config)
{
	s->config = *config;
	if (config->max_connections == 0)
		s->config.max_connections = HTTP_CONNECTIONS_MAX;
	if (config->max_per_source == 0)
		s->config.max_per_source = s->config.max_connections / 2;
	if (config->request_ms == 0)
		s->config.request_ms = HTTP_REQUEST_MS;
	if (config->idle_ms == 0)
		s->config.idle_ms = HTTP_IDLE_MS;
	if (config->send_ms == 0)
		s->config.send_ms = HTTP_SEND_MS;
}

struct http_server *
http_server_new(struct event_base *base,
    const struct http_server_config *config, struct file_finder *finder,
    struct err *e)
{
	struct http_server *s = mem_alloc(sizeof(*s));
	size_t i;

	s->base = base;
	s->finder = finder;
	set_config(s, config);
	TAILQ_INIT(&s->idle);
	TAILQ_INIT(&s->busy);
	for (i = 0; i < SOURCE_BUCKETS; i++)
		LIST_INIT(&s->bucket[i]);
	if (open_listener(s, e) == -1) {
		http_server_free(s);
		return NULL;
	}
	return s;
}

static void
close_clients(struct client_list *list)
{
	struct client *c, *next;

	for (c = TAILQ_FIRST(list); c != NULL; c = next) {
		next = TAILQ_NEXT(c, in_list);
		close_client(c);
	}
}

void
http_server_free(struct http_server *s)
{
	if (s == NULL)
		return;
	close_clients(&s->idle);
	close_clients(&s->busy);
	if (s->listener != NULL)
		evconnlistener_free(s->listener);
	if (s->resume != NULL)
		event_free(s->resume);
	free(s);
}

uint16_t
http_server_port(const struct http_server *s)
{
	return s->port;
}

void
http_server_counters(const struct http_server *s, struct http_counters *out)
{
	*out = s->counters;
	out->open = s->open;
}
