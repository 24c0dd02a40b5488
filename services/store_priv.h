/*
 * Only for the store of phones' files (services/phone_store.h): its parts.
 *
 * Everything that a job makes is an item: the files of a phone, the ITL file
 * of a group, a NAME.sgn.  An item that must be made again is stale, and
 * nothing of it is handed out, until a job has brought it up to date; only
 * one job of an item is under way at a time.  Stale items stand in lists
 * from which a few are taken at a time, so that the event loop never waits.
 */
#ifndef SERVICES_STORE_PRIV_H
#define SERVICES_STORE_PRIV_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/phone_poller.h"
#include "services/phone_source.h"
#include "services/phone_store.h"
#include "services/signed_cache.h"
#include "services/signing_job.h"
#include "services/static_files.h"
#include "services/tftp_files.h"
#include "services/tftp_name.h"
#include "services/work_pool.h"

#define STORE_BUCKETS 16384
#define STORE_TURN 128 /* rows or items before others have a turn */
#define STORE_COMPLAINTS 20 /* lines of the log in one go */

/* Queues of the workers. */
enum store_queue {
	STORE_URGENT, /* somebody waits */
	STORE_GROUPS,
	STORE_PHONES,
	STORE_STATICS
};

TAILQ_HEAD(waiter_queue, phone_store_waiter);

struct phone_store_waiter {
	TAILQ_ENTRY(phone_store_waiter) link;
	struct phone_store *store;
	struct waiter_queue *queue; /* it is in */
	void (*fn)(void *self);
	void *self;
};

struct store_item {
	TAILQ_ENTRY(store_item) link; /* of items.stale or .settled */
	enum signing_kind kind;
	void *owner; /* the phone, group or static it is part of */
	bool stale;
	bool listed; /* in items.stale */
	bool failed; /* it could not be made */
	bool complained; /* the log says so */
	struct signing_job *job; /* under way, or NULL */
	struct waiter_queue waiters;
};

TAILQ_HEAD(item_list, store_item);

#define STORE_KINDS 3 /* of enum signing_kind */

struct store_items {
	struct item_list stale[STORE_KINDS];
	struct item_list settled[STORE_KINDS];
	size_t n_stale;
	size_t jobs[STORE_KINDS]; /* under way, forgotten ones too */
	unsigned complaints; /* since there was nothing to be made */
};

/* A phone, or XMLDefault.cnf.xml. */
struct store_phone {
	LIST_ENTRY(store_phone) in_bucket;
	struct store_item item;
	char mac[PHONE_MAC_SIZE]; /* "": XMLDefault */
	struct phone_row *row; /* held; NULL: XMLDefault */
	uint64_t seen; /* phones.load when it was read last */
	bool has_input; /* there are files, made from this */
	struct signing_input input;
	struct tftp_file *file; /* held: the signed one, or the stub */
	size_t header; /* of it */
	struct tftp_file *encrypted; /* held */
};

LIST_HEAD(phone_bucket, store_phone);

struct store_phones {
	struct phone_bucket bucket[STORE_BUCKETS];
	struct store_phone fallback; /* XMLDefault */
	size_t n;
	uint64_t load; /* number of the last complete reading */
	bool known; /* a complete reading is in */
	bool too_many; /* the log says so */
	int64_t pass_began; /* clock_ticks(); 0: no pass is under way */
	uint64_t pass_ms;
};

struct store_group {
	LIST_ENTRY(store_group) link;
	struct store_item item;
	struct phone_group group;
	bool needed; /* its list differs from ITLFile.tlv */
	bool seen;
	struct tftp_file *file; /* held */
};

LIST_HEAD(group_list, store_group);

struct store_static {
	LIST_ENTRY(store_static) in_bucket;
	TAILQ_ENTRY(store_static) in_order; /* while it has a file */
	struct store_item item;
	char name[TFTP_NAME_SIZE]; /* without .sgn */
	bool plain; /* the file itself is on disk */
	bool by_hand; /* NAME.sgn is on disk */
	struct tftp_file *file; /* held; NULL: read it again when wanted */
};

LIST_HEAD(static_bucket, store_static);
TAILQ_HEAD(static_order, store_static);

struct store_statics {
	struct static_bucket bucket[STORE_BUCKETS];
	struct static_order order; /* the least recently wanted first */
	size_t n; /* with plain and without by_hand */
	uint64_t bytes;
};

/* A reading that is taken in, a few rows at a time. */
struct store_intake {
	STAILQ_ENTRY(store_intake) link;
	struct phone_changes changes;
	size_t next;
};

STAILQ_HEAD(intake_queue, store_intake);

