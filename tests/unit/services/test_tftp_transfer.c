#include "services/tftp_transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"

#define SIZE 2000 /* of a file: three blocks of 512, one of 464 */

struct fixture {
	struct tftp_transfer *t;
	struct tftp_server_counters counters;
	uint8_t *bytes; /* of the file */
	size_t size;
};

static int
setup(void **state)
{
	*state = mem_alloc(sizeof(struct fixture));
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tftp_transfer_free(f->t);
	free(f->bytes);
	free(f);
	return 0;
}

static struct tftp_message
request_for(struct tftp_options options)
{
	struct tftp_message m = { .op = TFTP_RRQ, .options = options };

	(void)str_copy(m.name, sizeof(m.name), "x.txt");
	return m;
}

/* A transfer of size bytes, no two blocks of which are alike. */
static void
start(struct fixture *f, size_t size, struct tftp_options options)
{
	struct tftp_message m = request_for(options);
	uint32_t x = 12345;
	size_t i;

	f->bytes = mem_alloc(size + 1);
	f->size = size;
	for (i = 0; i < size; i++) {
		x = x * 1664525 + 1013904223;
		f->bytes[i] = (uint8_t)(x >> 24);
	}
	f->t =
	    tftp_transfer_new(&m, tftp_file_new(mem_dup(f->bytes, size), size));
}

static void
restart(struct fixture *f, struct tftp_options options)
{
	tftp_transfer_free(f->t);
	free(f->bytes);
	start(f, SIZE, options);
}

static void
start_plain(struct fixture *f)
{
	const struct tftp_options none = { 0, 0, false, 0 };

	start(f, SIZE, none);
}

static void
start_window(struct fixture *f, size_t size, uint16_t windowsize)
{
	const struct tftp_options options = { 0, 0, false, windowsize };

	start(f, size, options);
}

static enum tftp_progress
take(struct fixture *f, enum tftp_opcode op, unsigned block)
{
	const struct tftp_message m = { .op = op, .block = (uint16_t)block };

	return tftp_transfer_take(f->t, &m);
}

static enum tftp_progress
ack(struct fixture *f, uint64_t block)
{
	return take(f, TFTP_ACK, (unsigned)(block & 0xffff));
}

/* The blocks from first to last, of blksize bytes, are what is to be sent. */
static void
expect_blocks(struct fixture *f, uint64_t first, uint64_t last, size_t blksize)
{
	struct tftp_datagram d;
	uint64_t block;
	size_t i = 0;

	assert_int_equal(tftp_transfer_pending(f->t), last - first + 1);
	for (block = first; block <= last; block++, i++) {
		size_t off = (size_t)(block - 1) * blksize;
		size_t len = f->size - off < blksize ? f->size - off : blksize;

		tftp_transfer_datagram(f->t, i, &d);
		assert_int_equal(d.head_len, 4);
		assert_int_equal(d.head[0] << 8 | d.head[1], 3);
		assert_int_equal(d.head[2] << 8 | d.head[3], block & 0xffff);
		assert_int_equal(d.payload_len, len);
		assert_memory_equal(d.payload, f->bytes + off, len);
	}
	tftp_transfer_sent(f->t, i, &f->counters);
	assert_int_equal(tftp_transfer_pending(f->t), 0);
}

static void
expect_oack(struct fixture *f, const char *oack, size_t len)
{
	struct tftp_datagram d;

	assert_int_equal(tftp_transfer_pending(f->t), 1);
	tftp_transfer_datagram(f->t, 0, &d);
	assert_int_equal(d.head_len, len);
	assert_memory_equal(d.head, oack, len);
	assert_int_equal(d.payload_len, 0);
	tftp_transfer_sent(f->t, 1, &f->counters);
}

static void
test_in_order(void **state)
{
	struct fixture *f = *state;
	unsigned block;

	start_plain(f);
	for (block = 1; block <= 4; block++) {
		expect_blocks(f, block, block, 512);
		assert_int_equal(ack(f, block),
		    block == 4 ? TFTP_COMPLETE : TFTP_MOVES);
	}
	assert_int_equal(f->counters.blocks, 4);
	assert_int_equal(f->counters.bytes, SIZE);
	assert_int_equal(f->counters.blocks_resent, 0);
}

