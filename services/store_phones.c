#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "services/store_priv.h"

static struct phone_bucket *
bucket_of(struct phone_store *s, const char *mac)
{
	return &s->phones.bucket[str_hash(mac) % STORE_BUCKETS];
}

void
store_phones_init(struct phone_store *s)
{
	for (size_t i = 0; i < STORE_BUCKETS; i++)
		LIST_INIT(&s->phones.bucket[i]);
	store_item_add(s, &s->phones.fallback.item, SIGNING_PHONE,
	    &s->phones.fallback);
}

struct store_phone *
store_phone_find(struct phone_store *s, const char *mac)
{
	struct store_phone *p;

	for (p = LIST_FIRST(bucket_of(s, mac)); p != NULL;
	     p = LIST_NEXT(p, in_bucket)) {
		if (str_equal(p->mac, mac))
			break;
	}
	return p;
}

/* Nothing of it is handed out any more. */
static void
drop_files(struct phone_store *s, struct store_phone *p)
{
	store_drop(s, &p->file);
	store_drop(s, &p->encrypted);
	p->has_input = false;
}

static void
remove_phone(struct phone_store *s, struct store_phone *p)
{
	signing_forget_phone(&s->tools, p->mac);
	drop_files(s, p);
	LIST_REMOVE(p, in_bucket);
	store_item_remove(s, &p->item);
	phone_row_release(p->row);
	free(p);
	s->phones.n--;
}

static struct store_phone *
add_phone(struct phone_store *s, const char *mac)
{
	struct store_phone *p;

	if (s->phones.n == PHONE_STORE_PHONES_MAX) {
		if (!s->phones.too_many)
			log_error("over %d phones: the others are not served",
			    PHONE_STORE_PHONES_MAX);
		s->phones.too_many = true;
		return NULL;
	}
	p = mem_alloc(sizeof(*p));
	(void)str_copy(p->mac, sizeof(p->mac), mac);
	LIST_INSERT_HEAD(bucket_of(s, mac), p, in_bucket);
	store_item_add(s, &p->item, SIGNING_PHONE, p);
	s->phones.n++;
	return p;
}

void
store_phone_row(struct phone_store *s, struct phone_row *row)
{
	struct store_phone *p = store_phone_find(s, row->mac);

	if (row->removed && p != NULL)
		remove_phone(s, p);
	else if (!row->removed && p == NULL)
		p = add_phone(s, row->mac);
	if (row->removed || p == NULL) {
		phone_row_release(row);
		return;
	}
	phone_row_release(p->row);
	p->row = row;
	p->seen = s->phones.load;
	p->item.complained = false;
	store_item_stale(s, &p->item);
}

void
store_phones_begin(struct phone_store *s)
{
	s->phones.load++;
}

/* Remove from a list of items the phones that were not in the reading. */
static void
remove_unseen(struct phone_store *s, struct item_list *l)
{
	struct store_item *i, *next;

	for (i = TAILQ_FIRST(l); i != NULL; i = next) {
		struct store_phone *p = i->owner;

		next = TAILQ_NEXT(i, link);
		if (p->row != NULL && p->seen != s->phones.load)
			remove_phone(s, p);
	}
}

void
store_phones_end(struct phone_store *s)
{
	if (s->phones.known) {
		remove_unseen(s, &s->items.stale[SIGNING_PHONE]);
		remove_unseen(s, &s->items.settled[SIGNING_PHONE]);
	} else {
		log_info("%zu phones in the database", s->phones.n);
	}
	s->phones.known = true;
	store_wake(s, &s->unready);
}

void
store_phones_release(struct phone_store *s)
{
	struct store_phone *p, *next;

	for (size_t i = 0; i < STORE_BUCKETS; i++) {
		for (p = LIST_FIRST(&s->phones.bucket[i]); p != NULL;
		     p = next) {
			next = LIST_NEXT(p, in_bucket);
			drop_files(s, p);
			store_waiters_release(&p->item.waiters);
			phone_row_release(p->row);
			free(p);
		}
	}
	drop_files(s, &s->phones.fallback);
	store_waiters_release(&s->phones.fallback.item.waiters);
}

void
store_phone_job(struct phone_store *s, struct store_phone *p,
    struct signing_job *j)
{
	if (p->row != NULL)
		j->row = phone_row_hold(p->row);
	j->basis = phone_basis_hold(s->basis);
	j->has_input = p->has_input;
	j->input = p->input;
	if (s->phones.pass_began == 0)
		s->phones.pass_began = clock_ticks();
}

/* A file that the job has made becomes the store's. */
static struct tftp_file *
take_file(struct phone_store *s, struct signing_file *f)
{
	struct tftp_file *made;

	if (f->data == NULL)
		return NULL;
	made = store_keep(s, f->data, f->len);
	f->data = NULL;
	return made;
}

void
store_phone_take(struct phone_store *s, struct store_phone *p,
    struct signing_job *j)
{
	if (j->error == NULL && j->unchanged)
		return;
	drop_files(s, p);
	if (j->error != NULL) {
		/* What was signed for it before must not stay there. */
		signing_forget_phone(&s->tools, p->mac);
		return;
	}
	p->has_input = true;
	p->input = j->input;
	p->header = j->file.header;
	p->file = take_file(s, &j->file);
	p->encrypted = take_file(s, &j->encrypted);
}

/* The plain configuration is the end of the signed one. */
static struct tftp_file *
plain_of(const struct store_phone *p)
{
	const uint8_t *data;
	size_t len;

	data = tftp_file_bytes(p->file, TFTP_OCTET, &len);
	return tftp_file_new(mem_dup(data + p->header, len - p->header),
	    len - p->header);
}

enum phone_store_answer
store_phone_lookup(const struct store_phone *p, const struct tftp_name *name,
    struct tftp_file **out)
{
	const bool sgn = str_ends(name->text, ".sgn");

	if (!store_item_settled(&p->item))
		return PHONE_STORE_LATER;
	if (p->file == NULL)
		return PHONE_STORE_ABSENT;
	if (name->kind == TFTP_NAME_CONFIG_ENCRYPTED) {
		if (p->encrypted == NULL)
			return PHONE_STORE_ABSENT;
		*out = tftp_file_hold(p->encrypted);
	} else if (sgn) {
		/* Of an encrypted one this is the stub. */
		*out = tftp_file_hold(p->file);
	} else if (p->encrypted != NULL) {
		return PHONE_STORE_ABSENT;
	} else {
		*out = plain_of(p);
	}
	return PHONE_STORE_FOUND;
}

void
store_phones_look(struct phone_store *s)
{
	struct store_phones *p = &s->phones;

	if (p->pass_began == 0 || s->items.jobs[SIGNING_PHONE] > 0 ||
	    !TAILQ_EMPTY(&s->items.stale[SIGNING_PHONE]))
		return;
	p->pass_ms = (uint64_t)(clock_ticks() - p->pass_began);
	p->pass_began = 0;
	if (p->pass_ms >= 1000)
		log_info("files of %zu phones are up to date after %llu.%llu s",
		    p->n, (unsigned long long)p->pass_ms / 1000,
		    (unsigned long long)p->pass_ms % 1000 / 100);
}
