/*
 * A file of records that have names, for services/signed_cache.h.  Records
 * are appended; which of them count is known in memory.  What is at its end
 * and was written by half is found by its digest and overwritten.
 *
 * A record is the SHA-256 of what follows in it (32 bytes), the length of
 * what follows (4), then the length of the name (2), the name, and the data.
 *
 * Threads: open, load, apply and close are for one thread at a time; the
 * others wait, in find, want and count, until it has loaded.
 */
#ifndef SERVICES_SIGNED_PACK_H
#define SERVICES_SIGNED_PACK_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SIGNED_PACK_RECORD_MAX (1024UL * 1024)
/* Less than this out of date is no reason to write it anew. */
#define SIGNED_PACK_DEAD_MAX (1024UL * 1024)

struct signed_pack;

/* Open or make the file, which is not read yet.  NULL with e set. */
struct signed_pack *signed_pack_open(const char *path, struct err *e);

/* NULL-safe. */
void signed_pack_close(struct signed_pack *p);

/* Read which records there are. */
void signed_pack_load(struct signed_pack *p);

enum pack_change_kind {
	PACK_PUT, /* in the place of the record of this name */
	PACK_DROP, /* forget the record of this name, if there is one */
	PACK_SWEEP /* forget those that nobody has wanted since the load */
};

struct pack_change {
	STAILQ_ENTRY(pack_change) link;
	enum pack_change_kind kind;
	char *name; /* owned; NULL: SWEEP */
	uint8_t *record; /* owned; of PUT */
	size_t len;
};

STAILQ_HEAD(pack_changes, pack_change);

/* A new one, with copies.  NULL: the record would be too big. */
struct pack_change *pack_change_put(const char *name, const void *data,
    size_t len);
struct pack_change *pack_change_drop(const char *name);
struct pack_change *pack_change_sweep(void);
void pack_change_free(struct pack_change *c);

/*
 * Make these changes, in their order, and free them; with sync wait for the
 * disk.  -1 with e set: some are lost, the pack is whole.
 */
int signed_pack_apply(struct signed_pack *p, struct pack_changes *changes,
    bool sync, struct err *e);

/* The data of the record of this name; free *data with free(). */
bool signed_pack_find(struct signed_pack *p, const char *name, uint8_t **data,
    size_t *len);

/* PACK_SWEEP is to leave the record of this name. */
void signed_pack_want(struct signed_pack *p, const char *name);

/* How many records count. */
size_t signed_pack_count(struct signed_pack *p);

#endif
