#include "commands/file_archive.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "base/str.h"

#define BLOCK 512 /* bytes; everything in a tar file is a number of them */
#define INPUT 32768
#define GZIP (15 + 16) /* zlib's way to say: largest window, gzip header */
#define NAME_FIELD 100
#define SIZE_FIELD_MAX 077777777777LL /* eleven octal digits */
#define HEADER_MAX 65536

/* What of the archive comes next. */
enum part {
	PART_MEMBER, /* the header of the next file */
	PART_BODY, /* its bytes */
	PART_END, /* the two empty blocks */
	PART_NOTHING
};

struct file_archive {
	struct file_batch batch;
	struct file_plain *p;
	char *name;
	z_stream z;
	bool open;
	enum part part;
	size_t next; /* file */
	int64_t size; /* of the open file */
	int64_t body; /* bytes of it that come */
	struct wbuf ready; /* tar bytes that come first */
	size_t ready_off;
	uint8_t in[INPUT];
	bool ended; /* all of the gzip stream is out */
};

/* --- tar ------------------------------------------------------------------ */

static void
put_octal(uint8_t *field, size_t digits, uint64_t n)
{
	size_t i;

	for (i = digits; i > 0; i--) {
		field[i - 1] = (uint8_t)('0' + (n & 7));
		n >>= 3;
	}
}

/* One header block (POSIX.1-1988 ustar). */
static void
put_header(struct wbuf *w, const char *name, char type, int64_t size,
    int64_t mtime)
{
	static const size_t check = 148;
	uint8_t h[BLOCK] = { 0 };
	size_t i, sum = 0, len = strlen(name);

	memcpy(h, name, len < NAME_FIELD ? len : NAME_FIELD);
	put_octal(h + 100, 7, 0644);
	put_octal(h + 108, 7, 0);
	put_octal(h + 116, 7, 0);
	put_octal(h + 124, 11, size > SIZE_FIELD_MAX ? 0 : (uint64_t)size);
	put_octal(h + 136, 11, mtime < 0 ? 0 : (uint64_t)mtime);
	memset(h + check, ' ', 8);
	h[156] = (uint8_t)type;
	memcpy(h + 257, "ustar", 6);
	memcpy(h + 263, "00", 2);
	for (i = 0; i < BLOCK; i++)
		sum += h[i];
	put_octal(h + check, 6, sum);
	h[check + 6] = '\0';
	wbuf_bytes(w, h, BLOCK);
}

static void
put_padding(struct wbuf *w)
{
	while (w->len % BLOCK != 0)
		wbuf_u8(w, 0);
}

/* "27 path=some/name\n": its own length stands in front of a record. */
static void
put_record(struct wbuf *w, const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + 3; /* blank, =, newline */
	size_t digits = 1, len = rest + 1;
	size_t limit;

	for (limit = 10; len >= limit; limit *= 10) {
		digits++;
		len = rest + digits;
	}
	wbuf_printf(w, "%zu %s=%s\n", len, key, value);
}

/*
 * What the header has no room for goes before it, as an extended header
 * (POSIX.1-2001).
 */
static void
put_extended(struct wbuf *w, const char *name, int64_t size)
{
	bool long_name = strlen(name) > NAME_FIELD;
	bool big = size > SIZE_FIELD_MAX;
	struct wbuf records;

	if (!long_name && !big)
		return;
	wbuf_init(&records, HEADER_MAX);
	if (long_name)
		put_record(&records, "path", name);
	if (big) {
		char number[24];

		(void)str_printf(number, sizeof(number), "%lld",
		    (long long)size);
		put_record(&records, "size", number);
	}
	put_header(w, "extended", 'x', (int64_t)records.len, 0);
	wbuf_bytes(w, records.data, records.len);
	put_padding(w);
	wbuf_release(&records);
}

static void
next_member(struct file_archive *a)
{
	a->next++;
	a->part = a->next < a->p->batch.n ? PART_MEMBER : PART_END;
}

/*
 * Open the next file and make its header ready.  A log may have gone since
 * it was found.
 */
static int
begin_member(struct file_archive *a, struct err *e)
{
	const struct file_entry *en = &a->p->set->entry[a->next];
	const char *name = file_entry_name(a->p->set, a->next);

	if (a->p->batch.open(a->p, a->next, e) == -1) {
		if (en->recovery_key || a->p->batch.n == 1)
			return -1;
		err_clear(e);
		next_member(a);
		return 0;
	}
	a->size = a->body = a->p->left;
	put_extended(&a->ready, name, a->body);
	put_header(&a->ready, name, '0', a->body, en->mtime);
	a->part = PART_BODY;
	return 0;
}

