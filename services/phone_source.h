/*
 * Where phone data comes from: this node's own database, or a test.
 *
 * What a source hands out never changes afterwards and is shared between
 * threads: rows and what they have in common are counted, and freed by the
 * last who holds them.
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
#define PHONE_GROUP_SIZE 64
#define PHONE_GROUP_NODES 3 /* TVS entries of a group's ITL file at most */
#define PHONE_NO_GROUP SIZE_MAX

/* A phone. */
struct phone_row {
	atomic_uint holders;
	char mac[PHONE_MAC_SIZE];
	bool removed; /* nothing else is set then */
	bool encrypt; /* its configuration must not be readable */
	void *data; /* what cert() and render() need, the source's */
	void (*free_data)(void *data);
};

/* A call manager group: its first nodes, in order. */
struct phone_group {
	char key[PHONE_GROUP_SIZE]; /* tells it from the others */
	char node[PHONE_GROUP_NODES][NODE_NAME_SIZE];
	size_t n_nodes;
};

/* What phones have in common: pools, groups, nodes, parameters, templates. */
struct phone_basis {
	atomic_uint holders;
	struct phone_group *group; /* owned */
	size_t n_groups;
	void *data; /* what render() and group() need, the source's */
	void (*free_data)(void *data);
};

/* What is new since the last reading. */
struct phone_changes {
	struct phone_basis *basis; /* one hold, or NULL: as before */
	struct phone_row **row; /* owned, one hold each */
	size_t n;
	bool complete; /* phones that are not in it are gone */
};

#define PHONE_CHANGES_INIT                                            \
	{                                                             \
		.basis = NULL, .row = NULL, .n = 0, .complete = false \
	}

struct phone_source {
	/*
	 * Fill an empty *out with what changed since the last call that
	 * succeeded, or everything, basis included, at the first and whenever
	 * it cannot tell.  Nothing may be new.  -1: try again, *out is empty.
	 * One thread calls it.
	 */
	int (*read)(void *self, struct phone_changes *out, struct err *e);
	/*
	 * The phone's certificate, to be freed by the caller; NULL with e set:
	 * ERR_NOT_FOUND (it has none) or ERR_FORMAT.  As render().
	 */
	struct cert *(*cert)(const struct phone_row *r, struct err *e);
	/*
	 * The plain configuration of a phone with this certificate (NULL:
	 * none), or XMLDefault.cnf.xml if r is NULL; free with free().
	 * Called by several threads at the same time, needs nothing but its
	 * arguments.
	 */
	int (*render)(const struct phone_basis *b, const struct phone_row *r,
	    const struct cert *c, uint8_t **out, size_t *len, struct err *e);
	/* The phone's group: an index into b->group, or PHONE_NO_GROUP. */
	size_t (*group)(const struct phone_basis *b, const struct phone_row *r);
	/* Called once when no thread reads any more; may be NULL. */
	void (*close)(void *self);
	struct itl_source certs; /* for the groups' ITL files, and the digest */
	void *self;
};

/* A fresh one with one hold, empty. */
struct phone_row *phone_row_new(const char *mac);
struct phone_basis *phone_basis_new(void);

/* Hold it once more.  Returns its argument. */
struct phone_row *phone_row_hold(struct phone_row *r);
struct phone_basis *phone_basis_hold(struct phone_basis *b);

/* NULL-safe. */
void phone_row_release(struct phone_row *r);
void phone_basis_release(struct phone_basis *b);

/* Append a row, whose hold becomes c's. */
void phone_changes_add(struct phone_changes *c, struct phone_row *r);

/* Release all in it; the struct becomes empty. */
void phone_changes_release(struct phone_changes *c);

#endif
