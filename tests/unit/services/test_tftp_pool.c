/* sendmmsg(), which stands in for the kernel's here. */
#define _GNU_SOURCE

#include "services/tftp_pool.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
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
#include "base/str.h"
#include "tests/fakes/tftp_client.h"

#define RESEND_MS 30L
#define RESENDS 5
#define MAX_TRANSFERS 100
#define SIZE 2000 /* of the file: three blocks of 512, one of 464 */
#define PLENTY SIZE_MAX

struct fixture {
	struct event_base *base;
	struct tftp_batch *batch;
	struct tftp_server_counters counters;
	struct tftp_pool *pool;
	struct tftp_client client;
	uint8_t bytes[SIZE];
};

/* How many datagrams the kernel has room for; a test may take it away. */
static size_t room = PLENTY;

int
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
sendmmsg(int fd, struct mmsghdr *msg, unsigned n, int flags)
{
	unsigned i;

	for (i = 0; i < n && room > 0; i++) {
		ssize_t sent = sendmsg(fd, &msg[i].msg_hdr, flags);

		if (sent == -1)
			break;
		msg[i].msg_len = (unsigned)sent;
		room -= room == PLENTY ? 0 : 1;
	}
	if (i == 0 && room == 0)
		errno = EAGAIN;
	return i == 0 ? -1 : (int)i;
}

static void
pump(void *self)
{
	struct fixture *f = self;

	/* once: a socket that is always writable would keep it for ever */
	(void)event_base_loop(f->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void
open_pool(struct fixture *f, size_t max_transfers, unsigned linger_ms)
{
	const struct tftp_pool_config config = { .address = { htonl(
						     INADDR_LOOPBACK) },
		.max_transfers = max_transfers,
		.resend_ms = RESEND_MS,
		.resends = RESENDS,
		.linger_ms = linger_ms,
		.batch = f->batch,
		.counters = &f->counters };

	f->pool = tftp_pool_new(f->base, &config, NULL);
	assert_non_null(f->pool);
}

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	size_t i;

	for (i = 0; i < SIZE; i++)
		f->bytes[i] = (uint8_t)('a' + i * 7 % 26);
	f->base = event_base_new();
	assert_non_null(f->base);
	f->batch = tftp_batch_new();
	open_pool(f, MAX_TRANSFERS, 0);
	tftp_client_open(&f->client, 9, pump, f);
	room = PLENTY;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tftp_client_close(&f->client);
	tftp_pool_free(f->pool);
	tftp_batch_free(f->batch);
	event_base_free(f->base);
	free(f);
	return 0;
}

static struct sockaddr_in
address_of(const struct tftp_client *c)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	assert_int_equal(getsockname(c->fd, (struct sockaddr *)&sin, &len), 0);
	return sin;
}

static enum tftp_room
try_start(struct fixture *f, const struct tftp_client *c,
    struct tftp_options options)
{
	struct tftp_message m = { .op = TFTP_RRQ, .options = options };
	struct sockaddr_in peer = address_of(c);
	enum tftp_room answer;

	(void)str_copy(m.name, sizeof(m.name), "x.txt");
	answer = tftp_pool_start(f->pool, &peer, &m,
	    tftp_file_new(mem_dup(f->bytes, SIZE), SIZE));
	tftp_pool_send(f->pool);
	return answer;
}

static void
start(struct fixture *f, uint8_t timeout)
{
	const struct tftp_options options = { 0, timeout, false, 0 };

	assert_int_equal(try_start(f, &f->client, options), TFTP_ROOM);
}

/* Wait for a block; what was sent again before it is passed over. */
static void
expect_block(struct fixture *f, struct tftp_client *c, unsigned block)
{
	size_t off = (size_t)(block - 1) * 512;
	size_t len = SIZE - off < 512 ? SIZE - off : 512;

	do {
		assert_true(tftp_client_receive(c, TFTP_CLIENT_WAIT_MS));
	} while (tftp_client_u16(c, 0) == 6 || tftp_client_u16(c, 2) < block);
	assert_int_equal(tftp_client_u16(c, 0), 3);
	assert_int_equal(tftp_client_u16(c, 2), block);
	assert_int_equal(c->len, 4 + len);
	assert_memory_equal(c->packet + 4, f->bytes + off, len);
}

static void
expect_error(struct tftp_client *c, unsigned code)
{
	do {
		assert_true(tftp_client_receive(c, TFTP_CLIENT_WAIT_MS));
	} while (tftp_client_u16(c, 0) != 5);
	assert_int_equal(tftp_client_u16(c, 2), code);
	assert_int_equal(c->packet[c->len - 1], '\0');
}

