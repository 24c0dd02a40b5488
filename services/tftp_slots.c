#include "services/tftp_slots.h"

#include <sys/queue.h>

#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "services/tftp_peer.h"

#define BUCKET_BITS 12

struct source {
	LIST_ENTRY(source) in_bucket;
	struct in_addr address;
	size_t held; /* 1 and up */
};

LIST_HEAD(sources, source);

struct tftp_slots {
	size_t max;
	size_t used;
	size_t most;
	uint64_t secret;
	struct sources bucket[1U << BUCKET_BITS];
};

struct tftp_slots *
tftp_slots_new(size_t max)
{
	struct tftp_slots *s = mem_alloc(sizeof(*s));

	s->max = max;
	s->secret = tftp_hash_secret();
	return s;
}

void
tftp_slots_free(struct tftp_slots *s)
{
	struct source *source, *next;
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < sizeof(s->bucket) / sizeof(s->bucket[0]); i++) {
		for (source = LIST_FIRST(&s->bucket[i]); source != NULL;
		     source = next) {
			next = LIST_NEXT(source, in_bucket);
			free(source);
		}
	}
	free(s);
}

static struct sources *
bucket_of(struct tftp_slots *s, struct in_addr address)
{
	return &s->bucket[tftp_address_hash(address, s->secret, BUCKET_BITS)];
}

static struct source *
find(struct tftp_slots *s, struct in_addr address)
{
	struct source *source = LIST_FIRST(bucket_of(s, address));

	while (source != NULL && source->address.s_addr != address.s_addr)
		source = LIST_NEXT(source, in_bucket);
	return source;
}

enum tftp_room
tftp_slots_take(struct tftp_slots *s, struct in_addr source)
{
	struct source *holder = find(s, source);

	if (s->used >= s->max)
		return TFTP_ROOM_FULL;
	if (holder != NULL && s->used >= s->max - s->max / 8 &&
	    holder->held > s->max / 2)
		return TFTP_ROOM_HOGGED;
	if (holder == NULL) {
		holder = mem_alloc(sizeof(*holder));
		holder->address = source;
		LIST_INSERT_HEAD(bucket_of(s, source), holder, in_bucket);
	}
	holder->held++;
	s->used++;
	if (s->used > s->most)
		s->most = s->used;
	return TFTP_ROOM;
}

static struct source *
holder_of(struct tftp_slots *s, struct in_addr address)
{
	struct source *source = find(s, address);

	if (source == NULL)
		BUG("a slot that nobody holds");
	return source;
}

void
tftp_slots_give(struct tftp_slots *s, struct in_addr source)
{
	struct source *holder = holder_of(s, source);

	s->used--;
	if (--holder->held > 0)
		return;
	LIST_REMOVE(holder, in_bucket);
	free(holder);
}

size_t
tftp_slots_used(const struct tftp_slots *s)
{
	return s->used;
}

size_t
tftp_slots_most(const struct tftp_slots *s)
{
	return s->most;
}
