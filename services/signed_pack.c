#include "services/signed_pack.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "base/str.h"
#include "trust/digest.h"

#define BUCKETS 16384
#define SUM 32 /* bytes of SHA-256 */
#define FRONT (SUM + 4) /* of a record, and the length */
#define CHUNK (1024UL * 1024) /* of what is written at once */

struct entry {
	LIST_ENTRY(entry) link;
	uint64_t off; /* of the record */
	size_t len;
	uint64_t moved; /* where it is in the file that is written anew */
	bool wanted;
	char name[]; /* NUL-terminated */
};

LIST_HEAD(bucket, entry);

/*
 * The writer is the thread that loads and applies: it alone changes what is
 * here, with the lock held, and so may look without it.
 */
struct signed_pack {
	char *path; /* owned */
	int fd;
	uint64_t size; /* of what is whole */
	uint64_t live; /* bytes of the records that count */
	size_t n;
	struct bucket bucket[BUCKETS];
	bool loaded;
	pthread_mutex_t lock;
	pthread_cond_t ready; /* loaded is set */
};

/* A record whose digest is right. */
struct record {
	const char *name; /* lent, not terminated */
	size_t name_len;
	const uint8_t *data; /* lent */
	size_t len;
};

static struct bucket *
bucket_of(struct signed_pack *p, const char *name)
{
	return &p->bucket[str_hash(name) % BUCKETS];
}

static struct entry *
find(struct signed_pack *p, const char *name)
{
	struct entry *e;

	for (e = LIST_FIRST(bucket_of(p, name)); e != NULL;
	     e = LIST_NEXT(e, link)) {
		if (str_equal(e->name, name))
			break;
	}
	return e;
}

static void
remove_entry(struct signed_pack *p, struct entry *e)
{
	if (e == NULL)
		return;
	p->live -= e->len;
	p->n--;
	LIST_REMOVE(e, link);
	free(e);
}

/* The record of this name is here now. */
static void
set_entry(struct signed_pack *p, const char *name, uint64_t off, size_t len,
    bool wanted)
{
	size_t n = strlen(name) + 1;
	struct entry *e;

	remove_entry(p, find(p, name));
	e = mem_alloc(sizeof(*e) + n);
	memcpy(e->name, name, n);
	e->off = off;
	e->len = len;
	e->wanted = wanted;
	LIST_INSERT_HEAD(bucket_of(p, name), e, link);
	p->live += len;
	p->n++;
}

static int
open_pack(const char *path, int flags, struct err *e)
{
	int fd;

	fd =
	    open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
	return fd == -1 ? err_errno(e, "%s", path) : fd;
}

struct signed_pack *
signed_pack_open(const char *path, struct err *e)
{
	struct signed_pack *p;
	int fd;

	fd = open_pack(path, 0, e);
	if (fd == -1)
		return NULL;
	p = mem_alloc(sizeof(*p));
	p->path = mem_strdup(path);
	p->fd = fd;
	for (size_t i = 0; i < BUCKETS; i++)
		LIST_INIT(&p->bucket[i]);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->ready, NULL);
	return p;
}

void
signed_pack_close(struct signed_pack *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		struct entry *e, *next;

		for (e = LIST_FIRST(&p->bucket[i]); e != NULL; e = next) {
			next = LIST_NEXT(e, link);
			free(e);
		}
	}
	(void)pthread_cond_destroy(&p->ready);
	(void)pthread_mutex_destroy(&p->lock);
	(void)close(p->fd);
	free(p->path);
	free(p);
}

/* The length of what follows the front; -1: no record can be so long. */
static int
read_front(const uint8_t *front, size_t *len)
{
	struct rbuf r;
	uint32_t n;

	rbuf_init(&r, front + SUM, FRONT - SUM);
	if (rbuf_be32(&r, &n) == -1 || n > SIGNED_PACK_RECORD_MAX)
		return -1;
	*len = n;
	return 0;
}

static int
read_record(const uint8_t *p, size_t len, struct record *out)
{
	uint8_t sum[DIGEST_MAX];
	const uint8_t *name;
	struct rbuf r;
	uint16_t n;

	digest_bytes(DIGEST_SHA256, p + SUM, len - SUM, sum);
	rbuf_init(&r, p + FRONT, len - FRONT);
	if (memcmp(sum, p, SUM) != 0 || rbuf_be16(&r, &n) == -1 ||
	    rbuf_bytes(&r, n, &name) == -1 || memchr(name, '\0', n) != NULL)
		return -1;
	out->name = (const char *)name;
	out->name_len = n;
	out->len = rbuf_left(&r);
	return rbuf_bytes(&r, out->len, &out->data);
}

/* The record that f has next, all of it in memory of its own; or NULL. */
static uint8_t *
next_record(FILE *f, size_t *len, struct record *out)
{
	uint8_t front[FRONT], *p;
	size_t n;

	if (fread(front, 1, FRONT, f) != FRONT || read_front(front, &n) == -1)
		return NULL;
	p = mem_alloc(FRONT + n);
	memcpy(p, front, FRONT);
	*len = FRONT + n;
	if (fread(p + FRONT, 1, n, f) == n && read_record(p, *len, out) == 0)
		return p;
	free(p);
	return NULL;
}