/* The file is done: its last block is filled up. */
static void
end_member(struct file_archive *a)
{
	static const uint8_t zero[BLOCK];
	size_t rest = (size_t)(a->size % BLOCK);

	a->p->batch.close(a->p);
	if (rest != 0)
		wbuf_bytes(&a->ready, zero, BLOCK - rest);
	next_member(a);
}

/* Bytes of the open file; zeros where it has become shorter meanwhile. */
static ssize_t
produce_body(struct file_archive *a, uint8_t *buf, size_t size, struct err *e)
{
	ssize_t n;

	if ((int64_t)size > a->body)
		size = (size_t)a->body;
	n = a->p->batch.read(a->p, buf, size, e);
	if (n == -1)
		return -1;
	if (n == 0) {
		memset(buf, 0, size);
		n = (ssize_t)size;
	}
	a->body -= n;
	return n;
}

/* Make ready what comes behind what was ready. */
static int
go_on(struct file_archive *a, struct err *e)
{
	static const uint8_t zero[2 * BLOCK];

	a->ready.len = a->ready_off = 0;
	switch (a->part) {
	case PART_MEMBER:
		return begin_member(a, e);
	case PART_BODY:
		end_member(a);
		break;
	case PART_END:
		wbuf_bytes(&a->ready, zero, sizeof(zero));
		a->part = PART_NOTHING;
		break;
	case PART_NOTHING:
		break;
	}
	return 0;
}

/* Up to size bytes of the tar file; 0 at its end. */
static ssize_t
produce(struct file_archive *a, uint8_t *buf, size_t size, struct err *e)
{
	while (a->ready_off == a->ready.len) {
		if (a->part == PART_NOTHING)
			return 0;
		if (a->part == PART_BODY && a->body > 0)
			return produce_body(a, buf, size, e);
		if (go_on(a, e) == -1)
			return -1;
	}
	if (size > a->ready.len - a->ready_off)
		size = a->ready.len - a->ready_off;
	memcpy(buf, a->ready.data + a->ready_off, size);
	a->ready_off += size;
	return (ssize_t)size;
}

/* --- gzip ----------------------------------------------------------------- */

static void
describe(void *self, size_t i, struct file_source *s)
{
	const struct file_archive *a = self;

	(void)i;
	s->name = a->name;
	s->shown = a->name;
	s->size = -1;
	s->recovery_key = false;
}

static void
close_archive(void *self)
{
	struct file_archive *a = self;

	a->p->batch.close(a->p);
	wbuf_release(&a->ready);
	if (a->open)
		(void)deflateEnd(&a->z);
	a->open = false;
}

static int
open_archive(void *self, size_t i, struct err *e)
{
	struct file_archive *a = self;

	(void)i;
	memset(&a->z, 0, sizeof(a->z));
	if (deflateInit2(&a->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP, 8,
		Z_DEFAULT_STRATEGY) != Z_OK)
		return err_set(e, ERR_INTERNAL, "zlib does not start");
	wbuf_init(&a->ready, 0);
	strlist_release(&a->p->missed); /* of another time */
	a->ready_off = 0;
	a->open = true;
	a->ended = false;
	a->next = 0;
	a->part = a->p->batch.n > 0 ? PART_MEMBER : PART_END;
	return 0;
}

static ssize_t
read_archive(void *self, void *buf, size_t size, struct err *e)
{
	struct file_archive *a = self;
	int flush = Z_NO_FLUSH;

	if (size > INPUT)
		size = INPUT;
	a->z.next_out = buf;
	a->z.avail_out = (uInt)size;
	while (a->z.avail_out > 0 && !a->ended) {
		int rc;

		if (a->z.avail_in == 0) {
			ssize_t n;

			n = produce(a, a->in, sizeof(a->in), e);
			if (n == -1)
				return -1;
			a->z.next_in = a->in;
			a->z.avail_in = (uInt)n;
			flush = n == 0 ? Z_FINISH : Z_NO_FLUSH;
		}
		rc = deflate(&a->z, flush);
		if (rc == Z_STREAM_END)
			a->ended = true;
		else if (rc != Z_OK && rc != Z_BUF_ERROR)
			return err_set(e, ERR_INTERNAL, "zlib: error %d", rc);
	}
	return (ssize_t)(size - a->z.avail_out);
}

struct file_archive *
file_archive_new(struct file_plain *p, const char *name)
{
	struct file_archive *a = mem_alloc(sizeof(*a));

	a->p = p;
	a->name = mem_strdup(name);
	a->batch.n = 1;
	a->batch.describe = describe;
	a->batch.open = open_archive;
	a->batch.read = read_archive;
	a->batch.close = close_archive;
	a->batch.self = a;
	return a;
}

const struct file_batch *
file_archive_batch(const struct file_archive *a)
{
	return &a->batch;
}

void
file_archive_free(struct file_archive *a)
{
	if (a == NULL)
		return;
	close_archive(a);
	free(a->name);
	mem_free_wiped(a, sizeof(*a));
}