static void
expect_transfers(struct fixture *f, size_t n)
{
	int64_t deadline = clock_ticks() + TFTP_CLIENT_WAIT_MS;

	while (tftp_pool_transfers(f->pool) != n && clock_ticks() < deadline) {
		pump(f);
		(void)poll(NULL, 0, 1);
	}
	assert_int_equal(tftp_pool_transfers(f->pool), n);
}

/* Nothing more comes, after what is under way. */
static void
expect_silence(struct tftp_client *c)
{
	do {
		(void)poll(NULL, 0, 1);
	} while (tftp_client_receive(c, 0));
	assert_false(tftp_client_receive(c, 2 * RESEND_MS));
}

static void
test_whole_file(void **state)
{
	struct fixture *f = *state;
	unsigned block;

	start(f, 0);
	assert_int_equal(tftp_pool_transfers(f->pool), 1);
	for (block = 1; block <= 4; block++) {
		expect_block(f, &f->client, block);
		tftp_client_ack(&f->client, block);
	}
	expect_transfers(f, 0);
	expect_silence(&f->client);
	assert_int_equal(f->counters.transfers, 1);
	assert_int_equal(f->counters.completed, 1);
	assert_int_equal(f->counters.blocks, 4 + f->counters.blocks_resent);
	assert_int_equal(tftp_pool_most(f->pool), 1);
	assert_int_equal(tftp_pool_dropped(f->pool), 0);
}

/* What is lost comes again; the transfer ends whole. */
static void
test_lost_data(void **state)
{
	struct fixture *f = *state;
	unsigned block;

	start(f, 0);
	for (block = 1; block <= 4; block++) {
		expect_block(f, &f->client, block);
		expect_block(f, &f->client, block);
		tftp_client_ack(&f->client, block);
	}
	expect_transfers(f, 0);
	assert_true(f->counters.blocks_resent >= 4);
}

/* A window goes out at once, and the rest of it when a block was lost. */
static void
test_window(void **state)
{
	const struct tftp_options options = { 0, 30, false, 3 };
	struct fixture *f = *state;
	unsigned block;

	assert_int_equal(try_start(f, &f->client, options), TFTP_ROOM);
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	tftp_client_ack(&f->client, 0);
	for (block = 1; block <= 3; block++)
		expect_block(f, &f->client, block);
	expect_silence(&f->client);
	tftp_client_ack(&f->client, 1);
	for (block = 2; block <= 4; block++)
		expect_block(f, &f->client, block);
	tftp_client_ack(&f->client, 4);
	expect_transfers(f, 0);
	assert_int_equal(f->counters.blocks_resent, 2);
}

static void
test_timeout_option(void **state)
{
	struct fixture *f = *state;
	int64_t sent;

	start(f, 1);
	sent = clock_ticks();
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_true(clock_ticks() - sent >= 1000);
}

static void
test_gives_up(void **state)
{
	struct fixture *f = *state;
	int64_t begin = clock_ticks();
	int i;

	start(f, 0);
	expect_block(f, &f->client, 1);
	tftp_client_ack(&f->client, 1);
	for (i = 0; i < 1 + RESENDS; i++)
		expect_block(f, &f->client, 2);
	expect_transfers(f, 0);
	assert_true(clock_ticks() - begin >= RESEND_MS * (1 + RESENDS));
	assert_int_equal(f->counters.given_up, 1);
	expect_silence(&f->client);
	/* An answer that comes now is too late, and no stranger's. */
	tftp_client_ack(&f->client, 2);
	expect_silence(&f->client);
	assert_int_equal(f->counters.strangers, 0);
}

/* Duplicates do not push the next sending away. */
static void
test_duplicates_do_not_delay(void **state)
{
	struct fixture *f = *state;
	int64_t begin;

	start(f, 0);
	expect_block(f, &f->client, 1);
	tftp_client_ack(&f->client, 1);
	expect_block(f, &f->client, 2);
	begin = clock_ticks();
	while (!tftp_client_receive(&f->client, 2)) {
		tftp_client_ack(&f->client, 1);
		assert_true(clock_ticks() - begin < TFTP_CLIENT_WAIT_MS);
	}
	assert_int_equal(tftp_client_u16(&f->client, 2), 2);
}

static void
test_stranger(void **state)
{
	static const uint8_t error[] = { 0, 5, 0, 0, 'x', 0 };
	static const uint8_t rubbish[] = { 0xff };
	struct fixture *f = *state;
	struct tftp_client stranger;

	start(f, 30);
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	tftp_client_open(&stranger, ntohs(f->client.from.sin_port), pump, f);
	tftp_client_ack(&stranger, 0);
	expect_error(&stranger, 5);
	assert_int_equal(stranger.from.sin_port, f->client.from.sin_port);
	tftp_client_send(&stranger, rubbish, sizeof(rubbish));
	expect_error(&stranger, 5);
	/* An error is never answered, and does not end another's transfer. */
	tftp_client_send(&stranger, error, sizeof(error));
	expect_silence(&stranger);
	assert_int_equal(f->counters.strangers, 3);
	tftp_client_ack(&f->client, 0);
	expect_block(f, &f->client, 1);
	tftp_client_close(&stranger);
}

