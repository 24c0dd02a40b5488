#include "tests/fakes/http_remote.h"

#include <sys/socket.h>

#include <stdio.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "base/err.h"
#include "base/str.h"

#define MISSING "HTTP/1.1 503 Service Unavailable\r\nContent-length: 0\r\n\r\n"

static void
forget(struct http_remote *r, struct bufferevent *bev)
{
	size_t i;

	for (i = 0; i < sizeof(r->open) / sizeof(r->open[0]); i++) {
		if (r->open[i] == bev)
			r->open[i] = NULL;
	}
	bufferevent_free(bev);
}

static const char *
answer_to(const struct http_remote *r, const char *head)
{
	const char *bytes = MISSING;
	char line[HTTP_REMOTE_HEAD_SIZE];
	size_t i;

	for (i = 0; i < r->n; i++) {
		(void)snprintf(line, sizeof(line), "GET %s HTTP/1.1\r\n",
		    r->answer[i].path);
		if (str_equal(r->answer[i].path, HTTP_REMOTE_ANY) ||
		    str_starts(head, line))
			bytes = r->answer[i].bytes;
	}
	return bytes;
}

static void
on_drained(struct bufferevent *bev, void *arg)
{
	forget(arg, bev);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *input = bufferevent_get_input(bev);
	struct http_remote *r = arg;
	const char *bytes;
	ev_ssize_t n;

	n = evbuffer_copyout(input, r->head, sizeof(r->head) - 1);
	if (n < 4)
		return;
	r->head[n] = '\0';
	if (!str_ends(r->head, "\r\n\r\n"))
		return;
	(void)evbuffer_drain(input, (size_t)n);
	r->requests++;
	bytes = answer_to(r, r->head);
	if (str_equal(bytes, HTTP_REMOTE_SILENCE))
		return;
	if (str_equal(bytes, HTTP_REMOTE_CLOSE)) {
		forget(r, bev);
		return;
	}
	(void)bufferevent_write(bev, bytes, strlen(bytes));
	if (strstr(bytes, "Connection: close") != NULL)
		bufferevent_setcb(bev, NULL, on_drained, NULL, r);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	(void)what;
	forget(arg, bev);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *address, int len, void *arg)
{
	struct http_remote *r = arg;
	struct bufferevent *bev;
	size_t i;

	(void)listener;
	(void)address;
	(void)len;
	r->connections++;
	bev = bufferevent_socket_new(r->base, fd, BEV_OPT_CLOSE_ON_FREE);
	for (i = 0; r->open[i] != NULL; i++)
		;
	r->open[i] = bev;
	bufferevent_setcb(bev, on_read, NULL, on_event, r);
	(void)bufferevent_enable(bev, EV_READ | EV_WRITE);
}

void
http_remote_start(struct http_remote *r, struct event_base *base)
{
	socklen_t len = sizeof(r->address);

	memset(r, 0, sizeof(*r));
	r->base = base;
	r->address.sin_family = AF_INET;
	r->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	r->listener = evconnlistener_new_bind(base, on_accept, r,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, -1,
	    (const struct sockaddr *)&r->address, sizeof(r->address));
	if (r->listener == NULL ||
	    getsockname(evconnlistener_get_fd(r->listener),
		(struct sockaddr *)&r->address, &len) == -1)
		BUG("the test cannot listen");
}

void
http_remote_answer(struct http_remote *r, const char *path, const char *bytes)
{
	if (r->n == HTTP_REMOTE_ANSWERS)
		BUG("too many answers");
	r->answer[r->n].path = path;
	r->answer[r->n++].bytes = bytes;
}

void
http_remote_hang_up(struct http_remote *r)
{
	size_t i;

	for (i = 0; i < sizeof(r->open) / sizeof(r->open[0]); i++) {
		if (r->open[i] != NULL)
			forget(r, r->open[i]);
	}
}

void
http_remote_stop(struct http_remote *r)
{
	http_remote_hang_up(r);
	if (r->listener != NULL)
		evconnlistener_free(r->listener);
	r->listener = NULL;
}