static void
load_records(struct signed_pack *p, FILE *f)
{
	struct record r;
	uint8_t *data;
	size_t len;

	while ((data = next_record(f, &len, &r)) != NULL) {
		char *name = mem_strndup(r.name, r.name_len);

		set_entry(p, name, p->size, len, false);
		p->size += len;
		free(name);
		free(data);
	}
}

void
signed_pack_load(struct signed_pack *p)
{
	FILE *f = NULL;
	int fd;

	(void)pthread_mutex_lock(&p->lock);
	/* What cannot be read is not there. */
	fd = fcntl(p->fd, F_DUPFD_CLOEXEC, 0);
	if (fd != -1 && (f = fdopen(fd, "r")) == NULL)
		(void)close(fd);
	if (f != NULL) {
		load_records(p, f);
		(void)fclose(f);
	}
	p->loaded = true;
	(void)pthread_cond_broadcast(&p->ready);
	(void)pthread_mutex_unlock(&p->lock);
}

static struct pack_change *
new_change(enum pack_change_kind kind, const char *name)
{
	struct pack_change *c = mem_alloc(sizeof(*c));

	c->kind = kind;
	c->name = name == NULL ? NULL : mem_strdup(name);
	return c;
}

struct pack_change *
pack_change_put(const char *name, const void *data, size_t len)
{
	const size_t n = strlen(name);
	uint8_t sum[DIGEST_MAX] = { 0 };
	struct pack_change *c;
	struct wbuf w;

	if (n > UINT16_MAX || len > SIGNED_PACK_RECORD_MAX - 2 - UINT16_MAX)
		return NULL;
	c = new_change(PACK_PUT, name);
	wbuf_init(&w, 0);
	wbuf_bytes(&w, sum, SUM);
	wbuf_be32(&w, (uint32_t)(2 + n + len));
	wbuf_be16(&w, (uint16_t)n);
	wbuf_bytes(&w, name, n);
	wbuf_bytes(&w, data, len);
	digest_bytes(DIGEST_SHA256, w.data + SUM, w.len - SUM, sum);
	memcpy(w.data, sum, SUM);
	if (wbuf_detach(&w, &c->record, &c->len) == -1)
		BUG("a record of %zu bytes", len);
	return c;
}

struct pack_change *
pack_change_drop(const char *name)
{
	return new_change(PACK_DROP, name);
}

struct pack_change *
pack_change_sweep(void)
{
	return new_change(PACK_SWEEP, NULL);
}

void
pack_change_free(struct pack_change *c)
{
	free(c->name);
	free(c->record);
	free(c);
}

