/* recvmmsg(), sendmmsg() and struct in_pktinfo, which only Linux has. */
#define _GNU_SOURCE

/*
 * A storm of phones, and nothing else, for make bench and the system tests:
 *
 *   bench-tftp [-n PHONES] [-k ATONCE] [-b BLKSIZE] [-w WINDOWSIZE] [-a]
 *       [-t SECONDS] -r DIRECTORY... ADDRESS PORT NAME...
 *
 * PHONES (1) load the files NAME one after the other, ATONCE (1) of them at
 * the same time, each from a source address of its own in 127.64.0.0/10.  An
 * '@' in a NAME stands for the phone's MAC address; a NAME that begins with
 * '!' must be missing (ERROR 1).  A request has no options unless -b or -w
 * names some.  With -a the option tsize is asked for, too, as atftp does.
 *
 * Every byte is compared with the file of the same name in DIRECTORY; given
 * several of them, a file must be equal to that of one.  A phone whose packet
 * is not answered sends it again after a second, and from the beginning when
 * that was in vain or the server was busy, until it has everything or SECONDS
 * (30) are over.
 *
 * So that the server and not this program is what is measured, the phones
 * share PORTS sockets, which send and receive by the batch; whose datagram
 * one is, its address says.  A phone asks from another port each time.
 *
 * One line of JSON on standard output tells what happened.  The exit status
 * is 0 unless the storm could not be run: what is a failure, the caller says.
 */
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#define FIRST_ADDRESS 0x7f400000U
#define FIRST_MAC 0x001122000000ULL
#define RESEND_MS 1000
#define RESENDS 5 /* of one packet, then from the beginning */
#define PORTS 8
#define BATCH 128 /* datagrams in one system call */
#define RECEIVE_BUFFER (64 << 20) /* of a port, and its share of all phones */
#define REFERENCES_MAX 8
#define NAMES_MAX 16
#define NAME_LEN 128
#define REQUEST_MAX (8 * NAME_LEN) /* and any other that a phone sends */
#define BLKSIZE_MAX 65464
#define FILE_MAX (8UL << 20)

enum opcode {
	OP_RRQ = 1,
	OP_DATA = 3,
	OP_ACK = 4,
	OP_ERROR = 5,
	OP_OACK = 6
};

#define ERROR_NOT_FOUND 1
#define ERROR_TID 5

