#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/str.h"
#include "services/store_priv.h"

#define SGN ".sgn"

/* FNV-1a of the name in lower case. */
static struct static_bucket *
bucket_of(struct phone_store *s, const char *name)
{
	uint32_t h = 2166136261U;

	for (; *name != '\0'; name++) {
		uint8_t c = (uint8_t)*name;

		if (c >= 'A' && c <= 'Z')
			c = (uint8_t)(c + 'a' - 'A');
		h = (h ^ c) * 16777619U;
	}
	return &s->statics.bucket[h % STORE_BUCKETS];
}

/* By this spelling, or, if there is none, by any other case of it. */
static struct store_static *
find(struct phone_store *s, const char *name)
{
	struct store_static *f, *other = NULL;

	for (f = LIST_FIRST(bucket_of(s, name)); f != NULL;
	     f = LIST_NEXT(f, in_bucket)) {
		if (str_equal(f->name, name))
			break;
		if (strcasecmp(f->name, name) == 0)
			other = f;
	}
	return f != NULL ? f : other;
}

static struct store_static *
find_exact(struct phone_store *s, const char *name)
{
	struct store_static *f = find(s, name);

	return f != NULL && str_equal(f->name, name) ? f : NULL;
}

void
store_statics_init(struct phone_store *s)
{
	for (size_t i = 0; i < STORE_BUCKETS; i++)
		LIST_INIT(&s->statics.bucket[i]);
	TAILQ_INIT(&s->statics.order);
}

static void
drop_file(struct phone_store *s, struct store_static *f)
{
	size_t len;

	if (f->file == NULL)
		return;
	(void)tftp_file_bytes(f->file, TFTP_OCTET, &len);
	s->statics.bytes -= len;
	TAILQ_REMOVE(&s->statics.order, f, in_order);
	store_drop(s, &f->file);
}

/* Is a NAME.sgn of ours wanted?  Only then it is an item. */
static bool
is_item(const struct store_static *f)
{
	return f->plain && !f->by_hand;
}

void
store_static_forget(struct phone_store *s, const char *name)
{
	const struct store_static *f = find_exact(s, name);
	char kept[TFTP_NAME_SIZE + sizeof(SGN)];

	if (s->tools.cache == NULL || (f != NULL && is_item(f)))
		return;
	(void)str_printf(kept, sizeof(kept), "%s" SGN, name);
	signed_cache_drop(s->tools.cache, kept);
}

/* What is on disk is this now. */
static void
set_presence(struct phone_store *s, struct store_static *f, bool plain,
    bool by_hand)
{
	bool was = is_item(f);

	f->plain = plain;
	f->by_hand = by_hand;
	if (!was && is_item(f)) {
		s->statics.n++;
		store_item_add(s, &f->item, SIGNING_STATIC, f);
	} else if (was && !is_item(f)) {
		s->statics.n--;
		drop_file(s, f);
		store_static_forget(s, f->name);
		store_item_remove(s, &f->item);
	}
	if (!plain && !by_hand) {
		LIST_REMOVE(f, in_bucket);
		free(f);
	}
}

/* Trust lists are signed inside, and so is what ends so. */
static bool
is_signed_name(const char *name)
{
	return str_ends(name, SGN) || str_ends(name, ".sha512");
}

/* Most of them are found again, so what was signed stays on disk. */
static void
forget_all(struct phone_store *s)
{
	for (size_t i = 0; i < STORE_BUCKETS; i++) {
		struct store_static *f, *next;

		for (f = LIST_FIRST(&s->statics.bucket[i]); f != NULL;
		     f = next) {
			next = LIST_NEXT(f, in_bucket);
			drop_file(s, f);
			if (is_item(f))
				store_item_remove(s, &f->item);
			LIST_REMOVE(f, in_bucket);
			free(f);
		}
	}
	s->statics.n = 0;
}

