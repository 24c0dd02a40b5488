/* recvmmsg() and sendmmsg(), which only Linux has. */
#define _GNU_SOURCE

#include "services/tftp_socket.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/mem.h"

/* One byte more than the longest request shows a longer one. */
#define PACKET_SIZE (TFTP_REQUEST_MAX + 1)

struct tftp_batch {
	struct mmsghdr msg[TFTP_BATCH];
	struct iovec iov[TFTP_BATCH];
	struct sockaddr_in from[TFTP_BATCH];
	uint8_t packet[TFTP_BATCH][PACKET_SIZE];
};

struct tftp_socket {
	struct tftp_socket_config config;
	int fd;
	uint16_t port;
	struct event *readable;
	struct event *writable; /* pending while the kernel has no room */
};

struct tftp_batch *
tftp_batch_new(void)
{
	struct tftp_batch *b = mem_alloc(sizeof(*b));
	size_t i;

	for (i = 0; i < TFTP_BATCH; i++) {
		b->iov[i].iov_base = b->packet[i];
		b->iov[i].iov_len = sizeof(b->packet[i]);
		b->msg[i].msg_hdr.msg_iov = &b->iov[i];
		b->msg[i].msg_hdr.msg_iovlen = 1;
		b->msg[i].msg_hdr.msg_name = &b->from[i];
	}
	return b;
}

void
tftp_batch_free(struct tftp_batch *b)
{
	free(b);
}

static int
receive(const struct tftp_socket *s)
{
	struct tftp_batch *b = s->config.batch;
	size_t i;

	for (i = 0; i < TFTP_BATCH; i++)
		b->msg[i].msg_hdr.msg_namelen = sizeof(b->from[i]);
	return recvmmsg(s->fd, b->msg, TFTP_BATCH, 0, NULL);
}

void
tftp_socket_receive(struct tftp_socket *s, unsigned batches)
{
	const struct tftp_batch *b = s->config.batch;
	int i, n = TFTP_BATCH;

	for (; batches > 0 && n == TFTP_BATCH; batches--) {
		n = receive(s);
		for (i = 0; i < n; i++)
			s->config.take(s->config.self, &b->from[i],
			    b->packet[i], b->msg[i].msg_len);
	}
	if (s->config.flush != NULL)
		s->config.flush(s->config.self);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct tftp_socket *s = arg;

	(void)fd;
	(void)what;
	tftp_socket_receive(s, s->config.batches);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct tftp_socket *s = arg;

	(void)fd;
	(void)what;
	if (s->config.flush != NULL)
		s->config.flush(s->config.self);
}

/*
 * Without CAP_NET_ADMIN the kernel grants no more than net.core.rmem_max or
 * wmem_max.
 */
static void
set_buffer(int fd, int forced, int plain, int size)
{
	if (setsockopt(fd, SOL_SOCKET, forced, &size, sizeof(size)) == -1)
		(void)setsockopt(fd, SOL_SOCKET, plain, &size, sizeof(size));
}

static int
open_fd(struct tftp_socket *s, struct err *e)
{
	struct sockaddr_in local = { .sin_family = AF_INET,
		.sin_addr = s->config.address,
		.sin_port = htons(s->config.port) };
	socklen_t len = sizeof(local);

	s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd == -1)
		return err_errno(e, "socket");
	set_buffer(s->fd, SO_RCVBUFFORCE, SO_RCVBUF, s->config.receive_buffer);
	set_buffer(s->fd, SO_SNDBUFFORCE, SO_SNDBUF, s->config.send_buffer);
	if (bind(s->fd, (const struct sockaddr *)&local, len) == -1 ||
	    getsockname(s->fd, (struct sockaddr *)&local, &len) == -1)
		return err_errno(e, "UDP %s port %u",
		    inet_ntoa(s->config.address), s->config.port);
	s->port = ntohs(local.sin_port);
	return 0;
}

struct tftp_socket *
tftp_socket_open(struct event_base *base,
    const struct tftp_socket_config *config, struct err *e)
{
	struct tftp_socket *s = mem_alloc(sizeof(*s));

	s->config = *config;
	s->fd = -1;
	if (open_fd(s, e) == -1)
		goto fail;
	s->readable =
	    event_new(base, s->fd, EV_READ | EV_PERSIST, on_readable, s);
	s->writable = event_new(base, s->fd, EV_WRITE, on_writable, s);
	if (s->readable == NULL || s->writable == NULL ||
	    event_add(s->readable, NULL) == -1) {
		(void)err_set(e, ERR_INTERNAL, "no event for a socket");
		goto fail;
	}
	return s;
fail:
	tftp_socket_close(s);
	return NULL;
}

void
tftp_socket_close(struct tftp_socket *s)
{
	if (s == NULL)
		return;
	if (s->readable != NULL)
		event_free(s->readable);
	if (s->writable != NULL)
		event_free(s->writable);
	if (s->fd != -1)
		(void)close(s->fd);
	free(s);
}

/* For members that sendmmsg() only reads. */
static void *
unconst(const void *p)
{
	return (void *)(uintptr_t)p;
}

size_t
tftp_socket_send(struct tftp_socket *s, const struct tftp_datagram *d, size_t n)
{
	struct mmsghdr msg[TFTP_BATCH];
	struct iovec iov[TFTP_BATCH][2];
	size_t i, done = 0;

	memset(msg, 0, n * sizeof(msg[0]));
	for (i = 0; i < n; i++) {
		iov[i][0].iov_base = unconst(d[i].head);
		iov[i][0].iov_len = d[i].head_len;
		iov[i][1].iov_base = unconst(d[i].payload);
		iov[i][1].iov_len = d[i].payload_len;
		msg[i].msg_hdr.msg_name = unconst(&d[i].to);
		msg[i].msg_hdr.msg_namelen = sizeof(d[i].to);
		msg[i].msg_hdr.msg_iov = iov[i];
		msg[i].msg_hdr.msg_iovlen = d[i].payload_len == 0 ? 1 : 2;
	}
	while (done < n) {
		int sent = sendmmsg(s->fd, msg + done, (unsigned)(n - done), 0);

		if (sent == -1 && errno == EAGAIN) {
			(void)event_add(s->writable, NULL);
			break;
		}
		if (sent == -1)
			log_debug("send to %s: %s",
			    inet_ntoa(d[done].to.sin_addr), strerror(errno));
		done += sent == -1 ? 1 : (size_t)sent;
	}
	return done;
}

uint16_t
tftp_socket_port(const struct tftp_socket *s)
{
	return s->port;
}

size_t
tftp_socket_receive_buffer(const struct tftp_socket *s)
{
	socklen_t len = sizeof(int);
	int granted;

	if (getsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &granted, &len) == -1)
		return 0;
	return (size_t)granted;
}

uint64_t
tftp_socket_dropped(const struct tftp_socket *s)
{
	uint32_t info[SK_MEMINFO_VARS];
	socklen_t len = sizeof(info);

	if (getsockopt(s->fd, SOL_SOCKET, SO_MEMINFO, info, &len) == -1 ||
	    len <= SK_MEMINFO_DROPS * sizeof(info[0]))
		return 0;
	return info[SK_MEMINFO_DROPS];
}
