/*
 * A client that answers anything: whatever it acknowledges, only bytes of
 * the file are sent, at most a window of them, and the file ends when its
 * last block is acknowledged.
 *
 * The input: block size, window and length of the file (two bytes each),
 * then what happens, a byte each with its operand behind it.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/mem.h"
#include "services/tftp_transfer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct run {
	struct tftp_transfer *t;
	struct tftp_server_counters counters;
	uint8_t file[4096];
	size_t len;
	size_t blksize;
	uint16_t last; /* the number of the last block, mod 65,536 */
};

static void
check_datagram(struct run *r, size_t i)
{
	struct tftp_datagram d;
	unsigned block;
	size_t off;

	tftp_transfer_datagram(r->t, i, &d);
	if (d.head[1] == TFTP_OACK)
		return;
	block = (unsigned)(d.head[2] << 8 | d.head[3]);
	if (block == 0 || d.payload_len > r->blksize)
		BUG("block %u of %zu bytes", block, d.payload_len);
	off = (block - 1) * r->blksize;
	if (off + d.payload_len > r->len ||
	    memcmp(d.payload, r->file + off, d.payload_len) != 0)
		BUG("block %u is not of the file", block);
	if ((d.payload_len < r->blksize) != (block == r->last))
		BUG("block %u of %u has %zu bytes", block, r->last,
		    d.payload_len);
}

static void
send_some(struct run *r, size_t n)
{
	size_t i, pending = tftp_transfer_pending(r->t);

	if (pending > TFTP_WINDOW_BLOCKS)
		BUG("%zu datagrams at once", pending);
	for (i = 0; i < pending; i++)
		check_datagram(r, i);
	if (n > pending)
		n = pending;
	tftp_transfer_sent(r->t, n, &r->counters);
	if (tftp_transfer_pending(r->t) != pending - n)
		BUG("%zu of %zu were sent", n, pending);
}

/* False when the transfer is over. */
static bool
happen(struct run *r, uint8_t what, uint16_t operand)
{
	const struct tftp_message m = { .op = (enum tftp_opcode)(what % 6 + 1),
		.block = operand };
	enum tftp_progress p;

	if (what >= 128) {
		send_some(r, operand % 70);
		return true;
	}
	if (what >= 120) {
		tftp_transfer_again(r->t);
		return true;
	}
	p = tftp_transfer_take(r->t, &m);
	if (p == TFTP_COMPLETE && operand != r->last)
		BUG("complete at block %u of %u", operand, r->last);
	if (p == TFTP_MOVES && tftp_transfer_pending(r->t) == 0)
		BUG("it moves, and nothing is to be sent");
	return p == TFTP_STANDS || p == TFTP_MOVES;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tftp_message request = { .op = TFTP_RRQ };
	struct run r = { .len = 0 };
	uint16_t blksize, windowsize, size, operand;
	struct rbuf in;
	uint8_t what;
	size_t i;

	rbuf_init(&in, data, len);
	if (rbuf_be16(&in, &blksize) == -1 ||
	    rbuf_be16(&in, &windowsize) == -1 || rbuf_be16(&in, &size) == -1)
		return 0;
	if (blksize >= TFTP_BLKSIZE_MIN && blksize <= TFTP_BLKSIZE_MAX)
		request.options.blksize = blksize;
	request.options.windowsize = windowsize;
	request.options.tsize = size & 1;
	for (i = 0; i < sizeof(r.file); i++)
		r.file[i] = (uint8_t)(i * 7 + i / 251);
	r.len = size % sizeof(r.file);
	r.blksize = request.options.blksize == 0 ? TFTP_BLKSIZE : blksize;
	r.last = (uint16_t)(r.len / r.blksize + 1);
	r.t = tftp_transfer_new(&request,
	    tftp_file_new(mem_dup(r.file, r.len), r.len));
	while (rbuf_u8(&in, &what) == 0 && rbuf_be16(&in, &operand) == 0) {
		if (!happen(&r, what, operand))
			break;
	}
	tftp_transfer_free(r.t);
	return 0;
}
