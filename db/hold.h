/*
 * The hold timer: after a certificate of a node has been regenerated, no
 * other regeneration on that node for hold_seconds, whatever the units.
 * Table certificatehold has one row per node with three times of the last
 * regeneration: wall, boot id, CLOCK_BOOTTIME.
 */
#ifndef DB_HOLD_H
#define DB_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "db/certs.h"
#include "db/db.h"

/* A moment as a node sees it; also the times of the last regeneration. */
struct hold_time {
	int64_t wall; /* clock_wall() */
	int64_t boot; /* clock_boot() */
	char boot_id[CLOCK_BOOT_ID_SIZE];
};

struct hold {
	char unit[CERTS_UNIT_SIZE]; /* regenerated last; "": never */
	struct hold_time at;
};

/* The moment now, from base/clock. */
void hold_now(struct hold_time *now);

/*
 * How many seconds the node is still held; 0 when it is free.  Pure.
 * Same boot: only boot time counts, so setting the wall clock changes
 * nothing.  Other boot: wall time; if that lies in the future of now, held
 * until seconds after boot.
 */
int64_t hold_left(const struct hold *h, const struct hold_time *now,
    unsigned seconds);

/* The hold of a node; unit "" when it never regenerated. */
int hold_read(struct db *db, const char *node, struct hold *out, struct err *e);

/*
 * 0 when unit may be regenerated on the node, else -1: ERR_HELD with the
 * sentence to print, "CallManager certificate was modified in the last 5
 * minutes. Please re-try regnerating TVS certificate at a later time", or
 * another error.  An answer for the question before the work:
 * hold_replace_certificate() decides.
 */
int hold_check(struct db *db, const char *node, const char *unit,
    const struct hold_time *now, unsigned seconds, struct err *e);

/*
 * One transaction on the primary: lock the node's row, refuse when held
 * (ERR_HELD as above), set the hold to now, certs_replace() with row.  Two
 * callers for one node run one after the other, so the second is refused.
 * On failure nothing has changed, except when the answer to the commit got
 * lost (ERR_TIMEOUT, ERR_UNREACHABLE): then certs_is_current() on a new
 * connection tells.
 */
int hold_replace_certificate(struct db *primary, const struct cert_row *row,
    const struct hold_time *now, unsigned seconds, struct err *e);

/* Forget a node's hold (labs). */
int hold_clear(struct db *primary, const char *node, struct err *e);

#endif
