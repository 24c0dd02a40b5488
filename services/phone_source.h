/*
 * Where phone data comes from: this node's own database, or a test.
 *
 * What a source hands out never changes afterwards and is shared between
 * threads: rows and layouts are counted, and freed by the last who holds
 * them.
 */
#ifndef SERVICES_PHONE_SOURCE_H
#define SERVICES_PHONE_SOURCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/nodeconf.h"
#include "services/itl_start.h"
#include "trust/cert.h"

#define PHONE_MAC_SIZE 13 /* twelve upper-case hex digits and NUL */
#define PHONE_GROUP_SIZE 129 /* name of a call manager group */
#define PHONE_GROUP_NODES 3 /* TVS entries of a group's ITL file at most */

/* A phone. */
struct phone_row {
	atomic_uint holders;
	char mac[PHONE_MAC_SIZE];
	char group[PHONE_GROUP_SIZE]; /* "": none */
	bool removed; /* nothing else is set then */
	bool encrypt; /* its configuration must not be readable */
	struct cert *cert; /* to encrypt to; owned, or NULL */
	void *data; /* what render() needs, the source's */
	void (*free_data)(void *data);
};

/* A call manager group: its first nodes, in order. */
struct phone_group {
	char name[PHONE_GROUP_SIZE];
	char node[PHONE_GROUP_NODES][NODE_NAME_SIZE];
	size_t n_nodes;
};

/* What all phones have in common. */
struct phone_layout {
	atomic_uint holders;
	struct phone_group *group; /* owned */
	size_t n_groups;
	void *data; /* what render() needs, the source's */
	void (*free_data)(void *data);
};

/* What is new since the last reading. */
struct phone_changes {
	struct phone_layout *layout; /* one hold, or NULL: as before */
	struct phone_row **row; /* owned, one hold each */
	size_t n;
	bool complete; /* phones that are not in it are gone */
};

#define PHONE_CHANGES_INIT                                             \
	{                                                              \
		.layout = NULL, .row = NULL, .n = 0, .complete = false \
	}

struct phone_source {
	/*
	 * Fill an empty *out with what changed since the last call that
	 * succeeded, or everything at the first and whenever it cannot tell.
	 * Nothing may be new.  -1: try again, *out is empty.  One thread
	 * calls it.
	 */
	int (*read)(void *self, struct phone_changes *out, struct err *e);
	/*
	 * The plain configuration of a phone; free with free().  Called by
	 * several threads at the same time, needs nothing but its arguments.
	 */
	int (*render)(const struct phone_layout *l, const struct phone_row *r,
	    uint8_t **out, size_t *len, struct err *e);
	/* Called when no thread uses the source any more; may be NULL. */
	void (*close)(void *self);
	struct itl_source certs; /* for the groups' ITL files */
	void *self;
};

/* The node's own database; one connection, opened again after a failure. */
struct phone_source phone_source_database(void);

/* A fresh row or layout with one hold, empty. */
struct phone_row *phone_row_new(void);
struct phone_layout *phone_layout_new(void);

struct phone_row *phone_row_hold(struct phone_row *r);
struct phone_layout *phone_layout_hold(struct phone_layout *l);

/* NULL-safe. */
void phone_row_release(struct phone_row *r);
void phone_layout_release(struct phone_layout *l);

/* Release all in it; the struct becomes empty. */
void phone_changes_release(struct phone_changes *c);

#endif
