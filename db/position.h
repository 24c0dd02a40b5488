/*
 * How far the log of a server has come, for choosing the standby that a
 * rebuilt publisher takes its data from, and for making it the primary.
 */
#ifndef DB_POSITION_H
#define DB_POSITION_H

#include <stdint.h>

#include "db/db.h"

struct position {
	uint64_t system; /* the database's own number; every copy has it */
	uint32_t timeline; /* grows with every promotion of the cluster */
	uint64_t lsn; /* bytes of log: received or replayed, written */
};

/*
 * Of this server, standby or primary.  Of a standby what it has received
 * counts, since it replays that whatever happens.
 */
int position_read(struct db *db, struct position *out, struct err *e);

/*
 * Below 0, 0, above 0: a is behind, as far as, ahead of b.  The timeline
 * decides first: what a server has on an old one is no part of the cluster's
 * data any more.  Both are of one system.  Pure.
 */
int position_compare(const struct position *a, const struct position *b);

/*
 * Make a standby the primary of a new timeline, and wait until it is
 * (DB_ADMIN).  One that is a primary already is no error.
 */
int position_promote(struct db *admin, struct err *e);

#endif
