/*
 * Phones that ask the Trust Verification Service, and nothing else, for make
 * bench and the system tests:
 *
 *   bench-tvs [-n PHONES] [-k ATONCE] [-v 1.2|1.3] [-s] [-i SILENT]
 *       [-t SECONDS] CERTIFICATE ADDRESS PORT
 *
 * PHONES (1) connect with TLS, ATONCE (1) of them at the same time, each from
 * a source address of its own in 127.64.0.0/10, ask whether CERTIFICATE (PEM)
 * is to be trusted and close when they have the answer, which must be the
 * same for all.  With -s every connection resumes the session of one before
 * them, which is not counted.  With -i there are SILENT connections that send
 * nothing before the first phone comes and until the last one has gone.  A
 * phone gives up after SECONDS (30).
 *
 * One line of JSON on standard output tells what happened.  The exit status
 * is 0 unless it could not be run: what is a failure, the caller says.
 */
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "base/mem.h"
#include "base/str.h"

#define FIRST_ADDRESS 0x7f400000U
#define FIRST_MAC 0x001122000000ULL
#define EVENTS 512
#define CERTIFICATE_MAX 8192
#define MESSAGE_MAX 16384
#define HEADER_SIZE 10
#define VERIFY_REQUEST 1
#define VERIFY_ANSWER 2

struct phone {
	TAILQ_ENTRY(phone) by_time;
	size_t number;
	double begun;
	int fd;
	SSL *ssl;
	bool established;
	uint8_t answer[MESSAGE_MAX];
	size_t len;
};

TAILQ_HEAD(phones, phone);

struct crowd {
	size_t n;
	size_t at_once;
	size_t silent;
	bool resume;
	double limit;
	struct sockaddr_in server;
	SSL_CTX *ctx;
	SSL_SESSION *session;
	uint8_t certificate[CERTIFICATE_MAX];
	size_t certificate_len;
	uint8_t *answer; /* what follows the header of the first; owned */
	size_t answer_len;
	int *silent_fd;
	double *took; /* ms of each phone that is served */
	struct phone *phone; /* those at the same time; owned */
	struct phones present; /* who is there longest comes first */
	size_t started, ended, served, failed, lost, wrong, resumed;
	int epoll;
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
	(void)fprintf(stderr, "bench-tvs: %s: %s\n", what, strerror(errno));
	exit(1);
}

static _Noreturn void
fail(const char *what)
{
	(void)fprintf(stderr, "bench-tvs: %s\n", what);
	exit(1);
}

/* Small packets are not held together, as with most clients of TLS. */
static int
open_connection(const struct crowd *c, size_t number)
{
	struct sockaddr_in local = { .sin_family = AF_INET };
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		die("socket");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	local.sin_addr.s_addr = htonl(FIRST_ADDRESS + (uint32_t)number);
	if (bind(fd, (const struct sockaddr *)&local, sizeof(local)) == -1)
		die("bind");
	if (connect(fd, (const struct sockaddr *)&c->server,
		sizeof(c->server)) == -1 &&
	    errno != EINPROGRESS)
		die("connect");
	return fd;
}

/* --- phones --------------------------------------------------------------- */

static void
start_phone(struct crowd *c, struct phone *p)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
		.data.ptr = p };

	p->number = c->started++;
	p->begun = seconds();
	p->established = false;
	p->len = 0;
	p->fd = open_connection(c, p->number);
	p->ssl = SSL_new(c->ctx);
	if (p->ssl == NULL || SSL_set_fd(p->ssl, p->fd) != 1)
		fail("no TLS connection");
	if (c->session != NULL && SSL_set_session(p->ssl, c->session) != 1)
		fail("the session cannot be used");
	SSL_set_connect_state(p->ssl);
	TAILQ_INSERT_TAIL(&c->present, p, by_time);
	if (epoll_ctl(c->epoll, EPOLL_CTL_ADD, p->fd, &event) == -1)
		die("epoll");
}

/* Its place is the next phone's.  Who does not say bye forgets the session. */
static void
end_phone(struct crowd *c, struct phone *p)
{
	TAILQ_REMOVE(&c->present, p, by_time);
	if (p->established)
		(void)SSL_shutdown(p->ssl);
	SSL_free(p->ssl);
	(void)close(p->fd);
	c->ended++;
	if (c->started < c->n)
		start_phone(c, p);
}

static size_t
put_element(uint8_t *dst, uint8_t tag, const void *value, size_t len)
{
	dst[0] = tag;
	dst[1] = (uint8_t)(len >> 8);
	dst[2] = (uint8_t)(len & 0xff);
	memcpy(dst + 3, value, len);
	return 3 + len;
}