static void
test_client_ends_it(void **state)
{
	static const uint8_t error[] = { 0, 5, 0, 8, 0 };
	struct fixture *f = *state;

	start(f, 0);
	expect_block(f, &f->client, 1);
	tftp_client_answer(&f->client, error, sizeof(error));
	expect_transfers(f, 0);
	expect_silence(&f->client);
	assert_int_equal(f->counters.failed, 1);
}

static void
test_illegal_from_client(void **state)
{
	static const uint8_t empty[1] = { 0 };
	static const uint8_t cut[] = { 0, 4, 0 };
	static const uint8_t data[] = { 0, 3, 0, 1, 'x' };
	struct fixture *f = *state;

	start(f, 0);
	expect_block(f, &f->client, 1);
	/* What is no message counts as lost. */
	tftp_client_answer(&f->client, empty, 0);
	tftp_client_answer(&f->client, empty, 1);
	tftp_client_answer(&f->client, cut, sizeof(cut));
	expect_block(f, &f->client, 1);
	tftp_client_answer(&f->client, data, sizeof(data));
	expect_error(&f->client, 4);
	expect_transfers(f, 0);
	assert_int_equal(f->counters.failed, 1);
}

/*
 * A request that crossed its answer is not answered twice; one that comes
 * again because the answer was lost is, and moves its next sending away.
 */
static void
test_answer_again(void **state)
{
	struct tftp_message m = { .op = TFTP_RRQ,
		.options = { 0, 8, false, 0 } };
	struct fixture *f = *state;
	struct sockaddr_in peer = address_of(&f->client), other = peer;
	int64_t begin;

	(void)str_copy(m.name, sizeof(m.name), "x.txt");
	other.sin_port = (in_port_t)(other.sin_port ^ 1);
	assert_false(tftp_pool_answer_again(f->pool, &peer, &m));
	begin = clock_ticks();
	start(f, 8);
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_false(tftp_pool_answer_again(f->pool, &other, &m));
	do {
		assert_true(tftp_pool_answer_again(f->pool, &peer, &m));
		tftp_pool_send(f->pool);
	} while (!tftp_client_receive(&f->client, 10));
	assert_int_equal(tftp_client_u16(&f->client, 0), 6);
	assert_true(clock_ticks() - begin >= 1000);
	tftp_client_ack(&f->client, 0);
	expect_block(f, &f->client, 1);
	assert_false(tftp_pool_answer_again(f->pool, &peer, &m));
	assert_true(f->counters.blocks_resent >= 1);
}

/*
 * The machine was too busy to read an answer in time: that does not make
 * the client late.
 */
static void
test_answer_not_read_yet(void **state)
{
	struct fixture *f = *state;
	uint64_t before;
	int64_t end;
	int i;

	start(f, 2);
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	/* So many before it that it is not read in the first turn. */
	for (i = 0; i < 3 * TFTP_BATCH; i++)
		tftp_client_ack(&f->client, 9);
	tftp_client_ack(&f->client, 0);
	before = f->counters.blocks_resent;
	end = clock_ticks() + 2100;
	while (clock_ticks() < end)
		(void)poll(NULL, 0, 10);
	expect_block(f, &f->client, 1);
	assert_int_equal(f->counters.blocks_resent, before);
}

/*
 * A client that has one port for all of its transfers gets another one of
 * ours each time, and as many at once as there are.
 */