/* Room for the phone's address of a datagram. */
struct control {
	_Alignas(
	    struct cmsghdr) char room[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

/* Datagrams that wait to be sent. */
struct outbox {
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_in to[BATCH];
	struct control control[BATCH];
	struct in_pktinfo *from[BATCH]; /* in control */
	uint8_t packet[BATCH][REQUEST_MAX];
	unsigned n;
};

/* Room for those that come. */
struct inbox {
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_in from[BATCH];
	struct control to[BATCH];
	uint8_t *packets; /* owned */
};

/* The socket behind one port of all phones. */
struct port {
	int fd;
	struct outbox out;
};

struct reference {
	uint8_t *data; /* owned; NULL: there is none */
	size_t len;
};

struct phone {
	TAILQ_ENTRY(phone) by_time;
	size_t number;
	size_t step; /* the name that it is at */
	double begun;
	double sent; /* the packet that is waited for an answer */
	unsigned resent; /* times, of that packet */
	struct port *port; /* NULL: it begins again when the time is over */
	unsigned asked; /* times, each from the next port */
	in_port_t server; /* the port that answered, or 0 */
	bool negotiated;
	size_t blksize;
	unsigned window;
	unsigned in_window; /* blocks not acknowledged */
	bool gap; /* told the server that a block is missing */
	uint16_t block; /* received last */
	size_t got; /* bytes */
	unsigned equal; /* bit n: still what reference n says */
	bool missing; /* was told so */
};

TAILQ_HEAD(phones, phone);

struct storm {
	size_t n;
	size_t at_once;
	size_t blksize; /* 0: not asked for */
	unsigned window; /* 0: not asked for */
	bool tsize;
	double limit;
	const char *directory[REFERENCES_MAX];
	size_t n_directories;
	struct sockaddr_in server;
	const char *name[NAMES_MAX];
	size_t n_names;
	struct reference *reference; /* see reference_of() */
	struct phone *phone;
	double *took; /* ms of each phone that is served */
	struct phones waiting; /* who waits longest comes first */
	size_t started, ended, served;
	struct port *port; /* PORTS of them */
	struct inbox in;
	/* what is told at the end */
	size_t requests, bytes, retransmits, repeated, busy, lost, wrong;
	size_t without_options;
};

/* That this process has used. */
static double
cpu_seconds(void)
{
	struct rusage used = { .ru_maxrss = 0 };

	(void)getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "bench-tftp: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- files ---------------------------------------------------------------- */

static bool
is_missing(const struct storm *s, size_t step)
{
	return s->name[step][0] == '!';
}

/* The name that a phone asks for in a step. */
static void
name_of(const struct storm *s, const struct phone *p, char dst[NAME_LEN])
{
	const char *name = s->name[p->step] + (is_missing(s, p->step) ? 1 : 0);
	const char *at = strchr(name, '@');
	int cut;

	if (at == NULL)
		cut = str_copy(dst, NAME_LEN, name);
	else
		cut = str_printf(dst, NAME_LEN, "%.*s%012llX%s",
		    (int)(at - name), name, FIRST_MAC + p->number, at + 1);
	if (cut == -1) {
		(void)fprintf(stderr, "bench-tftp: %s is too long\n", name);
		exit(2);
	}
}

/* One name without '@' is the same file for all phones. */
static struct reference *
reference_of(const struct storm *s, const struct phone *p, size_t directory)
{
	bool own = strchr(s->name[p->step], '@') != NULL;

	return &s->reference[(directory * s->n_names + p->step) * s->n +
	    (own ? p->number : 0)];
}

static void
load_reference(const struct storm *s, const struct phone *p, size_t directory)
{
	struct reference *r = reference_of(s, p, directory);
	char name[NAME_LEN], *path;
	struct err e = ERR_INIT;

	if (is_missing(s, p->step) || r->data != NULL)
		return;
	name_of(s, p, name);
	path = mem_printf("%s/%s", s->directory[directory], name);
	if (file_read(path, FILE_MAX, &r->data, &r->len, &e) == -1) {
		(void)fprintf(stderr, "bench-tftp: %s\n", e.msg);
		exit(1);
	}
	free(path);
}

static void
load_references(struct storm *s)
{
	s->reference = mem_array(s->n_directories * s->n_names,
	    s->n * sizeof(struct reference));
	for (size_t i = 0; i < s->n; i++) {
		struct phone p = { .number = i };

		for (; p.step < s->n_names; p.step++) {
			for (size_t d = 0; d < s->n_directories; d++)
				load_reference(s, &p, d);
		}
	}
}

/* Does this block belong there, in one of the references? */
static void
compare(const struct storm *s, struct phone *p, const uint8_t *data, size_t len,
    bool last)
{
	for (size_t d = 0; d < s->n_directories; d++) {
		const struct reference *r = reference_of(s, p, d);

		if ((p->equal & 1U << d) == 0)
			continue;
		if (r->data == NULL || len > r->len - p->got ||
		    (last && len != r->len - p->got) ||
		    memcmp(r->data + p->got, data, len) != 0)
			p->equal &= ~(1U << d);
	}
}

/* --- packets -------------------------------------------------------------- */

/* From now on an answer is waited for. */
static void
wait_for_answer(struct storm *s, struct phone *p)
{
	p->sent = seconds();
	TAILQ_REMOVE(&s->waiting, p, by_time);
	TAILQ_INSERT_TAIL(&s->waiting, p, by_time);
}

/*
 * Send what waits.  What cannot be sent is as good as lost, but for a refusal
 * that is told of here and belongs to what was sent before, see
 * take_refusals().
 */
static void
flush(struct port *port)
{
	struct outbox *out = &port->out;
	unsigned done = 0;

	while (done < out->n) {
		int n = sendmmsg(port->fd, out->msg + done, out->n - done, 0);

		if (n > 0)
			done += (unsigned)n;
		else if (errno != ECONNREFUSED && errno != EINTR)
			done++;
	}
	out->n = 0;
}

static void
flush_all(struct storm *s)
{
	size_t i;

	for (i = 0; i < PORTS; i++)
		flush(&s->port[i]);
}

/* A packet of the phone with this number will be sent. */
static void
send_packet(struct port *port, size_t phone, const struct sockaddr_in *to,
    const uint8_t *packet, size_t len)
{
	struct outbox *out = &port->out;
	unsigned i;

	if (out->n == BATCH)
		flush(port);
	i = out->n++;
	out->from[i]->ipi_spec_dst.s_addr =
	    htonl(FIRST_ADDRESS + (uint32_t)phone);
	memcpy(out->packet[i], packet, len);
	out->iov[i].iov_len = len;
	out->to[i] = *to;
}

/* To where it is answered from, or to the port for requests. */
static void
send_to_server(const struct storm *s, const struct phone *p,
    const uint8_t *packet, size_t len)
{
	struct sockaddr_in to = s->server;

	if (p->server != 0)
		to.sin_port = p->server;
	send_packet(p->port, p->number, &to, packet, len);
}

static void
put_text(uint8_t *packet, size_t *len, const char *text)
{
	memcpy(packet + *len, text, strlen(text) + 1);
	*len += strlen(text) + 1;
}

static void
put_option(uint8_t *packet, size_t *len, const char *name, size_t value)
{
	char text[32];

	(void)str_printf(text, sizeof(text), "%zu", value);
	put_text(packet, len, name);
	put_text(packet, len, text);
}

static void
send_request(const struct storm *s, const struct phone *p)
{
	uint8_t packet[REQUEST_MAX] = { 0, OP_RRQ };
	char name[NAME_LEN];
	size_t len = 2;

	name_of(s, p, name);
	put_text(packet, &len, name);
	put_text(packet, &len, "octet");
	if (s->blksize != 0)
		put_option(packet, &len, "blksize", s->blksize);
	if (s->window != 0)
		put_option(packet, &len, "windowsize", s->window);
	if (s->tsize)
		put_option(packet, &len, "tsize", 0);
	send_to_server(s, p, packet, len);
}

static void
send_ack(const struct storm *s, const struct phone *p)
{
	const uint8_t packet[4] = { 0, OP_ACK, (uint8_t)(p->block >> 8),
		(uint8_t)(p->block & 0xff) };

	send_to_server(s, p, packet, sizeof(packet));
}

/* Ask for the file of this step, from a new port. */
static void
ask(struct storm *s, struct phone *p)
{
	p->port = &s->port[p->asked++ % PORTS];
	p->server = 0;
	p->negotiated = false;
	p->blksize = 512;
	p->window = 1;
	p->in_window = 0;
	p->gap = false;
	p->block = 0;
	p->got = 0;
	p->equal = (1U << s->n_directories) - 1;
	p->missing = false;
	p->resent = 0;
	s->requests++;
	send_request(s, p);
	wait_for_answer(s, p);
}

/* --- phones --------------------------------------------------------------- */

static void
start_phone(struct storm *s)
{
	struct phone *p = &s->phone[s->started];

	p->number = s->started++;
	p->begun = seconds();
	TAILQ_INSERT_TAIL(&s->waiting, p, by_time);
	ask(s, p);
}

static void
end_phone(struct storm *s, struct phone *p, bool served)
{
	if (served)
		s->took[s->served++] = (seconds() - p->begun) * 1e3;
	p->port = NULL;
	TAILQ_REMOVE(&s->waiting, p, by_time);
	s->ended++;
	if (s->started < s->n)
		start_phone(s);
}

/* This step is over. */
static void
end_step(struct storm *s, struct phone *p)
{
	if (is_missing(s, p->step) != p->missing ||
	    (!p->missing && p->equal == 0)) {
		s->wrong++;
		end_phone(s, p, false);
		return;
	}
	s->bytes += p->got;
	if (!p->missing && (s->blksize != 0 || s->window != 0) &&
	    !p->negotiated)
		s->without_options++;
	if (++p->step == s->n_names)
		end_phone(s, p, true);
	else
		ask(s, p);
}

/* Nothing came for a second. */
static void
be_impatient(struct storm *s, struct phone *p)
{
	if (seconds() - p->begun > s->limit) {
		s->lost++;
		end_phone(s, p, false);
		return;
	}
	if (p->port != NULL)
		s->retransmits++;
	if (p->port == NULL || p->resent++ == RESENDS) {
		ask(s, p);
		return;
	}
	if (p->server != 0)
		send_ack(s, p);
	else
		send_request(s, p);
	wait_for_answer(s, p);
}

/* --- answers -------------------------------------------------------------- */

static void
take_data(struct storm *s, struct phone *p, const uint8_t *packet, size_t len)
{
	uint16_t block = (uint16_t)(packet[2] << 8 | packet[3]);
	bool last = len - 4 < p->blksize;

	if (block != (uint16_t)(p->block + 1)) {
		bool behind = (uint16_t)(p->block - block) < p->window;

		if (behind)
			s->repeated++;
		/* One word for each gap, and for each repeated window. */
		if (behind ? block == p->block : !p->gap)
			send_ack(s, p);
		p->gap = !behind;
		return;
	}
	if (len - 4 > p->blksize)
		p->equal = 0;
	compare(s, p, packet + 4, len - 4, last);
	p->got += len - 4;
	p->block = block;
	p->gap = false;
	p->resent = 0;
	if (last || ++p->in_window == p->window) {
		p->in_window = 0;
		send_ack(s, p);
	}
	if (last)
		end_step(s, p);
	else
		wait_for_answer(s, p);
}

/* The value of an option, or 0. */
static size_t
option(const uint8_t *packet, size_t len, const char *name)
{
	const char *text = (const char *)packet, *end = text + len;
	uint64_t value;

	while (text < end) {
		const char *what = text;

		text += strlen(text) + 1;
		if (text >= end)
			break;
		if (str_equal(what, name) &&
		    str_number(text, 1, BLKSIZE_MAX, &value) == 0)
			return (size_t)value;
		text += strlen(text) + 1;
	}
	return 0;
}

static void
take_oack(struct storm *s, struct phone *p, const uint8_t *packet, size_t len)
{
	size_t blksize, window;

	if (p->block != 0 || p->got != 0 || packet[len - 1] != '\0')
		return;
	blksize = option(packet + 2, len - 2, "blksize");
	window = option(packet + 2, len - 2, "windowsize");
	if (blksize != 0)
		p->blksize = blksize;
	if (window != 0)
		p->window = (unsigned)window;
	if (p->negotiated)
		s->repeated++;
	p->negotiated = p->blksize == (s->blksize == 0 ? 512 : s->blksize) &&
	    p->window == (s->window == 0 ? 1 : s->window);
	send_ack(s, p);
	wait_for_answer(s, p);
}

static void
take_error(struct storm *s, struct phone *p, const uint8_t *packet)
{
	if (packet[3] == ERROR_NOT_FOUND) {
		p->missing = true;
		end_step(s, p);
		return;
	}
	/* Busy, or a transfer that it knows no more: later. */
	s->busy++;
	p->port = NULL;
}

/* The address of a phone that a datagram came to, as control says it. */
static struct phone *
phone_of(struct storm *s, struct msghdr *m)
{
	struct cmsghdr *c;
	struct in_pktinfo to;
	size_t i;

	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
			break;
	}
	if (c == NULL)
		return NULL;
	memcpy(&to, CMSG_DATA(c), sizeof(to));
	i = ntohl(to.ipi_addr.s_addr) - FIRST_ADDRESS;
	return i < s->started ? &s->phone[i] : NULL;
}

/* Is this what the phone waits for, or of a transfer that it knows not? */
static bool
is_for(const struct storm *s, const struct phone *p, const struct port *port,
    const struct sockaddr_in *from)
{
	return p->port == port &&
	    from->sin_addr.s_addr == s->server.sin_addr.s_addr &&
	    (p->server == 0 || p->server == from->sin_port);
}

static void
take_packet(struct storm *s, struct phone *p, const struct sockaddr_in *from,
    const uint8_t *packet, size_t len)
{
	if (packet[1] == OP_ERROR) {
		take_error(s, p, packet);
		return;
	}
	p->server = from->sin_port;
	if (packet[1] == OP_DATA)
		take_data(s, p, packet, len);
	else if (packet[1] == OP_OACK)
		take_oack(s, p, packet, len);
}

/* What is not for anybody is refused, as RFC 1350 wants. */
static void
take_datagram(struct storm *s, struct port *port, struct msghdr *m, size_t len)
{
	static const uint8_t refusal[] = { 0, OP_ERROR, 0, ERROR_TID, 0 };
	const struct sockaddr_in *from = m->msg_name;
	const uint8_t *packet = m->msg_iov->iov_base;
	struct phone *p = phone_of(s, m);

	if (p == NULL || len < 4 || packet[0] != 0)
		return;
	if (is_for(s, p, port, from))
		take_packet(s, p, from, packet, len);
	else if (packet[1] != OP_ERROR)
		send_packet(port, p->number, from, refusal, sizeof(refusal));
}

/* The server has died, and comes back. */
static void
take_refusals(struct storm *s, struct port *port)
{
	struct sockaddr_in to;
	uint8_t packet[REQUEST_MAX];
	char control[512];
	struct iovec iov = { .iov_base = packet, .iov_len = sizeof(packet) };
	struct msghdr m = { .msg_name = &to,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control };

	for (;;) {
		struct phone *p;

		m.msg_namelen = sizeof(to);
		m.msg_controllen = sizeof(control);
		if (recvmsg(port->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) == -1)
			return;
		p = phone_of(s, &m);
		if (p != NULL && p->port == port &&
		    to.sin_port ==
			(p->server != 0 ? p->server : s->server.sin_port))
			p->port = NULL;
	}
}

/* A batch of what has come to a port. */
static void
take_batch(struct storm *s, struct port *port)
{
	struct inbox *in = &s->in;
	int i, n;

	for (i = 0; i < BATCH; i++) {
		in->msg[i].msg_hdr.msg_namelen = sizeof(in->from[i]);
		in->msg[i].msg_hdr.msg_controllen = sizeof(in->to[i]);
	}
	n = recvmmsg(port->fd, in->msg, BATCH, MSG_DONTWAIT, NULL);
	for (i = 0; i < n; i++)
		take_datagram(s, port, &in->msg[i].msg_hdr, in->msg[i].msg_len);
}

static void
wait_for_datagrams(struct storm *s)
{
	const struct phone *first = TAILQ_FIRST(&s->waiting);
	double left = first->sent + RESEND_MS / 1e3 - seconds();
	struct pollfd fds[PORTS];
	size_t i;

	for (i = 0; i < PORTS; i++) {
		fds[i].fd = s->port[i].fd;
		fds[i].events = POLLIN;
	}
	if (poll(fds, PORTS, left > 0 ? (int)(left * 1e3) + 1 : 0) == -1) {
		if (errno != EINTR)
			die("poll");
		return;
	}
	for (i = 0; i < PORTS; i++) {
		if ((fds[i].revents & POLLERR) != 0)
			take_refusals(s, &s->port[i]);
		if ((fds[i].revents & POLLIN) != 0)
			take_batch(s, &s->port[i]);
	}
}

static void
run(struct storm *s)
{
	while (s->started < s->n && s->started < s->at_once)
		start_phone(s);
	flush_all(s);
	while (s->ended < s->n) {
		struct phone *first;

		wait_for_datagrams(s);
		while ((first = TAILQ_FIRST(&s->waiting)) != NULL &&
		    first->sent + RESEND_MS / 1e3 <= seconds())
			be_impatient(s, first);
		flush_all(s);
	}
}

/* --- ports ---------------------------------------------------------------- */

static void
set_up_outbox(struct outbox *out)
{
	size_t i;

	for (i = 0; i < BATCH; i++) {
		struct msghdr *m = &out->msg[i].msg_hdr;
		struct cmsghdr *c;

		out->iov[i].iov_base = out->packet[i];
		m->msg_iov = &out->iov[i];
		m->msg_iovlen = 1;
		m->msg_name = &out->to[i];
		m->msg_namelen = sizeof(out->to[i]);
		m->msg_control = &out->control[i];
		m->msg_controllen = sizeof(out->control[i]);
		c = CMSG_FIRSTHDR(m);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(*out->from[i]));
		out->from[i] = (void *)CMSG_DATA(c);
	}
}

/* A byte more than the longest DATA shows that one is too long. */
static void
set_up_inbox(struct inbox *in, size_t blksize)
{
	size_t room = (blksize < 512 ? 512 : blksize) + 4 + 1;
	size_t i;

	in->packets = mem_array(BATCH, room);
	for (i = 0; i < BATCH; i++) {
		struct msghdr *m = &in->msg[i].msg_hdr;

		in->iov[i].iov_base = in->packets + i * room;
		in->iov[i].iov_len = room;
		m->msg_iov = &in->iov[i];
		m->msg_iovlen = 1;
		m->msg_name = &in->from[i];
		m->msg_control = &in->to[i];
	}
}

static void
open_port(struct port *port)
{
	const struct sockaddr_in any = { .sin_family = AF_INET };
	const int size = RECEIVE_BUFFER, on = 1;

	port->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (port->fd == -1)
		die("socket");
	if (setsockopt(port->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
		sizeof(size)) == -1 ||
	    setsockopt(port->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) ==
		-1 ||
	    setsockopt(port->fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)) == -1)
		die("setsockopt");
	if (bind(port->fd, (const struct sockaddr *)&any, sizeof(any)) == -1)
		die("bind");
	set_up_outbox(&port->out);
}

