/*
 * tftp/.signed/: what was signed, kept for the next start.  A pure cache: a
 * file in it is used only if it would be signed just so now, and phones
 * never get it by its name.  One that does not fit, and one of a phone or a
 * file that is gone, is removed.
 *
 * Files are written beside their names at once; a thread gives them their
 * names, SIGNED_CACHE_PAUSE_MS apart, with one sync for all of them.  What a
 * killed process has left half written is removed at the next start.  A disk
 * that is full or broken costs the cache and nothing else; it is logged once.
 *
 * Any thread may call any function but open, sweep and close.
 */
#ifndef SERVICES_SIGNED_CACHE_H
#define SERVICES_SIGNED_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trust/digest.h"
#include "trust/file_checker.h"
#include "trust/key.h"

#define SIGNED_CACHE_DIR "tftp/.signed"
#define SIGNED_CACHE_PAUSE_MS 500
#define SIGNED_CACHE_FILE_MAX (256UL * 1024) /* not worth it above */

struct signed_cache;

/* Make the folder if need be.  NULL with e set: there will be no cache. */
struct signed_cache *signed_cache_open(struct err *e);

/* Files without their names by now are given up.  NULL-safe. */
void signed_cache_close(struct signed_cache *c);

/* What a file would be now. */
struct signed_cache_key {
	const char *name; /* as phones ask for it, folder and .sgn */
	enum digest_alg digest;
	struct key_piece content;
};

/*
 * The file if it has this name inside, this digest and this content, and its
 * signature is right; free *out with free().  False when there is none; one
 * that is not so is removed.
 */
bool signed_cache_find(struct signed_cache *c, struct file_checker *k,
    const struct signed_cache_key *key, uint8_t **out, size_t *len);

/* Keep it from now on. */
void signed_cache_put(struct signed_cache *c, const char *name,
    const uint8_t *data, size_t len);

/* Remove it, also if it has not got its name yet. */
void signed_cache_drop(struct signed_cache *c, const char *name);

/* Remove what was there at the start and has not been asked for since. */
void signed_cache_sweep(struct signed_cache *c);

/* Wait until everything so far is on the disk: for tests. */
void signed_cache_flush(struct signed_cache *c);

#endif