struct phone_store {
	struct phone_store_config config;
	struct phone_poller *poller;
	bool has_poller; /* which closes the source */
	struct work_pool *pool;
	struct static_files *watch; /* NULL: no NAME.sgn */
	struct signing_tools tools;
	struct signing_identity *identity; /* NULL: not yet read */
	struct phone_basis *basis; /* held; NULL: not yet read */
	struct store_group **group_of; /* owned: by index into the basis */
	struct store_items items;
	struct store_phones phones;
	struct group_list groups;
	struct store_statics statics;
	struct intake_queue intake;
	struct waiter_queue unready; /* for the first reading */
	struct waiter_queue ready; /* to be called */
	struct event *turn; /* the next few rows and items */
	struct event *call; /* ready waiters */
	struct event *patience;
	bool impatient; /* nobody waits for the database any more */
	bool swept; /* tftp/.signed/ was */
	bool said_waiting; /* the log says that the database is missing */
	int64_t began; /* clock_ticks() */
	struct phone_store_counters counters;
};

/* phone_store.c */

/* Let the event loop go on with what is to be done. */
void store_continue(struct phone_store *s);

/* A file of ours, counted; the caller holds it.  store_drop() is NULL-safe. */
struct tftp_file *store_keep(struct phone_store *s, uint8_t *data, size_t len);
void store_drop(struct phone_store *s, struct tftp_file **f);

/* store_items.c */

void store_items_init(struct phone_store *s);

/* A part of owner that must be made. */
void store_item_add(struct phone_store *s, struct store_item *i,
    enum signing_kind kind, void *owner);

/* Forget it, and its waiters may ask again. */
void store_item_remove(struct phone_store *s, struct store_item *i);

/* It must be made again. */
void store_item_stale(struct phone_store *s, struct store_item *i);

/* All of this kind. */
void store_items_all_stale(struct phone_store *s, enum signing_kind kind);

/* What it was made to is still right, or that it cannot be made. */
bool store_item_settled(const struct store_item *i);

/* Begin to make it, or move it forward. */
void store_item_hurry(struct phone_store *s, struct store_item *i);

/* Begin with a few of the stale ones.  True: there are more. */
bool store_items_turn(struct phone_store *s);

/* Nothing is to be made and nothing is being made. */
bool store_items_idle(const struct phone_store *s);

/* A worker has done a job; the pool's done() and drop(). */
void store_items_done(void *self, void *job);
void store_items_drop(void *self, void *job);

/* store_waiters.c */

struct phone_store_waiter *store_wait(struct phone_store *s,
    struct waiter_queue *q, void (*fn)(void *self), void *self);

/* Call all of these, from the event loop. */
void store_wake(struct phone_store *s, struct waiter_queue *q);

/* Call some that are ready; true if there are more. */
bool store_waiters_turn(struct phone_store *s);

void store_waiters_release(struct waiter_queue *q);

/* store_phones.c */

void store_phones_init(struct phone_store *s);
void store_phones_release(struct phone_store *s);

struct store_phone *store_phone_find(struct phone_store *s, const char *mac);

/* A row of a reading, whose hold is taken over. */
void store_phone_row(struct phone_store *s, struct phone_row *row);

/* A complete reading begins, or is over. */
void store_phones_begin(struct phone_store *s);
void store_phones_end(struct phone_store *s);

/* What a job for it is to do, and what one has done. */
void store_phone_job(struct phone_store *s, struct store_phone *p,
    struct signing_job *j);
void store_phone_take(struct phone_store *s, struct store_phone *p,
    struct signing_job *j);

/* A configuration of it: the kinds CONFIG and XMLDefault of a name. */
enum phone_store_answer store_phone_lookup(const struct store_phone *p,
    const struct tftp_name *name, struct tftp_file **out);

/* Is a pass over all phones over?  Then note how long it took. */
void store_phones_look(struct phone_store *s);

/* store_groups.c */

void store_groups_release(struct phone_store *s);

/* The groups are those of s->basis now. */
void store_groups_update(struct phone_store *s);

/* A phone's group, or NULL if it gets ITLFile.tlv. */
struct store_group *store_group_of(const struct phone_store *s,
    const struct store_phone *p);

void store_group_job(const struct store_group *g, struct signing_job *j);
void store_group_take(struct phone_store *s, struct store_group *g,
    struct signing_job *j);

/* ITLSEP<MAC>.tlv of a phone. */
enum phone_store_answer store_group_lookup(struct phone_store *s,
    const struct store_phone *p, struct tftp_file **out);

/* store_statics.c */

void store_statics_init(struct phone_store *s);
void store_statics_release(struct phone_store *s);

/* Told by static_files. */
void store_static_event(void *self, enum static_event event, const char *name);

/* The one that NAME.sgn would be made of, or NULL. */
struct store_static *store_static_find(struct phone_store *s,
    const char *name_sgn);

/* Is a file of exactly this name on disk? */
bool store_static_on_disk(struct phone_store *s, const char *name);

/* Do not keep what was signed of this file, which is gone, on disk. */
void store_static_forget(struct phone_store *s, const char *name);

void store_static_job(const struct store_static *f, struct signing_job *j);
void store_static_take(struct phone_store *s, struct store_static *f,
    struct signing_job *j);

enum phone_store_answer store_static_lookup(struct phone_store *s,
    struct store_static *f, struct tftp_file **out);

#endif
