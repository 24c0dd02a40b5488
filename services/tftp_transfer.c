#include "services/tftp_transfer.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

/* Block 0 is the OACK, if there is one. */
struct tftp_transfer {
	struct tftp_message request;
	struct tftp_options granted;
	struct tftp_file *file; /* held */
	const uint8_t *data; /* of file, in the mode asked for */
	size_t len;
	size_t blksize;
	uint64_t last; /* the number of the last block */
	uint64_t first; /* not acknowledged */
	uint64_t next; /* to be sent, from first up to end */
	uint64_t end; /* one past the present window */
	uint64_t high; /* one past the highest that was ever sent */
	bool acknowledged; /* anything at all */
};

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
window_of(const struct tftp_transfer *t)
{
	return t->granted.windowsize == 0 ? 1 : t->granted.windowsize;
}

/* The window from block on, none of which is sent yet or all goes again. */
static void
begin_window(struct tftp_transfer *t, uint64_t block)
{
	t->first = block;
	t->next = block;
	t->end = block == 0 ? 1 : least(block + window_of(t), t->last + 1);
}

static void
grant(struct tftp_transfer *t)
{
	uint64_t most =
	    least(TFTP_WINDOW_BLOCKS, TFTP_WINDOW_BYTES / t->blksize);

	t->granted = t->request.options;
	t->granted.windowsize =
	    (uint16_t)least(t->request.options.windowsize, most);
	if (t->granted.timeout > TFTP_TIMEOUT_MAX)
		t->granted.timeout = 0;
}

struct tftp_transfer *
tftp_transfer_new(const struct tftp_message *request, struct tftp_file *file)
{
	struct tftp_transfer *t = mem_alloc(sizeof(*t));

	t->request = *request;
	t->file = file;
	t->data = tftp_file_bytes(file, request->mode, &t->len);
	t->blksize = request->options.blksize == 0 ? TFTP_BLKSIZE :
						     request->options.blksize;
	t->last = t->len / t->blksize + 1;
	grant(t);
	begin_window(t, tftp_options_any(&t->granted) ? 0 : 1);
	t->high = t->first;
	return t;
}

void
tftp_transfer_free(struct tftp_transfer *t)
{
	if (t == NULL)
		return;
	tftp_file_release(t->file);
	free(t);
}

/*
 * The number is one of the blocks that are not acknowledged, or one before
 * them.  A window is far shorter than 65,536 blocks, so there is no doubt.
 */
static enum tftp_progress
take_ack(struct tftp_transfer *t, uint16_t number)
{
	uint64_t block = t->first + (uint16_t)(number - t->first);

	if (block >= t->high)
		return TFTP_STANDS;
	t->acknowledged = true;
	if (block == t->last)
		return TFTP_COMPLETE;
	begin_window(t, block + 1);
	return TFTP_MOVES;
}

enum tftp_progress
tftp_transfer_take(struct tftp_transfer *t, const struct tftp_message *m)
{
	switch (m->op) {
	case TFTP_ACK:
		return take_ack(t, m->block);
	case TFTP_ERROR:
		return TFTP_ENDED;
	case TFTP_RRQ:
	case TFTP_WRQ:
	case TFTP_DATA:
	case TFTP_OACK:
		return TFTP_ILLEGAL;
	}
	BUG("opcode %u", m->op);
}

size_t
tftp_transfer_pending(const struct tftp_transfer *t)
{
	return (size_t)(t->end - t->next);
}

static size_t
block_len(const struct tftp_transfer *t, uint64_t block)
{
	return block == t->last ? t->len % t->blksize : t->blksize;
}

void
tftp_transfer_datagram(const struct tftp_transfer *t, size_t i,
    struct tftp_datagram *d)
{
	uint64_t block = t->next + i;

	if (block == 0) {
		d->head_len = tftp_put_oack(d->head, &t->granted, t->len);
		d->payload = NULL;
		d->payload_len = 0;
		return;
	}
	tftp_put_data_header(d->head, (uint16_t)(block & 0xffff));
	d->head_len = TFTP_HEADER_SIZE;
	d->payload = t->data + (size_t)(block - 1) * t->blksize;
	d->payload_len = block_len(t, block);
}

void
tftp_transfer_sent(struct tftp_transfer *t, size_t n,
    struct tftp_server_counters *c)
{
	for (; n > 0; n--, t->next++) {
		if (t->next > 0) {
			c->blocks++;
			c->bytes += block_len(t, t->next);
		}
		if (t->next < t->high)
			c->blocks_resent++;
		else
			t->high = t->next + 1;
	}
}

void
tftp_transfer_again(struct tftp_transfer *t)
{
	t->next = t->first;
}

bool
tftp_transfer_repeats(const struct tftp_transfer *t,
    const struct tftp_message *request)
{
	return !t->acknowledged && tftp_same_request(&t->request, request);
}

unsigned
tftp_transfer_timeout(const struct tftp_transfer *t)
{
	return t->granted.timeout;
}