/* The last block is the first that is not full, be it empty. */
static void
test_sizes(void **state)
{
	static const size_t sizes[] = { 0, 1, 511, 512, 513, 1024 };
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct tftp_options none = { 0, 0, false, 0 };
		uint64_t block, last = sizes[i] / 512 + 1;

		start(f, sizes[i], none);
		for (block = 1; block <= last; block++) {
			expect_blocks(f, block, block, 512);
			assert_int_equal(ack(f, block),
			    block == last ? TFTP_COMPLETE : TFTP_MOVES);
		}
		tftp_transfer_free(f->t);
		f->t = NULL;
		free(f->bytes);
	}
	f->bytes = NULL;
}

static void
test_oack(void **state)
{
	const struct tftp_options options = { 1428, 7, true, 0 };
	static const char oack[] =
	    "\0\6blksize\0001428\0timeout\0007\0tsize\0002000";
	struct fixture *f = *state;

	start(f, SIZE, options);
	assert_int_equal(tftp_transfer_timeout(f->t), 7);
	/* Not even sent. */
	assert_int_equal(ack(f, 0), TFTP_STANDS);
	expect_oack(f, oack, sizeof(oack));
	/* An acknowledgement of a block that was not sent moves nothing. */
	assert_int_equal(ack(f, 1), TFTP_STANDS);
	tftp_transfer_again(f->t);
	expect_oack(f, oack, sizeof(oack));
	assert_int_equal(f->counters.blocks, 0);
	assert_int_equal(f->counters.blocks_resent, 1);
	assert_int_equal(ack(f, 0), TFTP_MOVES);
	expect_blocks(f, 1, 1, 1428);
	assert_int_equal(ack(f, 0), TFTP_STANDS);
	assert_int_equal(ack(f, 1), TFTP_MOVES);
	expect_blocks(f, 2, 2, 1428);
	assert_int_equal(ack(f, 2), TFTP_COMPLETE);
}

/*
 * Acknowledgements that come twice, late or from the future cause nothing:
 * each block is sent once.
 */
static void
test_no_apprentice(void **state)
{
	struct fixture *f = *state;

	start_plain(f);
	expect_blocks(f, 1, 1, 512);
	assert_int_equal(ack(f, 1), TFTP_MOVES);
	/* The next one is not sent yet. */
	assert_int_equal(ack(f, 1), TFTP_STANDS);
	assert_int_equal(ack(f, 2), TFTP_STANDS);
	expect_blocks(f, 2, 2, 512);
	assert_int_equal(ack(f, 1), TFTP_STANDS);
	assert_int_equal(ack(f, 3), TFTP_STANDS);
	assert_int_equal(ack(f, 0), TFTP_STANDS);
	assert_int_equal(ack(f, 65535), TFTP_STANDS);
	assert_int_equal(tftp_transfer_pending(f->t), 0);
	assert_int_equal(ack(f, 2), TFTP_MOVES);
	expect_blocks(f, 3, 3, 512);
	assert_int_equal(f->counters.blocks_resent, 0);
}

static void
test_again(void **state)
{
	struct fixture *f = *state;

	start_plain(f);
	tftp_transfer_again(f->t);
	expect_blocks(f, 1, 1, 512);
	tftp_transfer_again(f->t);
	tftp_transfer_again(f->t);
	expect_blocks(f, 1, 1, 512);
	assert_int_equal(f->counters.blocks_resent, 1);
	assert_int_equal(f->counters.blocks, 2);
	assert_int_equal(f->counters.bytes, 1024);
	/* The acknowledgement of the first is as good before the second. */
	tftp_transfer_again(f->t);
	assert_int_equal(ack(f, 1), TFTP_MOVES);
	expect_blocks(f, 2, 2, 512);
}

static void
test_client_ends_it(void **state)
{
	struct fixture *f = *state;

	start_plain(f);
	expect_blocks(f, 1, 1, 512);
	assert_int_equal(take(f, TFTP_ERROR, 0), TFTP_ENDED);
	assert_int_equal(take(f, TFTP_RRQ, 0), TFTP_ILLEGAL);
	assert_int_equal(take(f, TFTP_WRQ, 0), TFTP_ILLEGAL);
	assert_int_equal(take(f, TFTP_DATA, 1), TFTP_ILLEGAL);
	assert_int_equal(take(f, TFTP_OACK, 0), TFTP_ILLEGAL);
}