/* Ask for the certificate in one message; it fits into one record. */
static int
ask(const struct crowd *c, const struct phone *p)
{
	uint8_t message[CERTIFICATE_MAX + 64] = { 0x57, 1, VERIFY_REQUEST, 0 };
	char name[32] = "\1";
	size_t len = HEADER_SIZE;

	(void)snprintf(name + 1, sizeof(name) - 1, "CP-8861-SEP%012llX",
	    FIRST_MAC + p->number);
	message[6] = (uint8_t)(p->number >> 8);
	message[7] = (uint8_t)(p->number & 0xff);
	len += put_element(message + len, 1, name, strlen(name));
	len +=
	    put_element(message + len, 2, c->certificate, c->certificate_len);
	message[8] = (uint8_t)((len - HEADER_SIZE) >> 8);
	message[9] = (uint8_t)((len - HEADER_SIZE) & 0xff);
	return SSL_write(p->ssl, message, (int)len);
}

/* Is that the answer to p, and the same as that to others? */
static bool
answer_is_right(struct crowd *c, const struct phone *p)
{
	const uint8_t head[8] = { 0x57, 1, VERIFY_ANSWER, 0, 0, 0,
		(uint8_t)(p->number >> 8), (uint8_t)(p->number & 0xff) };
	size_t len = p->len - HEADER_SIZE;

	if (memcmp(p->answer, head, sizeof(head)) != 0)
		return false;
	if (c->answer == NULL) {
		c->answer_len = len;
		c->answer = mem_alloc(len);
		memcpy(c->answer, p->answer + HEADER_SIZE, len);
	}
	return len == c->answer_len &&
	    memcmp(p->answer + HEADER_SIZE, c->answer, len) == 0;
}

/* The whole message is there. */
static bool
answer_complete(const struct phone *p)
{
	return p->len >= HEADER_SIZE &&
	    p->len - HEADER_SIZE >= ((size_t)p->answer[8] << 8) + p->answer[9];
}

/* As far as it goes now: 1 answered, 0 later, -1 failed. */
static int
advance(const struct crowd *c, struct phone *p)
{
	int n = 1;

	ERR_clear_error();
	if (!p->established)
		n = SSL_do_handshake(p->ssl);
	if (n == 1 && !p->established) {
		p->established = true;
		n = ask(c, p);
	}
	while (n > 0) {
		n = SSL_read(p->ssl, p->answer + p->len,
		    (int)(sizeof(p->answer) - p->len));
		if (n > 0)
			p->len += (size_t)n;
		if (answer_complete(p))
			return 1;
	}
	n = SSL_get_error(p->ssl, n);
	return n == SSL_ERROR_WANT_READ || n == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static void
on_event(struct crowd *c, struct phone *p)
{
	int state = advance(c, p);

	if (state == 0)
		return;
	if (state == -1) {
		c->failed++;
	} else if (!answer_is_right(c, p)) {
		c->wrong++;
	} else {
		c->took[c->served++] = (seconds() - p->begun) * 1e3;
		if (SSL_session_reused(p->ssl))
			c->resumed++;
	}
	end_phone(c, p);
}

static void
run(struct crowd *c)
{
	struct epoll_event event[EVENTS];

	while (c->started < c->n && c->started < c->at_once)
		start_phone(c, &c->phone[c->started]);
	while (c->ended < c->n) {
		struct phone *p;
		int n = epoll_wait(c->epoll, event, EVENTS, 100);

		if (n == -1 && errno != EINTR)
			die("epoll");
		for (int i = 0; i < n; i++)
			on_event(c, event[i].data.ptr);
		p = TAILQ_FIRST(&c->present);
		if (p != NULL && seconds() - p->begun > c->limit) {
			c->lost++;
			end_phone(c, p);
		}
	}
}

/* --- before and after --------------------------------------------------------
 */

/* In TLS 1.3 it comes after the handshake. */
static int
keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct crowd *c = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (c->session != NULL || !c->resume)
		return 0;
	c->session = session;
	return 1;
}

/* One phone before the others, which is not counted. */
static void
warm_up(struct crowd *c)
{
	struct crowd one = *c;
	double took;

	one.n = 1;
	one.at_once = 1;
	one.took = &took;
	TAILQ_INIT(&one.present);
	SSL_CTX_set_app_data(c->ctx, &one);
	run(&one);
	if (one.served != 1)
		fail(one.lost == 1     ? "the first phone: no answer" :
			one.wrong == 1 ? "the first phone: a wrong answer" :
					 "the first phone: no connection");
	if (c->resume && one.session == NULL)
		fail("no session to resume");
	c->session = one.session;
	c->answer = one.answer;
	c->answer_len = one.answer_len;
	SSL_CTX_set_app_data(c->ctx, c);
}

static void
open_silent(struct crowd *c)
{
	c->silent_fd = mem_array(c->silent, sizeof(*c->silent_fd));
	for (size_t i = 0; i < c->silent; i++)
		c->silent_fd[i] = open_connection(c, c->n + i);
}