static void
test_one_peer(void **state)
{
	static const uint8_t error[] = { 0, 5, 0, 0, 0 };
	const struct tftp_options options = { 0, 30, false, 0 };
	struct fixture *f = *state;
	struct sockaddr_in port[TFTP_POOL_SOCKETS];
	size_t i, j;

	for (i = 0; i < TFTP_POOL_SOCKETS; i++) {
		start(f, 30);
		assert_true(
		    tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
		port[i] = f->client.from;
		for (j = 0; j < i; j++)
			assert_int_not_equal(port[i].sin_port,
			    port[j].sin_port);
	}
	assert_int_equal(try_start(f, &f->client, options), TFTP_ROOM_HOGGED);
	assert_int_equal(tftp_pool_transfers(f->pool), TFTP_POOL_SOCKETS);
	/* One is over: its port is the only one left, and is used again. */
	f->client.from = port[5];
	tftp_client_answer(&f->client, error, sizeof(error));
	expect_transfers(f, TFTP_POOL_SOCKETS - 1);
	start(f, 30);
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_int_equal(f->client.from.sin_port, port[5].sin_port);
}

/* One after another: a port comes back when all others have been used. */
static void
test_ports_in_turn(void **state)
{
	static const uint8_t error[] = { 0, 5, 0, 0, 0 };
	struct fixture *f = *state;
	struct sockaddr_in port[3 * TFTP_POOL_SOCKETS];
	size_t i, j;

	for (i = 0; i < sizeof(port) / sizeof(port[0]); i++) {
		start(f, 30);
		assert_true(
		    tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
		port[i] = f->client.from;
		for (j = 1; j <= i && j < TFTP_POOL_SOCKETS; j++)
			assert_int_not_equal(port[i].sin_port,
			    port[i - j].sin_port);
		/* What comes late from before is not taken for the new one. */
		if (i > 0) {
			f->client.from = port[i - 1];
			tftp_client_ack(&f->client, 0);
			pump(f);
		}
		f->client.from = port[i];
		tftp_client_answer(&f->client, error, sizeof(error));
		expect_transfers(f, 0);
	}
	assert_int_equal(f->counters.failed, i);
	assert_int_equal(f->counters.blocks, 0);
}

/* In the end nothing is left of a transfer; its client is a stranger. */
static void
test_forgotten(void **state)
{
	static const uint8_t error[] = { 0, 5, 0, 0, 0 };
	struct fixture *f = *state;
	int64_t deadline = clock_ticks() + TFTP_CLIENT_WAIT_MS;

	tftp_pool_free(f->pool);
	open_pool(f, MAX_TRANSFERS, 1);
	start(f, 30);
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	tftp_client_answer(&f->client, error, sizeof(error));
	expect_transfers(f, 0);
	while (f->counters.strangers == 0 && clock_ticks() < deadline) {
		tftp_client_ack(&f->client, 0);
		if (tftp_client_receive(&f->client, 5))
			assert_int_equal(tftp_client_u16(&f->client, 0), 5);
	}
	assert_true(f->counters.strangers > 0);
}

static void
test_full(void **state)
{
	const struct tftp_options options = { 0, 30, false, 0 };
	struct fixture *f = *state;
	struct tftp_client other;

	tftp_pool_free(f->pool);
	open_pool(f, 2, 0);
	tftp_client_open(&other, 9, pump, f);
	start(f, 30);
	assert_int_equal(try_start(f, &other, options), TFTP_ROOM);
	assert_int_equal(try_start(f, &other, options), TFTP_ROOM_FULL);
	assert_int_equal(f->counters.transfers, 2);
	tftp_client_close(&other);
}

/* The kernel has no room for all: the rest goes out when it has. */
static void
test_no_room_in_kernel(void **state)
{
	const struct tftp_options options = { 8, 30, false, 64 };
	struct fixture *f = *state;
	unsigned expected = 1;
	size_t got = 0;

	room = 0;
	assert_int_equal(try_start(f, &f->client, options), TFTP_ROOM);
	pump(f);
	assert_false(tftp_client_receive(&f->client, 5));
	room = 1;
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_int_equal(tftp_client_u16(&f->client, 0), 6);
	tftp_client_ack(&f->client, 0);
	while (got < SIZE) {
		if (room == 0)
			room = 7;
		assert_true(
		    tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
		assert_int_equal(tftp_client_u16(&f->client, 2), expected);
		assert_memory_equal(f->client.packet + 4, f->bytes + got,
		    f->client.len - 4);
		got += f->client.len - 4;
		if (expected % 64 == 0)
			tftp_client_ack(&f->client, expected);
		expected++;
	}
	room = PLENTY;
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_int_equal(f->client.len, 4);
	tftp_client_ack(&f->client, expected);
	expect_transfers(f, 0);
	assert_int_equal(f->counters.blocks_resent, 0);
}

static void
test_cannot_open(void **state)
{
	struct fixture *f = *state;
	struct tftp_pool_config config = { .resend_ms = 1000,
		.batch = f->batch,
		.counters = &f->counters };
	struct err e = ERR_INIT;

	assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &config.address), 1);
	assert_null(tftp_pool_new(f->base, &config, &e));
	assert_non_null(strstr(e.msg, "192.0.2.1"));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_whole_file),
		TEST(test_lost_data),
		TEST(test_window),
		TEST(test_timeout_option),
		TEST(test_gives_up),
		TEST(test_duplicates_do_not_delay),
		TEST(test_stranger),
		TEST(test_client_ends_it),
		TEST(test_illegal_from_client),
		TEST(test_answer_again),
		TEST(test_answer_not_read_yet),
		TEST(test_one_peer),
		TEST(test_ports_in_turn),
		TEST(test_forgotten),
		TEST(test_full),
		TEST(test_no_room_in_kernel),
		TEST(test_cannot_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
