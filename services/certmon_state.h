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

/* Days are those of the node's calendar, counted from 1970-01-01. */
struct certmon_state {
	int64_t ran; /* day whose run was the last one; CERTMON_NEVER */
	int64_t mail; /* day whose e-mail has not been sent; CERTMON_NEVER */
};

/* The last time of day `minute` at or before now, and the day it lies in. */
struct certmon_moment {
	int64_t time; /* seconds since 1970 */
	int64_t day;
};

void certmon_moment(struct certmon_moment *m, int64_t now, unsigned minute);

/*
 * Is a run due: has the day of the last moment, m, had none?  So the first
 * look is due at once.  A clock that was set back by a day at most repeats
 * nothing; what a clock that was further ahead has left in *s is forgotten.
 */
bool certmon_state_due(struct certmon_state *s, const struct certmon_moment *m,
    int64_t now);

/*
 * Read run/certmon.  When there is none, or one that is broken, nothing has
 * been done yet; -1 says why, but for a missing one.
 */
int certmon_state_read(struct certmon_state *s, struct err *e);

/* Replace run/certmon. */
int certmon_state_write(const struct certmon_state *s, struct err *e);

#endif
