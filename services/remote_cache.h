/*
 * What remote clusters have answered, for a while: files, and names that
 * none of them has.  Bounded; what was not wanted for longest goes first.
 */
#ifndef SERVICES_REMOTE_CACHE_H
#define SERVICES_REMOTE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/tftp_files.h"

struct remote_cache;

/* max: bytes of files, and of what it takes to remember a name. */
struct remote_cache *remote_cache_new(size_t max);

/* NULL-safe.  Files that are held stay valid. */
void remote_cache_free(struct remote_cache *c);

/*
 * Remember until a time of clock_ticks() that name is file, which is held
 * once more, or with NULL that there is none.  In place of what was known of
 * name.  A file of more than half of max is not kept.
 */
void remote_cache_put(struct remote_cache *c, const char *name,
    struct tftp_file *file, int64_t until);

/*
 * Is something known of name at this time?  Then *out is the file, for the
 * caller to release, or NULL.
 */
bool remote_cache_get(struct remote_cache *c, const char *name, int64_t now,
    struct tftp_file **out);

/* Forget everything. */
void remote_cache_clear(struct remote_cache *c);

/* Files in it, and the bytes of all it knows. */
size_t remote_cache_files(const struct remote_cache *c);
size_t remote_cache_bytes(const struct remote_cache *c);

#endif