/* Datagrams that came faster than they were read. */
static size_t
overrun(const struct storm *s)
{
	size_t i, n = 0;

	for (i = 0; i < PORTS; i++) {
		uint32_t info[SK_MEMINFO_VARS] = { 0 };
		socklen_t len = sizeof(info);

		if (getsockopt(s->port[i].fd, SOL_SOCKET, SO_MEMINFO, info,
			&len) == -1)
			die("getsockopt");
		n += info[SK_MEMINFO_DROPS];
	}
	return n;
}

/* --- the rest ---------------------------------------------------------------
 */

static int
by_size(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static double
percentile(const struct storm *s, double part)
{
	if (s->served == 0)
		return 0;
	return s->took[(size_t)((double)(s->served - 1) * part)];
}

static void
report(struct storm *s, double wall, double cpu)
{
	qsort(s->took, s->served, sizeof(*s->took), by_size);
	(void)printf("{\"phones\": %zu, \"at_once\": %zu, \"served\": %zu, "
		     "\"lost\": %zu, \"wrong\": %zu, \"requests\": %zu, "
		     "\"bytes\": %zu, ",
	    s->n, s->at_once, s->served, s->lost, s->wrong, s->requests,
	    s->bytes);
	(void)printf("\"retransmits\": %zu, \"repeated\": %zu, \"busy\": %zu, "
		     "\"without_options\": %zu, \"overrun\": %zu, ",
	    s->retransmits, s->repeated, s->busy, s->without_options,
	    overrun(s));
	(void)printf("\"wall_s\": %.4f, \"p50_ms\": %.2f, \"p99_ms\": %.2f, "
		     "\"worst_ms\": %.2f, \"client_cpu_s\": %.4f}\n",
	    wall, percentile(s, 0.5), percentile(s, 0.99), percentile(s, 1),
	    cpu);
}

static _Noreturn void
usage(void)
{
	(void)fprintf(stderr,
	    "usage: bench-tftp [-n phones] [-k at once] [-b blksize]\n"
	    "    [-w windowsize] [-a] [-t seconds] -r directory...\n"
	    "    address port name...\n");
	exit(2);
}

static size_t
number(const char *text, uint64_t max)
{
	uint64_t n;

	if (str_number(text, 1, max, &n) == -1)
		usage();
	return (size_t)n;
}

static void
parse(struct storm *s, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "n:k:b:w:at:r:")) != -1) {
		if (c == 'n')
			s->n = number(optarg, 1000000);
		else if (c == 'k')
			s->at_once = number(optarg, 1000000);
		else if (c == 'b')
			s->blksize = number(optarg, BLKSIZE_MAX);
		else if (c == 'w')
			s->window = (unsigned)number(optarg, 65535);
		else if (c == 'a')
			s->tsize = true;
		else if (c == 't')
			s->limit = (double)number(optarg, 86400);
		else if (c == 'r' && s->n_directories < REFERENCES_MAX)
			s->directory[s->n_directories++] = optarg;
		else
			usage();
	}
	argc -= optind;
	argv += optind;
	if (argc < 3 || argc - 2 > NAMES_MAX || s->n_directories == 0)
		usage();
	s->server.sin_family = AF_INET;
	s->server.sin_port = htons((uint16_t)number(argv[1], 65535));
	if (inet_pton(AF_INET, argv[0], &s->server.sin_addr) != 1)
		usage();
	for (; s->n_names < (size_t)argc - 2; s->n_names++)
		s->name[s->n_names] = argv[2 + s->n_names];
}

int
main(int argc, char **argv)
{
	struct storm s = { .n = 1, .at_once = 1, .limit = 30 };
	double began, used;
	size_t i;

	parse(&s, argc, argv);
	TAILQ_INIT(&s.waiting);
	s.phone = mem_array(s.n, sizeof(*s.phone));
	s.took = mem_array(s.n, sizeof(*s.took));
	s.port = mem_array(PORTS, sizeof(*s.port));
	for (i = 0; i < PORTS; i++)
		open_port(&s.port[i]);
	set_up_inbox(&s.in, s.blksize);
	load_references(&s);
	began = seconds();
	used = cpu_seconds();
	run(&s);
	report(&s, seconds() - began, cpu_seconds() - used);
	return 0;
}
