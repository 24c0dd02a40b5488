/*
 * itl_start_build() in a thread of its own.  Its user waits for a descriptor
 * to become readable, or walks away.
 */
#ifndef SERVICES_ITL_BUILDER_H
#define SERVICES_ITL_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/itl_start.h"

struct itl_builder;

/* Start a build.  NULL with e set when there is no thread or descriptor. */
struct itl_builder *itl_builder_start(const struct itl_source *source,
    struct err *e);

/* Readable when the build is over.  Not to be read or closed. */
int itl_builder_fd(const struct itl_builder *b);

/*
 * The result of a build that is over: as itl_start_build() returned it.  To
 * be called once.
 */
int itl_builder_take(struct itl_builder *b, uint8_t **out, size_t *len,
    struct err *e);

/* Free it, or leave it to its thread if that is still at work.  NULL-safe. */
void itl_builder_free(struct itl_builder *b);

#endif
