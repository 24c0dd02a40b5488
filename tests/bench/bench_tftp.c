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
 * One line of JSON on standard output tells what happened.  The exit status
 * is 0 unless the storm could not be run: what is a failure, the caller says.
 */
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
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
#define EVENTS 512
#define REFERENCES_MAX 8
#define NAMES_MAX 16
#define NAME_LEN 128
#define PACKET_MAX 65468
#define FILE_MAX (8UL << 20)

enum opcode {
	OP_RRQ = 1,
	OP_DATA = 3,
	OP_ACK = 4,
	OP_ERROR = 5,
	OP_OACK = 6
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
	int fd; /* -1: it begins again when the time is over */
	bool connected; /* to the port that answered */
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
	int epoll;
	/* what is told at the end */
	size_t requests, bytes, retransmits, repeated, busy, lost, wrong;
	size_t without_options;
};

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

/* What cannot be sent is as good as lost. */
static void
send_packet(const struct storm *s, const struct phone *p, const uint8_t *packet,
    size_t len)
{
	ssize_t n;

	if (p->connected)
		n = send(p->fd, packet, len, 0);
	else
		n = sendto(p->fd, packet, len, 0,
		    (const struct sockaddr *)&s->server, sizeof(s->server));
	(void)n;
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
	uint8_t packet[8 * NAME_LEN] = { 0, OP_RRQ };
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
	send_packet(s, p, packet, len);
}

static void
send_ack(const struct storm *s, const struct phone *p)
{
	const uint8_t packet[4] = { 0, OP_ACK, (uint8_t)(p->block >> 8),
		(uint8_t)(p->block & 0xff) };

	send_packet(s, p, packet, sizeof(packet));
}

static void
hang_up(struct phone *p)
{
	if (p->fd != -1)
		(void)close(p->fd);
	p->fd = -1;
}

/* Ask for the file of this step, from a new port. */
static void
ask(struct storm *s, struct phone *p)
{
	struct sockaddr_in local = { .sin_family = AF_INET };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = p };

	hang_up(p);
	p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd == -1)
		die("socket");
	local.sin_addr.s_addr = htonl(FIRST_ADDRESS + (uint32_t)p->number);
	if (bind(p->fd, (const struct sockaddr *)&local, sizeof(local)) == -1)
		die("bind");
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, p->fd, &event) == -1)
		die("epoll");
	p->connected = false;
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
	p->fd = -1;
	p->begun = seconds();
	TAILQ_INSERT_TAIL(&s->waiting, p, by_time);
	ask(s, p);
}

static void
end_phone(struct storm *s, struct phone *p, bool served)
{
	if (served)
		s->took[s->served++] = (seconds() - p->begun) * 1e3;
	hang_up(p);
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
	if (p->fd != -1)
		s->retransmits++;
	if (p->fd == -1 || p->resent++ == RESENDS) {
		ask(s, p);
		return;
	}
	if (p->connected)
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
		    str_number(text, 1, PACKET_MAX, &value) == 0)
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
	if (packet[3] == 1) {
		p->missing = true;
		end_step(s, p);
		return;
	}
	/* Busy, or a transfer that it knows no more: later. */
	s->busy++;
	hang_up(p);
}

/* One datagram.  False when there is none, or p is not waiting for more. */
static bool
take_datagram(struct storm *s, struct phone *p)
{
	static uint8_t packet[PACKET_MAX + 4]; /* too large for the stack */
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	int fd = p->fd;
	ssize_t n;

	if (p->connected)
		n = recv(fd, packet, sizeof(packet), 0);
	else
		n = recvfrom(fd, packet, sizeof(packet), 0,
		    (struct sockaddr *)&from, &from_len);
	if (n == -1 && errno == ECONNREFUSED)
		hang_up(p); /* the server has died, and comes back */
	if (n < 4 || packet[0] != 0)
		return false;
	if (!p->connected && packet[1] != OP_ERROR) {
		if (connect(fd, (const struct sockaddr *)&from, from_len) == -1)
			return false;
		p->connected = true;
	}
	if (packet[1] == OP_DATA)
		take_data(s, p, packet, (size_t)n);
	else if (packet[1] == OP_OACK)
		take_oack(s, p, packet, (size_t)n);
	else if (packet[1] == OP_ERROR)
		take_error(s, p, packet);
	return p->fd == fd && p->window > 1;
}

static void
run(struct storm *s)
{
	struct epoll_event event[EVENTS];

	while (s->started < s->n && s->started < s->at_once)
		start_phone(s);
	while (s->ended < s->n) {
		const struct phone *first = TAILQ_FIRST(&s->waiting);
		double left = first->sent + RESEND_MS / 1e3 - seconds();
		int n = epoll_wait(s->epoll, event, EVENTS,
		    left > 0 ? (int)(left * 1e3) + 1 : 0);

		if (n == -1 && errno != EINTR)
			die("epoll");
		for (int i = 0; i < n; i++) {
			struct phone *p = event[i].data.ptr;
			unsigned left_of_window = p->window;

			while (p->fd != -1 && take_datagram(s, p) &&
			    --left_of_window > 0)
				;
		}
		while ((first = TAILQ_FIRST(&s->waiting)) != NULL &&
		    first->sent + RESEND_MS / 1e3 <= seconds())
			be_impatient(s, TAILQ_FIRST(&s->waiting));
	}
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
report(struct storm *s, double wall)
{
	struct rusage used = { .ru_maxrss = 0 };
	double cpu;

	qsort(s->took, s->served, sizeof(*s->took), by_size);
	(void)getrusage(RUSAGE_SELF, &used);
	cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	(void)printf("{\"phones\": %zu, \"at_once\": %zu, \"served\": %zu, "
		     "\"lost\": %zu, \"wrong\": %zu, \"requests\": %zu, "
		     "\"bytes\": %zu, ",
	    s->n, s->at_once, s->served, s->lost, s->wrong, s->requests,
	    s->bytes);
	(void)printf("\"retransmits\": %zu, \"repeated\": %zu, \"busy\": %zu, "
		     "\"without_options\": %zu, ",
	    s->retransmits, s->repeated, s->busy, s->without_options);
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
			s->blksize = number(optarg, PACKET_MAX - 4);
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
	struct rlimit limit;
	double began;

	parse(&s, argc, argv);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	TAILQ_INIT(&s.waiting);
	s.phone = mem_array(s.n, sizeof(*s.phone));
	s.took = mem_array(s.n, sizeof(*s.took));
	s.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s.epoll == -1)
		die("epoll");
	load_references(&s);
	began = seconds();
	run(&s);
	report(&s, seconds() - began);
	return 0;
}