static int
write_at(int fd, const void *data, size_t len, uint64_t off)
{
	const uint8_t *p = data;

	while (len > 0) {
		ssize_t n = pwrite(fd, p, len, (off_t)off);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		p += n;
		off += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static int
read_at(int fd, void *data, size_t len, uint64_t off)
{
	uint8_t *p = data;

	while (len > 0) {
		ssize_t n = pread(fd, p, len, (off_t)off);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO; /* it was cut */
		if (n <= 0)
			return -1;
		p += n;
		off += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static void
sweep(struct signed_pack *p)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		struct entry *e, *next;

		for (e = LIST_FIRST(&p->bucket[i]); e != NULL; e = next) {
			next = LIST_NEXT(e, link);
			if (!e->wanted)
				remove_entry(p, e);
		}
	}
}

/*
 * A change whose record, if it has one, is at the end of what is whole.  The
 * lock is held.
 */
static void
apply(struct signed_pack *p, const struct pack_change *c)
{
	switch (c->kind) {
	case PACK_PUT:
		set_entry(p, c->name, p->size, c->len, true);
		p->size += c->len;
		break;
	case PACK_DROP:
		remove_entry(p, find(p, c->name));
		break;
	case PACK_SWEEP:
		sweep(p);
		break;
	}
}

/* The first changes of a list, of which the records fill a chunk. */
static void
take_chunk(struct pack_changes *from, struct pack_changes *to, struct wbuf *w)
{
	STAILQ_INIT(to);
	while (!STAILQ_EMPTY(from) && w->len < CHUNK) {
		struct pack_change *c = STAILQ_FIRST(from);

		STAILQ_REMOVE_HEAD(from, link);
		STAILQ_INSERT_TAIL(to, c, link);
		if (c->kind == PACK_PUT)
			wbuf_bytes(w, c->record, c->len);
	}
}

/* Without the records if these could not be written. */
static void
apply_chunk(struct signed_pack *p, struct pack_changes *changes, bool written)
{
	struct pack_change *c;

	(void)pthread_mutex_lock(&p->lock);
	while ((c = STAILQ_FIRST(changes)) != NULL) {
		STAILQ_REMOVE_HEAD(changes, link);
		if (c->kind != PACK_PUT || written)
			apply(p, c);
		else
			remove_entry(p, find(p, c->name));
		pack_change_free(c);
	}
	(void)pthread_mutex_unlock(&p->lock);
}

/* The records that count, one behind the other, into another file. */
static int
copy_live(struct signed_pack *p, int fd, uint64_t *size)
{
	struct wbuf w;
	int rc = 0;

	*size = 0;
	wbuf_init(&w, 0);
	for (size_t i = 0; rc == 0 && i < BUCKETS; i++) {
		struct entry *e;

		for (e = LIST_FIRST(&p->bucket[i]); e != NULL;
		     e = LIST_NEXT(e, link)) {
			uint8_t *record = mem_alloc(e->len);

			e->moved = *size + w.len;
			rc = read_at(p->fd, record, e->len, e->off);
			wbuf_bytes(&w, record, e->len);
			free(record);
			if (rc == -1)
				break;
		}
		if (rc == 0 && (w.len >= CHUNK || i + 1 == BUCKETS)) {
			rc = write_at(fd, w.data, w.len, *size);
			*size += w.len;
			w.len = 0;
		}
	}
	wbuf_release(&w);
	return rc;
}

/* The other file is the pack now. */
static void
switch_to(struct signed_pack *p, int fd, uint64_t size)
{
	int old = p->fd;

	(void)pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < BUCKETS; i++) {
		struct entry *e;

		for (e = LIST_FIRST(&p->bucket[i]); e != NULL;
		     e = LIST_NEXT(e, link))
			e->off = e->moved;
	}
	p->fd = fd;
	p->size = size;
	(void)pthread_mutex_unlock(&p->lock);
	(void)close(old);
}

static int
write_anew(struct signed_pack *p, struct err *e)
{
	char *path = mem_printf("%s.new", p->path);
	uint64_t size;
	int fd, rc = -1;

	(void)unlink(path);
	fd = open_pack(path, O_EXCL, e);
	if (fd == -1)
		goto out;
	if (copy_live(p, fd, &size) == -1 || fdatasync(fd) == -1 ||
	    rename(path, p->path) == -1) {
		(void)err_errno(e, "write %s", path);
		(void)unlink(path);
		(void)close(fd);
		goto out;
	}
	switch_to(p, fd, size);
	rc = 0;
out:
	free(path);
	return rc;
}

int
signed_pack_apply(struct signed_pack *p, struct pack_changes *changes,
    bool sync, struct err *e)
{
	const struct pack_change *c;
	bool swept = false, written = false;
	int rc = 0;

	for (c = STAILQ_FIRST(changes); c != NULL; c = STAILQ_NEXT(c, link))
		swept = swept || c->kind == PACK_SWEEP;
	while (!STAILQ_EMPTY(changes)) {
		struct pack_changes some;
		struct wbuf w;
		bool ok;

		wbuf_init(&w, 0);
		take_chunk(changes, &some, &w);
		ok = write_at(p->fd, w.data, w.len, p->size) == 0;
		if (!ok)
			rc = err_errno(e, "write %s", p->path);
		written = written || w.len > 0;
		apply_chunk(p, &some, ok);
		wbuf_release(&w);
	}
	if (sync && written && fdatasync(p->fd) == -1)
		rc = err_errno(e, "write %s", p->path);
	if ((swept && p->size > p->live) ||
	    p->size - p->live > p->live + SIGNED_PACK_DEAD_MAX)
		rc = write_anew(p, e) == -1 ? -1 : rc;
	return rc;
}

/* The lock is taken, and what was there at the start is known. */
static void
enter(struct signed_pack *p)
{
	(void)pthread_mutex_lock(&p->lock);
	while (!p->loaded)
		(void)pthread_cond_wait(&p->ready, &p->lock);
}

/* All of the record of this name; or NULL. */
static uint8_t *
record_of(struct signed_pack *p, const char *name, size_t *len)
{
	uint8_t *record = NULL;
	const struct entry *e;

	enter(p);
	e = find(p, name);
	if (e != NULL) {
		*len = e->len;
		record = mem_alloc(e->len);
		if (read_at(p->fd, record, e->len, e->off) == -1) {
			free(record);
			record = NULL;
		}
	}
	(void)pthread_mutex_unlock(&p->lock);
	return record;
}

bool
signed_pack_find(struct signed_pack *p, const char *name, uint8_t **data,
    size_t *len)
{
	uint8_t *record;
	struct record r;
	size_t n;

	record = record_of(p, name, &n);
	if (record == NULL)
		return false;
	if (read_record(record, n, &r) == -1 || r.name_len != strlen(name) ||
	    memcmp(r.name, name, r.name_len) != 0) {
		free(record);
		return false;
	}
	*len = r.len;
	memmove(record, r.data, r.len);
	*data = record;
	return true;
}

void
signed_pack_want(struct signed_pack *p, const char *name)
{
	struct entry *e;

	enter(p);
	e = find(p, name);
	if (e != NULL)
		e->wanted = true;
	(void)pthread_mutex_unlock(&p->lock);
}

size_t
signed_pack_count(struct signed_pack *p)
{
	size_t n;

	enter(p);
	n = p->n;
	(void)pthread_mutex_unlock(&p->lock);
	return n;
}
