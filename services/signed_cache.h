/*
 * tftp/.signed/: what was signed, kept for the next start.  A pure cache: a
 * file in it is used only if it would be signed just so now, and phones
 * never get it by its name.
 *
 * All of it is one pack, SIGNED_CACHE_PACK, to whose end a thread appends
 * what came together, SIGNED_CACHE_PAUSE_MS apart, with one sync.  Of a
 * signed file only the header is there, as the content is known to who asks;
 * so nothing that a phone's configuration says stands on the disk, unless it
 * is encrypted.  A record has its own digest: what a killed process has left
 * half written ends the pack.  When more of it is out of date than not, and
 * after signed_cache_sweep(), the pack is written anew and put in place of
 * the old one.
 *
 * A disk that is full, broken or slow costs the cache and nothing else; it is
 * logged once.
 *
 * Any thread may call any function but open and close.
 */
#ifndef SERVICES_SIGNED_CACHE_H
#define SERVICES_SIGNED_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trust/cert.h"
#include "trust/digest.h"
#include "trust/file_checker.h"
#include "trust/key.h"

#define SIGNED_CACHE_DIR "tftp/.signed"
#define SIGNED_CACHE_PACK SIGNED_CACHE_DIR "/pack.1" /* of this format */
#define SIGNED_CACHE_PAUSE_MS 500

struct signed_cache;

/*
 * Make the folder if need be, remove from it what is no pack, and begin to
 * read that.  NULL with e set: there will be no cache.
 */
struct signed_cache *signed_cache_open(struct err *e);

/* What was put is written before this returns.  NULL-safe. */
void signed_cache_close(struct signed_cache *c);

/* What a file would be now. */
struct signed_cache_key {
	const char *name; /* as phones ask for it, folder and .sgn */
	enum digest_alg digest;
	struct key_piece content; /* plain, also of an encrypted file */
	const struct cert *phone; /* it is encrypted to; NULL: it is not */
};

/*
 * The file if it has this name inside, this digest and this content, is
 * encrypted to this phone or not at all, and its signature is right; free
 * *out with free().  False when there is none.
 */
bool signed_cache_find(struct signed_cache *c, struct file_checker *k,
    const struct signed_cache_key *key, uint8_t **out, size_t *len);

/* Keep the file, which was made of that, from now on. */
void signed_cache_put(struct signed_cache *c,
    const struct signed_cache_key *key, const uint8_t *data, size_t len);

/* Forget it, also if it is not yet on the disk. */
void signed_cache_drop(struct signed_cache *c, const char *name);

/* Forget what was there at the start and has not been found since. */
void signed_cache_sweep(struct signed_cache *c);

/* Wait until everything so far is on the disk: for tests. */
void signed_cache_flush(struct signed_cache *c);

/* How many files are in it: for tests. */
size_t signed_cache_count(struct signed_cache *c);

#endif