/* It would hold the transfer for too long after a client that vanishes. */
static void
test_long_timeout(void **state)
{
	const struct tftp_options longest = { 0, TFTP_TIMEOUT_MAX, false, 0 };
	const struct tftp_options longer = { 0, TFTP_TIMEOUT_MAX + 1, false,
		0 };
	const struct tftp_options among_others = { 1428, UINT8_MAX, true, 0 };
	static const char oack[] = "\0\6blksize\0001428\0tsize\0002000";
	struct fixture *f = *state;

	start(f, SIZE, longest);
	assert_int_equal(tftp_transfer_timeout(f->t), TFTP_TIMEOUT_MAX);
	restart(f, longer);
	assert_int_equal(tftp_transfer_timeout(f->t), 0);
	expect_blocks(f, 1, 1, 512);
	restart(f, among_others);
	assert_int_equal(tftp_transfer_timeout(f->t), 0);
	expect_oack(f, oack, sizeof(oack));
}

static void
test_repeats(void **state)
{
	const struct tftp_options none = { 0, 0, false, 0 };
	struct tftp_message m = request_for(none), changed = m;
	struct fixture *f = *state;

	start_plain(f);
	assert_int_equal(tftp_transfer_timeout(f->t), 0);
	assert_true(tftp_transfer_repeats(f->t, &m));
	changed.mode = TFTP_NETASCII;
	assert_false(tftp_transfer_repeats(f->t, &changed));
	expect_blocks(f, 1, 1, 512);
	assert_true(tftp_transfer_repeats(f->t, &m));
	assert_int_equal(ack(f, 1), TFTP_MOVES);
	assert_false(tftp_transfer_repeats(f->t, &m));
}

static void
test_netascii(void **state)
{
	struct tftp_message m = { .op = TFTP_RRQ, .mode = TFTP_NETASCII };
	struct fixture *f = *state;
	struct tftp_datagram d;

	f->t = tftp_transfer_new(&m, tftp_file_new(mem_dup("1\n2", 3), 3));
	tftp_transfer_datagram(f->t, 0, &d);
	assert_int_equal(d.payload_len, 4);
	assert_memory_equal(d.payload, "1\r\n2", 4);
}

static void
test_windows(void **state)
{
	static const char oack[] = "\0\6windowsize\0004";
	struct fixture *f = *state;

	start_window(f, 4613, 4);
	expect_oack(f, oack, sizeof(oack));
	assert_int_equal(ack(f, 0), TFTP_MOVES);
	expect_blocks(f, 1, 4, 512);
	assert_int_equal(ack(f, 4), TFTP_MOVES);
	expect_blocks(f, 5, 8, 512);
	assert_int_equal(ack(f, 8), TFTP_MOVES);
	expect_blocks(f, 9, 10, 512);
	assert_int_equal(ack(f, 10), TFTP_COMPLETE);
	assert_int_equal(f->counters.blocks, 10);
	assert_int_equal(f->counters.blocks_resent, 0);
}

/* A block inside the window is lost: it goes on behind the one before. */
static void
test_go_back(void **state)
{
	struct fixture *f = *state;

	start_window(f, 6144, 4);
	tftp_transfer_sent(f->t, 1, &f->counters);
	assert_int_equal(ack(f, 0), TFTP_MOVES);
	expect_blocks(f, 1, 4, 512);
	assert_int_equal(ack(f, 2), TFTP_MOVES);
	/* Said twice, or by what was on the way, it is not done twice. */
	assert_int_equal(ack(f, 2), TFTP_STANDS);
	assert_int_equal(ack(f, 1), TFTP_STANDS);
	expect_blocks(f, 3, 6, 512);
	assert_int_equal(f->counters.blocks_resent, 2);
	assert_int_equal(ack(f, 2), TFTP_STANDS);
	/* The whole window is lost. */
	tftp_transfer_again(f->t);
	expect_blocks(f, 3, 6, 512);
	assert_int_equal(f->counters.blocks_resent, 6);
	/* It was not lost: the acknowledgement was late. */
	tftp_transfer_again(f->t);
	assert_int_equal(ack(f, 6), TFTP_MOVES);
	expect_blocks(f, 7, 10, 512);
	/* Only part of the window has been sent. */
	assert_int_equal(ack(f, 10), TFTP_MOVES);
	assert_int_equal(tftp_transfer_pending(f->t), 3);
	tftp_transfer_sent(f->t, 1, &f->counters);
	assert_int_equal(tftp_transfer_pending(f->t), 2);
	assert_int_equal(ack(f, 12), TFTP_STANDS);
	assert_int_equal(ack(f, 11), TFTP_MOVES);
	expect_blocks(f, 12, 13, 512);
	assert_int_equal(ack(f, 13), TFTP_COMPLETE);
}

