/*
 * One service of runit, without runit's programs: service/NAME/supervise
 * holds `status` (20 bytes) and the pipe `control`.  supervise/ belongs to
 * root, so only the agent's root parent calls these.
 */
#ifndef NODE_RUNIT_H
#define NODE_RUNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum runit_state {
	RUNIT_DOWN,
	RUNIT_RUN,
	RUNIT_FINISH /* the finish script runs */
};

struct runit_status {
	enum runit_state state;
	pid_t pid; /* 0: none */
	bool want_up; /* runit starts it again when it ends */
	bool paused;
	bool got_term; /* was told to end and has not yet */
	int64_t since; /* seconds since 1970 of the last change of state */
};

#define RUNIT_STATUS_SIZE 20

/* Decode the bytes of supervise/status.  0, or -1 with ERR_FORMAT. */
int runit_parse(const uint8_t *data, size_t len, struct runit_status *st,
    struct err *e);

/* State of service/NAME.  ERR_UNREACHABLE when no runsv watches it. */
int runit_status(const char *name, struct runit_status *st, struct err *e);

/*
 * Send control letters ("u", "d", "o", "t", "k", "c", or several) in one
 * write.  ERR_UNREACHABLE when no runsv watches the service.
 */
int runit_control(const char *name, const char *letters, struct err *e);

/*
 * The file service/NAME/down: present, runit does not start the service by
 * itself when the node starts.
 */
int runit_set_down(const char *name, bool down, struct err *e);
bool runit_is_down(const char *name);

/*
 * The same for service/NAME/once: the service is not started again when it
 * ends by itself (auto-restart disabled).  runsv does not know this file; the
 * root parent turns it into the control letter "o".
 */
int runit_set_once(const char *name, bool once, struct err *e);
bool runit_is_once(const char *name);

#endif
