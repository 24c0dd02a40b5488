#include "services/tftp_transfer.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "tests/fakes/testing.h"
#include "tests/fakes/tftp_client.h"

#define RESEND_MS 30
#define RESENDS 5
#define SIZE 2000 /* of the file: three blocks of 512, one of 464 */

struct fixture {
	char *dir;
	struct tftp_files *files;
	struct event_base *base;
	struct tftp_client client;
	struct tftp_transfer *transfer; /* NULL when it is over */
	unsigned over; /* how often done was called */
	char text[SIZE + 1];
};

static void
pump(void *self)
{
	struct fixture *f = self;

	(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
}

static void
on_done(void *self, struct tftp_transfer *t)
{
	struct fixture *f = self;

	assert_ptr_equal(t, f->transfer);
	tftp_transfer_free(t);
	f->transfer = NULL;
	f->over++;
}

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	struct err e = ERR_INIT;
	size_t i;

	f->dir = testing_dir();
	for (i = 0; i < SIZE; i++)
		f->text[i] = (char)('a' + i * 7 % 26);
	testing_write(f->dir, "x.txt", f->text);
	f->files = tftp_files_new(f->dir, &e);
	assert_non_null(f->files);
	f->base = event_base_new();
	assert_non_null(f->base);
	tftp_client_open(&f->client, 9, pump, f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tftp_transfer_free(f->transfer);
	tftp_client_close(&f->client);
	event_base_free(f->base);
	tftp_files_free(f->files);
	testing_dir_remove(f->dir);
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

static struct tftp_message
request_for(struct tftp_options options)
{
	struct tftp_message m = { .op = TFTP_RRQ, .options = options };

	(void)str_copy(m.name, sizeof(m.name), "x.txt");
	return m;
}

static void
start(struct fixture *f, const struct tftp_message *request)
{
	struct tftp_transfer_spec spec = { .base = f->base,
		.peer = address_of(&f->client),
		.resend_ms = RESEND_MS,
		.resends = RESENDS,
		.done = on_done,
		.self = f };
	struct tftp_file *file = NULL;
	struct err e = ERR_INIT;

	spec.address.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(tftp_files_lookup(f->files, "x.txt", &file, &e), 0);
	f->transfer = tftp_transfer_start(&spec, request, file, &e);
	assert_non_null(f->transfer);
}

static void
start_plain(struct fixture *f)
{
	const struct tftp_options none = { 0, 0, false };
	struct tftp_message m = request_for(none);

	start(f, &m);
}

/* Wait for a block; what was sent again before it is passed over. */
static void
expect_block(struct fixture *f, unsigned block)
{
	size_t off = (size_t)(block - 1) * 512;
	size_t len = SIZE - off < 512 ? SIZE - off : 512;

	do {
		assert_true(tftp_client_receive(&f->client, 2000));
	} while (tftp_client_u16(&f->client, 0) == 6 ||
	    tftp_client_u16(&f->client, 2) < block);
	assert_int_equal(tftp_client_u16(&f->client, 0), 3);
	assert_int_equal(tftp_client_u16(&f->client, 2), block);
	assert_int_equal(f->client.len, 4 + len);
	assert_memory_equal(f->client.packet + 4, f->text + off, len);
}

static void
expect_error(struct tftp_client *c, unsigned code)
{
	do {
		assert_true(tftp_client_receive(c, 2000));
	} while (tftp_client_u16(c, 0) == 3);
	assert_int_equal(tftp_client_u16(c, 0), 5);
	assert_int_equal(tftp_client_u16(c, 2), code);
	assert_int_equal(c->packet[c->len - 1], '\0');
}

/* Nothing more comes, after what is under way. */
static void
expect_silence(struct fixture *f)
{
	do {
		(void)poll(NULL, 0, 1);
	} while (tftp_client_receive(&f->client, 0));
	assert_false(tftp_client_receive(&f->client, 2 * RESEND_MS));
}

static void
expect_over(struct fixture *f)
{
	int64_t deadline = clock_ticks() + 2000;

	while (f->transfer != NULL && clock_ticks() < deadline) {
		pump(f);
		(void)poll(NULL, 0, 1);
	}
	assert_null(f->transfer);
	assert_int_equal(f->over, 1);
}

static void
test_in_order(void **state)
{
	struct fixture *f = *state;
	unsigned block;

	start_plain(f);
	for (block = 1; block <= 4; block++) {
		expect_block(f, block);
		assert_int_equal(f->over, 0);
		tftp_client_ack(&f->client, block);
	}
	expect_over(f);
	expect_silence(f);
}

static void
test_oack(void **state)
{
	const struct tftp_options options = { 1428, 7, true };
	struct tftp_message m = request_for(options);
	static const char oack[] =
	    "\0\6blksize\0001428\0timeout\0007\0tsize\0002000";
	struct fixture *f = *state;

	start(f, &m);
	assert_true(tftp_client_receive(&f->client, 2000));
	assert_int_equal(f->client.len, sizeof(oack));
	assert_memory_equal(f->client.packet, oack, sizeof(oack));
	/* An acknowledgement of a block that was not sent moves nothing. */
	tftp_client_ack(&f->client, 1);
	assert_false(tftp_client_receive(&f->client, 20));
	tftp_client_ack(&f->client, 0);
	assert_true(tftp_client_receive(&f->client, 2000));
	assert_int_equal(f->client.len, 4 + 1428);
	tftp_client_ack(&f->client, 1);
	assert_true(tftp_client_receive(&f->client, 2000));
	assert_int_equal(f->client.len, 4 + SIZE - 1428);
	/* With a timeout of seven seconds nothing comes again soon. */
	assert_false(tftp_client_receive(&f->client, 4 * RESEND_MS));
	tftp_client_ack(&f->client, 2);
	expect_over(f);
}

static void
test_oack_is_resent(void **state)
{
	const struct tftp_options options = { 0, 0, true };
	struct tftp_message m = request_for(options);
	struct fixture *f = *state;

	start(f, &m);
	assert_true(tftp_client_receive(&f->client, 2000));
	assert_true(tftp_client_receive(&f->client, 2000));
	assert_int_equal(tftp_client_u16(&f->client, 0), 6);
	tftp_client_ack(&f->client, 0);
	expect_block(f, 1);
}

static void
test_timeout_option(void **state)
{
	const struct tftp_options options = { 0, 1, false };
	struct tftp_message m = request_for(options);
	struct fixture *f = *state;
	int64_t sent;

	start(f, &m);
	sent = clock_ticks();
	assert_true(tftp_client_receive(&f->client, 10000));
	assert_true(tftp_client_receive(&f->client, 10000));
	assert_in_range(clock_ticks() - sent, 900, 9000);
}

/* Data that is lost comes again; the transfer ends whole. */
static void
test_lost_data(void **state)
{
	struct fixture *f = *state;

	start_plain(f);
	expect_block(f, 1);
	expect_block(f, 1);
	tftp_client_ack(&f->client, 1);
	expect_block(f, 2);
	tftp_client_ack(&f->client, 2);
	expect_block(f, 3);
	expect_block(f, 3);
	expect_block(f, 3);
	tftp_client_ack(&f->client, 3);
	expect_block(f, 4);
	expect_block(f, 4);
	tftp_client_ack(&f->client, 4);
	expect_over(f);
}

static void
test_gives_up(void **state)
{
	struct fixture *f = *state;
	int64_t begin = clock_ticks();
	int i;

	start_plain(f);
	expect_block(f, 1);
	tftp_client_ack(&f->client, 1);
	for (i = 0; i < 1 + RESENDS; i++)
		expect_block(f, 2);
	expect_over(f);
	expect_silence(f);
	assert_in_range(clock_ticks() - begin, RESEND_MS * (1 + RESENDS), 5000);
}

/*
 * Acknowledgements that come twice, late or from the future cause nothing:
 * each block is sent once.
 */
static void
test_no_apprentice(void **state)
{
	/* A clock that is too slow to matter here. */
	const struct tftp_options options = { 0, 60, false };
	struct tftp_message m = request_for(options);
	struct fixture *f = *state;

	start(f, &m);
	assert_true(tftp_client_receive(&f->client, 2000));
	tftp_client_ack(&f->client, 0);
	expect_block(f, 1);
	tftp_client_ack(&f->client, 1);
	tftp_client_ack(&f->client, 1);
	tftp_client_ack(&f->client, 1);
	expect_block(f, 2);
	assert_false(tftp_client_receive(&f->client, 20));
	tftp_client_ack(&f->client, 3);
	tftp_client_ack(&f->client, 4);
	tftp_client_ack(&f->client, 0);
	tftp_client_ack(&f->client, 65535);
	assert_false(tftp_client_receive(&f->client, 20));
	tftp_client_ack(&f->client, 2);
	tftp_client_ack(&f->client, 1);
	expect_block(f, 3);
	tftp_client_ack(&f->client, 2);
	tftp_client_ack(&f->client, 3);
	expect_block(f, 4);
	assert_false(tftp_client_receive(&f->client, 20));
	assert_int_equal(f->over, 0);
	tftp_client_ack(&f->client, 4);
	expect_over(f);
}

/* Duplicates do not push the next retransmission away either. */
static void
test_duplicates_do_not_delay(void **state)
{
	struct fixture *f = *state;
	int64_t begin;

	start_plain(f);
	expect_block(f, 1);
	tftp_client_ack(&f->client, 1);
	expect_block(f, 2);
	begin = clock_ticks();
	while (!tftp_client_receive(&f->client, 2)) {
		tftp_client_ack(&f->client, 1);
		assert_true(clock_ticks() - begin < 2000);
	}
	assert_int_equal(tftp_client_u16(&f->client, 2), 2);
	assert_true(clock_ticks() - begin < 1000);
}

static void
test_stranger(void **state)
{
	static const uint8_t error[] = { 0, 5, 0, 0, 'x', 0 };
	static const uint8_t rubbish[] = { 0xff };
	struct fixture *f = *state;
	struct tftp_client stranger;

	start_plain(f);
	expect_block(f, 1);
	tftp_client_open(&stranger, ntohs(f->client.from.sin_port), pump, f);
	tftp_client_ack(&stranger, 1);
	expect_error(&stranger, 5);
	assert_int_equal(stranger.from.sin_port, f->client.from.sin_port);
	tftp_client_send(&stranger, rubbish, sizeof(rubbish));
	expect_error(&stranger, 5);
	/* An error is never answered, and does not end another's transfer. */
	tftp_client_send(&stranger, error, sizeof(error));
	assert_false(tftp_client_receive(&stranger, 10));
	tftp_client_ack(&f->client, 1);
	expect_block(f, 2);
	tftp_client_close(&stranger);
}

static void
test_client_ends_it(void **state)
{
	static const uint8_t error[] = { 0, 5, 0, 8, 0 };
	struct fixture *f = *state;

	start_plain(f);
	expect_block(f, 1);
	tftp_client_answer(&f->client, error, sizeof(error));
	expect_over(f);
	expect_silence(f);
}

static void
test_illegal_from_client(void **state)
{
	static const uint8_t empty[1] = { 0 };
	static const uint8_t cut[] = { 0, 4, 0 };
	static const uint8_t data[] = { 0, 3, 0, 1, 'x' };
	struct fixture *f = *state;

	start_plain(f);
	expect_block(f, 1);
	/* What is no message counts as lost. */
	tftp_client_answer(&f->client, empty, 0);
	tftp_client_answer(&f->client, empty, 1);
	tftp_client_answer(&f->client, cut, sizeof(cut));
	expect_block(f, 1);
	tftp_client_answer(&f->client, data, sizeof(data));
	expect_error(&f->client, 4);
	expect_over(f);
}

static void
test_repeats(void **state)
{
	const struct tftp_options none = { 0, 0, false };
	struct fixture *f = *state;
	struct sockaddr_in peer = address_of(&f->client), other = peer;
	struct tftp_message m = request_for(none), changed = m;

	start_plain(f);
	assert_true(tftp_same_peer(tftp_transfer_peer(f->transfer), &peer));
	assert_true(tftp_transfer_repeats(f->transfer, &peer, &m));
	other.sin_port = (in_port_t)(other.sin_port ^ 1);
	assert_false(tftp_transfer_repeats(f->transfer, &other, &m));
	(void)str_copy(changed.name, sizeof(changed.name), "y.txt");
	assert_false(tftp_transfer_repeats(f->transfer, &peer, &changed));
	changed = m;
	changed.options.blksize = 8;
	assert_false(tftp_transfer_repeats(f->transfer, &peer, &changed));
	changed = m;
	changed.mode = TFTP_NETASCII;
	assert_false(tftp_transfer_repeats(f->transfer, &peer, &changed));
	expect_block(f, 1);
	tftp_transfer_resend(f->transfer);
	expect_block(f, 1);
	tftp_client_ack(&f->client, 1);
	expect_block(f, 2);
	assert_false(tftp_transfer_repeats(f->transfer, &peer, &m));
}

/* A node address that is not ours: no socket, and the file is not taken. */
static void
test_no_socket(void **state)
{
	struct fixture *f = *state;
	struct tftp_transfer_spec spec = { .base = f->base, .done = on_done };
	const struct tftp_options none = { 0, 0, false };
	struct tftp_message m = request_for(none);
	struct tftp_file *file = NULL;
	struct err e = ERR_INIT;

	assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &spec.address), 1);
	assert_int_equal(tftp_files_lookup(f->files, "x.txt", &file, &e), 0);
	assert_null(tftp_transfer_start(&spec, &m, file, &e));
	assert_non_null(strstr(e.msg, "192.0.2.1"));
	tftp_file_release(file);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_in_order),
		TEST(test_oack),
		TEST(test_oack_is_resent),
		TEST(test_timeout_option),
		TEST(test_lost_data),
		TEST(test_gives_up),
		TEST(test_no_apprentice),
		TEST(test_duplicates_do_not_delay),
		TEST(test_stranger),
		TEST(test_client_ends_it),
		TEST(test_illegal_from_client),
		TEST(test_repeats),
		TEST(test_no_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