static void
test_granted_windows(void **state)
{
	static const struct {
		struct tftp_options options;
		unsigned granted;
	} cases[] = {
		{ { 0, 0, false, 1 }, 1 },
		{ { 0, 0, false, 64 }, 64 },
		{ { 0, 0, false, 65 }, 64 },
		{ { 0, 0, false, 65535 }, 64 },
		{ { 1428, 0, false, 65535 }, 45 },
		{ { 8192, 0, false, 65535 }, 8 },
		{ { 65464, 0, false, 65535 }, 1 },
		{ { 65464, 0, false, 1 }, 1 },
	};
	struct fixture *f = *state;
	char text[40];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tftp_datagram d;
		size_t n;

		start(f, 1, cases[i].options);
		tftp_transfer_datagram(f->t, 0, &d);
		(void)str_printf(text, sizeof(text), "%u", cases[i].granted);
		n = strlen(text) + 1;
		assert_true(d.head_len > n);
		assert_memory_equal(d.head + d.head_len - n, text, n);
		tftp_transfer_free(f->t);
		f->t = NULL;
		free(f->bytes);
	}
	f->bytes = NULL;
}

/*
 * A client behind a network that loses, doubles and delays what it likes
 * gets the file whole, past block 65,535 too.
 */
static void
test_bad_network(void **state)
{
	static const uint16_t windows[] = { 1, 3, 64 };
	const uint64_t last = 66000;
	struct fixture *f = *state;
	uint32_t x = 4711;
	size_t i, j;

	for (i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		const struct tftp_options options = { 8, 0, false, windows[i] };
		uint64_t got = 0, old = 0, tries = 0;
		enum tftp_progress p = TFTP_STANDS;

		start(f, (size_t)(last - 1) * 8 + 3, options);
		tftp_transfer_sent(f->t, 1, &f->counters);
		(void)ack(f, 0);
		while (p != TFTP_COMPLETE) {
			size_t n = tftp_transfer_pending(f->t);

			assert_true(++tries < 10 * last);
			for (j = 0; j < n; j++) {
				struct tftp_datagram d;
				uint16_t want = (uint16_t)(got + 1);

				x = x * 1664525 + 1013904223;
				if (x >> 28 == 0) /* lost */
					continue;
				tftp_transfer_datagram(f->t, j, &d);
				if ((d.head[2] << 8 | d.head[3]) != want)
					continue;
				assert_memory_equal(d.payload,
				    f->bytes + got * 8, d.payload_len);
				got++;
			}
			tftp_transfer_sent(f->t, n, &f->counters);
			x = x * 1664525 + 1013904223;
			if (x >> 28 == 1)
				(void)ack(f, old);
			if (x >> 28 != 2)
				p = ack(f, got);
			else
				tftp_transfer_again(f->t);
			if (p == TFTP_STANDS)
				tftp_transfer_again(f->t);
			old = got;
		}
		assert_int_equal(got, last);
		tftp_transfer_free(f->t);
		f->t = NULL;
		free(f->bytes);
		f->bytes = NULL;
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_in_order),
		TEST(test_sizes),
		TEST(test_oack),
		TEST(test_long_timeout),
		TEST(test_no_apprentice),
		TEST(test_again),
		TEST(test_client_ends_it),
		TEST(test_repeats),
		TEST(test_netascii),
		TEST(test_windows),
		TEST(test_go_back),
		TEST(test_granted_windows),
		TEST(test_bad_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