/* The entry of this name; a new one is on disk in neither form. */
static struct store_static *
entry_of(struct phone_store *s, const char *name)
{
	struct store_static *f = find_exact(s, name);

	if (f != NULL)
		return f;
	f = mem_alloc(sizeof(*f));
	(void)str_copy(f->name, sizeof(f->name), name);
	LIST_INSERT_HEAD(bucket_of(s, name), f, in_bucket);
	return f;
}

void
store_static_event(void *self, enum static_event event, const char *name)
{
	struct phone_store *s = self;
	const bool there = event == STATIC_FILE;
	struct store_static *f;

	if (event == STATIC_AGAIN) {
		forget_all(s);
		return;
	}
	if (str_ends(name, ".tlv"))
		return;
	if (str_ends(name, SGN)) {
		char plain[TFTP_NAME_SIZE];

		(void)str_copy(plain, sizeof(plain), name);
		plain[strlen(plain) - strlen(SGN)] = '\0';
		if (is_signed_name(plain))
			return;
		f = entry_of(s, plain);
		set_presence(s, f, f->plain, there);
	} else if (!is_signed_name(name)) {
		f = entry_of(s, name);
		/* Known already: it has changed. */
		if (there && is_item(f))
			store_item_stale(s, &f->item);
		set_presence(s, f, there, f->by_hand);
	}
}

void
store_statics_release(struct phone_store *s)
{
	for (size_t i = 0; i < STORE_BUCKETS; i++) {
		struct store_static *f, *next;

		for (f = LIST_FIRST(&s->statics.bucket[i]); f != NULL;
		     f = next) {
			next = LIST_NEXT(f, in_bucket);
			drop_file(s, f);
			if (is_item(f))
				store_waiters_release(&f->item.waiters);
			free(f);
		}
	}
}

struct store_static *
store_static_find(struct phone_store *s, const char *name_sgn)
{
	char name[TFTP_NAME_SIZE];
	struct store_static *f;

	if (!str_ends(name_sgn, SGN))
		return NULL;
	(void)str_copy(name, sizeof(name), name_sgn);
	name[strlen(name) - strlen(SGN)] = '\0';
	f = find(s, name);
	return f != NULL && is_item(f) ? f : NULL;
}

bool
store_static_on_disk(struct phone_store *s, const char *name)
{
	const size_t cut =
	    strlen(name) - (str_ends(name, SGN) ? strlen(SGN) : 0);
	const struct store_static *f;
	char plain[TFTP_NAME_SIZE];

	(void)str_copy(plain, sizeof(plain), name);
	plain[cut] = '\0';
	f = find_exact(s, plain);
	if (f == NULL)
		return false;
	return str_ends(name, SGN) ? f->by_hand : f->plain;
}

void
store_static_job(const struct store_static *f, struct signing_job *j)
{
	(void)str_copy(j->name, sizeof(j->name), f->name);
}

void
store_static_take(struct phone_store *s, struct store_static *f,
    struct signing_job *j)
{
	struct store_static *first;

	drop_file(s, f);
	if (j->error != NULL)
		return;
	f->file = store_keep(s, j->file.data, j->file.len);
	j->file.data = NULL;
	s->statics.bytes += j->file.len;
	TAILQ_INSERT_TAIL(&s->statics.order, f, in_order);
	while (s->statics.bytes > PHONE_STORE_STATIC_MAX &&
	    (first = TAILQ_FIRST(&s->statics.order)) != f) {
		drop_file(s, first);
		/* To be made again, but not before somebody wants it. */
		first->item.stale = true;
	}
}

enum phone_store_answer
store_static_lookup(struct phone_store *s, struct store_static *f,
    struct tftp_file **out)
{
	if (!store_item_settled(&f->item))
		return s->impatient && s->identity == NULL ?
		    PHONE_STORE_UNKNOWN :
		    PHONE_STORE_LATER;
	if (f->file == NULL)
		return PHONE_STORE_UNKNOWN;
	TAILQ_REMOVE(&s->statics.order, f, in_order);
	TAILQ_INSERT_TAIL(&s->statics.order, f, in_order);
	*out = tftp_file_hold(f->file);
	return PHONE_STORE_FOUND;
}
