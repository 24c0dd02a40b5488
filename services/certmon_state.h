/*
 * When the certificate monitor's daily alarms are due, and what it remembers
 * about that in run/certmon: so that a restart neither repeats a day nor
 * leaves one out.
 */
#ifndef SERVICES_CERTMON_STATE_H
#define SERVICES_CERTMON_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define CERTMON_NEVER INT64_C(0)

/* Seconds since 1970 by the node's clock. */
struct certmon_state {
	int64_t ran; /* when the last run was; CERTMON_NEVER */
	int64_t mail; /* the run whose e-mail has not been sent; or NEVER */
};

/* The last time of day `minute`, local time, at or before now. */
int64_t certmon_moment(int64_t now, unsigned minute);

/*
 * Is a run due: has there been none since the last time of day?  A clock that
 * was set back by a day at most repeats nothing; what a clock that was further
 * ahead has left in *s is forgotten.
 */
bool certmon_state_due(struct certmon_state *s, int64_t now, unsigned minute);

/*
 * Read run/certmon.  When there is none, or one that is broken, nothing has
 * been done yet; -1 says why, but for a missing one.
 */
int certmon_state_read(struct certmon_state *s, struct err *e);

/* Replace run/certmon. */
int certmon_state_write(const struct certmon_state *s, struct err *e);

#endif
