#include "services/remote_cache.h"

#include <sys/queue.h>

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

#define BUCKETS 4096

struct kept {
	LIST_ENTRY(kept) in_bucket;
	TAILQ_ENTRY(kept) in_order;
	char name[TFTP_NAME_SIZE];
	struct tftp_file *file; /* held, or NULL: there is none */
	size_t size; /* what it counts for */
	int64_t until; /* clock_ticks() */
};

LIST_HEAD(kept_bucket, kept);
TAILQ_HEAD(kept_order, kept);

struct remote_cache {
	size_t max;
	size_t bytes;
	size_t files;
	struct kept_order order; /* the least recently wanted first */
	struct kept_bucket bucket[BUCKETS];
};

struct remote_cache *
remote_cache_new(size_t max)
{
	struct remote_cache *c = mem_alloc(sizeof(*c));
	size_t i;

	c->max = max;
	TAILQ_INIT(&c->order);
	for (i = 0; i < BUCKETS; i++)
		LIST_INIT(&c->bucket[i]);
	return c;
}

static void
forget(struct remote_cache *c, struct kept *k)
{
	LIST_REMOVE(k, in_bucket);
	TAILQ_REMOVE(&c->order, k, in_order);
	c->bytes -= k->size;
	if (k->file != NULL)
		c->files--;
	tftp_file_release(k->file);
	free(k);
}

void
remote_cache_clear(struct remote_cache *c)
{
	struct kept *k, *next;

	for (k = TAILQ_FIRST(&c->order); k != NULL; k = next) {
		next = TAILQ_NEXT(k, in_order);
		forget(c, k);
	}
}

void
remote_cache_free(struct remote_cache *c)
{
	if (c == NULL)
		return;
	remote_cache_clear(c);
	free(c);
}

/* FNV-1a. */
static struct kept_bucket *
bucket_of(struct remote_cache *c, const char *name)
{
	uint32_t h = 2166136261U;

	for (; *name != '\0'; name++)
		h = (h ^ (uint8_t)*name) * 16777619U;
	return &c->bucket[h % BUCKETS];
}

static struct kept *
find(struct remote_cache *c, const char *name)
{
	struct kept *k = LIST_FIRST(bucket_of(c, name));

	while (k != NULL && !str_equal(k->name, name))
		k = LIST_NEXT(k, in_bucket);
	return k;
}

static size_t
size_of(struct tftp_file *file)
{
	size_t len = 0;

	if (file != NULL)
		(void)tftp_file_bytes(file, TFTP_OCTET, &len);
	return sizeof(struct kept) + len;
}

void
remote_cache_put(struct remote_cache *c, const char *name,
    struct tftp_file *file, int64_t until)
{
	struct kept *k = find(c, name), *next;
	size_t size = size_of(file);

	if (k != NULL)
		forget(c, k);
	if (size > c->max / 2)
		return;
	for (k = TAILQ_FIRST(&c->order); k != NULL && c->bytes + size > c->max;
	     k = next) {
		next = TAILQ_NEXT(k, in_order);
		forget(c, k);
	}
	k = mem_alloc(sizeof(*k));
	(void)str_copy(k->name, sizeof(k->name), name);
	k->file = file == NULL ? NULL : tftp_file_hold(file);
	k->size = size;
	k->until = until;
	c->bytes += size;
	if (file != NULL)
		c->files++;
	LIST_INSERT_HEAD(bucket_of(c, name), k, in_bucket);
	TAILQ_INSERT_TAIL(&c->order, k, in_order);
}

bool
remote_cache_get(struct remote_cache *c, const char *name, int64_t now,
    struct tftp_file **out)
{
	struct kept *k = find(c, name);

	if (k == NULL)
		return false;
	if (now >= k->until) {
		forget(c, k);
		return false;
	}
	TAILQ_REMOVE(&c->order, k, in_order);
	TAILQ_INSERT_TAIL(&c->order, k, in_order);
	*out = k->file == NULL ? NULL : tftp_file_hold(k->file);
	return true;
}

size_t
remote_cache_files(const struct remote_cache *c)
{
	return c->files;
}

size_t
remote_cache_bytes(const struct remote_cache *c)
{
	return c->bytes;
}
