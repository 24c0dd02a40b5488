#include "services/tftp_socket.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/mem.h"

#define WAIT_MS 20000
#define SMALL_BUFFER 4096
#define FLOOD 300 /* datagrams, more than a small buffer holds */

struct fixture {
	struct event_base *base;
	struct tftp_batch *batch;
	struct tftp_socket *socket;
	int fd; /* another one, connected to it */
	struct sockaddr_in address; /* of that one */
	size_t taken; /* datagrams */
	size_t bytes;
	size_t last_len;
	uint8_t first; /* byte of the last */
	size_t flushed;
};

static void
take(void *self, const struct sockaddr_in *from, const uint8_t *packet,
    size_t len)
{
	struct fixture *f = self;

	assert_int_equal(from->sin_port, f->address.sin_port);
	assert_int_equal(from->sin_addr.s_addr, f->address.sin_addr.s_addr);
	f->taken++;
	f->bytes += len;
	f->last_len = len;
	f->first = len == 0 ? 0 : packet[0];
}

static void
flush(void *self)
{
	struct fixture *f = self;

	f->flushed++;
}

static struct tftp_socket_config
config_of(struct fixture *f)
{
	const struct tftp_socket_config config = { .address = { htonl(
						       INADDR_LOOPBACK) },
		.receive_buffer = 65536,
		.send_buffer = 65536,
		.batches = 1,
		.batch = f->batch,
		.take = take,
		.flush = flush,
		.self = f };

	return config;
}

static void
open_socket(struct fixture *f, const struct tftp_socket_config *config)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(f->address);

	f->socket = tftp_socket_open(f->base, config, NULL);
	assert_non_null(f->socket);
	to.sin_port = htons(tftp_socket_port(f->socket));
	f->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(f->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(getsockname(f->fd, (struct sockaddr *)&f->address,
			     &len),
	    0);
}

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	struct tftp_socket_config config;

	f->base = event_base_new();
	assert_non_null(f->base);
	f->batch = tftp_batch_new();
	config = config_of(f);
	open_socket(f, &config);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	(void)close(f->fd);
	tftp_socket_close(f->socket);
	tftp_batch_free(f->batch);
	event_base_free(f->base);
	free(f);
	return 0;
}

static void
wait_for(struct fixture *f, const size_t *count, size_t n)
{
	int64_t deadline = clock_ticks() + WAIT_MS;

	while (*count < n && clock_ticks() < deadline) {
		(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
	}
	assert_true(*count >= n);
}

static void
test_receive(void **state)
{
	static const uint8_t packet[3000] = { 7 };
	struct fixture *f = *state;

	assert_int_equal(send(f->fd, packet, 100, 0), 100);
	wait_for(f, &f->taken, 1);
	assert_int_equal(f->last_len, 100);
	assert_int_equal(f->first, 7);
	assert_int_equal(f->flushed, 1);
	assert_int_equal(send(f->fd, packet, 0, 0), 0);
	wait_for(f, &f->taken, 2);
	assert_int_equal(f->last_len, 0);
	/* A longer one can be told from the longest that is allowed. */
	assert_int_equal(send(f->fd, packet, sizeof(packet), 0),
	    sizeof(packet));
	wait_for(f, &f->taken, 3);
	assert_int_equal(f->last_len, TFTP_REQUEST_MAX + 1);
}

/* More than a batch: the rest comes in the next turn. */
static void
test_turns(void **state)
{
	struct fixture *f = *state;
	int i;

	for (i = 0; i < TFTP_BATCH + 3; i++)
		assert_int_equal(send(f->fd, "x", 1, 0), 1);
	(void)event_base_loop(f->base, EVLOOP_ONCE);
	assert_int_equal(f->taken, TFTP_BATCH);
	assert_int_equal(f->flushed, 1);
	wait_for(f, &f->taken, TFTP_BATCH + 3);
}

static void
test_send(void **state)
{
	struct tftp_datagram d[TFTP_BATCH];
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < TFTP_BATCH; i++) {
		d[i].to = f->address;
		d[i].head[0] = (uint8_t)i;
		d[i].head_len = 1;
		d[i].payload = (const uint8_t *)"payload";
		d[i].payload_len = i % 8;
	}
	assert_int_equal(tftp_socket_send(f->socket, d, TFTP_BATCH),
	    TFTP_BATCH);
	for (i = 0; i < TFTP_BATCH; i++) {
		uint8_t got[16];

		assert_int_equal(recv(f->fd, got, sizeof(got), 0), 1 + i % 8);
		assert_int_equal(got[0], i);
		assert_memory_equal(got + 1, "payload", i % 8);
	}
	assert_int_equal(tftp_socket_send(f->socket, d, 0), 0);
}

/* What cannot be sent is as good as lost, and keeps back nothing else. */
static void
test_send_to_nowhere(void **state)
{
	struct tftp_datagram d[3] = { { .head_len = 1 } };
	struct fixture *f = *state;
	uint8_t got[16];

	d[0].to = d[1].to = d[2].to = f->address;
	d[1].head_len = d[2].head_len = 1;
	d[0].to.sin_port = 0;
	d[1].to.sin_family = AF_UNIX;
	assert_int_equal(tftp_socket_send(f->socket, d, 3), 3);
	assert_int_equal(recv(f->fd, got, sizeof(got), 0), 1);
	assert_int_equal(recv(f->fd, got, sizeof(got), 0), -1);
}

/* The kernel counts what it had no room for. */
static void
test_dropped(void **state)
{
	struct fixture *f = *state;
	struct tftp_socket_config config = config_of(f);
	int i;

	assert_int_equal(tftp_socket_dropped(f->socket), 0);
	assert_true(tftp_socket_receive_buffer(f->socket) >= 65536);
	(void)close(f->fd);
	tftp_socket_close(f->socket);
	config.receive_buffer = SMALL_BUFFER;
	open_socket(f, &config);
	for (i = 0; i < FLOOD; i++)
		(void)send(f->fd, "x", 1, 0);
	(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
	assert_in_range(f->taken, 1, FLOOD - 1);
	assert_int_equal(tftp_socket_dropped(f->socket), FLOOD - f->taken);
}

static void
test_cannot_open(void **state)
{
	struct fixture *f = *state;
	struct tftp_socket_config config = config_of(f);
	struct rlimit limit, none;
	struct err e = ERR_INIT;

	config.port = tftp_socket_port(f->socket);
	assert_null(tftp_socket_open(f->base, &config, &e));
	assert_non_null(strstr(e.msg, "UDP 127.0.0.1 port"));
	config.port = 0;
	assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &config.address), 1);
	assert_null(tftp_socket_open(f->base, &config, &e));
	assert_non_null(strstr(e.msg, "192.0.2.1"));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_null(tftp_socket_open(f->base, &config, &e));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_non_null(strstr(e.msg, "socket"));
	tftp_socket_close(NULL);
	tftp_batch_free(NULL);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_receive),
		TEST(test_turns),
		TEST(test_send),
		TEST(test_send_to_nowhere),
		TEST(test_dropped),
		TEST(test_cannot_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