/* How many does the server still hold open? */
static size_t
still_silent(const struct crowd *c)
{
	size_t open = 0;

	for (size_t i = 0; i < c->silent; i++) {
		struct pollfd p = { .fd = c->silent_fd[i],
			.events = POLLIN | POLLOUT };

		if (poll(&p, 1, 0) == 1 && p.revents == POLLOUT)
			open++;
	}
	return open;
}

static int
by_size(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static double
percentile(const struct crowd *c, double part)
{
	if (c->served == 0)
		return 0;
	return c->took[(size_t)((double)(c->served - 1) * part)];
}

static void
report(struct crowd *c, double wall)
{
	struct rusage used = { .ru_maxrss = 0 };
	char text[2 * MESSAGE_MAX + 1];
	double cpu;

	qsort(c->took, c->served, sizeof(*c->took), by_size);
	(void)getrusage(RUSAGE_SELF, &used);
	cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	str_hex(text, c->answer, c->answer_len);
	(void)printf("{\"phones\": %zu, \"at_once\": %zu, \"served\": %zu, "
		     "\"lost\": %zu, \"wrong\": %zu, \"failed\": %zu, "
		     "\"resumed\": %zu, \"silent\": %zu, ",
	    c->n, c->at_once, c->served, c->lost, c->wrong, c->failed,
	    c->resumed, still_silent(c));
	(void)printf("\"wall_s\": %.4f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
		     "\"worst_ms\": %.3f, \"client_cpu_s\": %.4f, "
		     "\"answer\": \"%s\"}\n",
	    wall, percentile(c, 0.5), percentile(c, 0.99), percentile(c, 1),
	    cpu, text);
}

static _Noreturn void
usage(void)
{
	(void)fprintf(stderr,
	    "usage: bench-tvs [-n phones] [-k at once] [-v 1.2|1.3] [-s]\n"
	    "    [-i silent] [-t seconds] certificate address port\n");
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
load_certificate(struct crowd *c, const char *path)
{
	uint8_t *out = c->certificate;
	FILE *f = fopen(path, "r");
	X509 *x = f == NULL ? NULL : PEM_read_X509(f, NULL, NULL, NULL);
	int len = x == NULL ? -1 : i2d_X509(x, NULL);

	if (len <= 0 || len > CERTIFICATE_MAX) {
		(void)fprintf(stderr, "bench-tvs: %s: no certificate\n", path);
		exit(1);
	}
	c->certificate_len = (size_t)i2d_X509(x, &out);
	X509_free(x);
	(void)fclose(f);
}

/* As phones of today: one version, X25519, no question about the server. */
static SSL_CTX *
make_context(const char *version)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	int v = TLS1_3_VERSION;

	if (str_equal(version, "1.2"))
		v = TLS1_2_VERSION;
	else if (!str_equal(version, "1.3"))
		usage();
	if (ctx == NULL || SSL_CTX_set_min_proto_version(ctx, v) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, v) != 1 ||
	    SSL_CTX_set1_groups_list(ctx, "X25519") != 1)
		fail("no TLS");
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_session_cache_mode(ctx,
	    SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, keep_session);
	return ctx;
}

static void
parse(struct crowd *c, int argc, char **argv)
{
	const char *version = "1.3";
	int o;

	while ((o = getopt(argc, argv, "n:k:v:si:t:")) != -1) {
		if (o == 'n')
			c->n = number(optarg, 1000000);
		else if (o == 'k')
			c->at_once = number(optarg, 1000000);
		else if (o == 'v')
			version = optarg;
		else if (o == 's')
			c->resume = true;
		else if (o == 'i')
			c->silent = number(optarg, 1000000);
		else if (o == 't')
			c->limit = (double)number(optarg, 86400);
		else
			usage();
	}
	if (argc - optind != 3)
		usage();
	argv += optind;
	load_certificate(c, argv[0]);
	c->server.sin_family = AF_INET;
	c->server.sin_port = htons((uint16_t)number(argv[2], 65535));
	if (inet_pton(AF_INET, argv[1], &c->server.sin_addr) != 1)
		usage();
	c->ctx = make_context(version);
}

static void
release(struct crowd *c)
{
	for (size_t i = 0; i < c->silent; i++)
		(void)close(c->silent_fd[i]);
	free(c->silent_fd);
	free(c->took);
	free(c->phone);
	free(c->answer);
	SSL_SESSION_free(c->session);
	SSL_CTX_free(c->ctx);
	(void)close(c->epoll);
}

int
main(int argc, char **argv)
{
	struct crowd c = { .n = 1, .at_once = 1, .limit = 30 };
	struct rlimit limit;
	double began;

	parse(&c, argc, argv);
	(void)signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	TAILQ_INIT(&c.present);
	c.took = mem_array(c.n, sizeof(*c.took));
	c.phone = mem_array(c.at_once, sizeof(*c.phone));
	c.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (c.epoll == -1)
		die("epoll");
	open_silent(&c);
	warm_up(&c); /* after the silent ones: all of them are accepted */
	began = seconds();
	run(&c);
	report(&c, seconds() - began);
	release(&c);
	return 0;
}
