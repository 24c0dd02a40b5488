/*
 * Two small text files through which the agent and Cisco Tftp speak about
 * the node's ITLFile.tlv.  Both are lines "key value", replaced whole.
 *
 * run/itl-keep, the marker, is written by the agent just before it restarts
 * Cisco Tftp after a reset, and says "keep the file with this checksum":
 *
 *	sha1 <40 lower-case hex digits>
 *	boot <boot id of the kernel>
 *	time <seconds of clock_boot()>
 *
 * Cisco Tftp removes it at every start, whether it obeyed it or not, so any
 * later start builds the file anew and signs it with CallManager.
 *
 * run/tftpd.status is written by Cisco Tftp whenever something below
 * changes, and removed when it stops cleanly.  A reader that has restarted
 * the service compares pid with the supervisor's: a file left behind by a
 * killed process tells nothing about the present one.
 */
#ifndef BASE_ITL_STATE_H
#define BASE_ITL_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/err.h"

#define ITL_SHA1_HEX_SIZE 41
#define ITL_MARKER_AGE_MAX 60 /* seconds; an older marker is not obeyed */
#define ITL_SIGNER_SIZE 512
#define ITL_REASON_SIZE 512

struct itl_marker {
	char sha1[ITL_SHA1_HEX_SIZE];
	char boot_id[CLOCK_BOOT_ID_SIZE];
	int64_t time; /* clock_boot() when it was written */
};

/*
 * Write run/itl-keep for a file with this SHA-1 (40 hex digits, stored in
 * lower case), stamped with the present boot id and time.
 */
int itl_marker_write(const char *sha1, struct err *e);

/* Read run/itl-keep.  ERR_NOT_FOUND: there is none; ERR_FORMAT: broken. */
int itl_marker_read(struct itl_marker *m, struct err *e);

/* Remove run/itl-keep.  A missing one is no error. */
int itl_marker_remove(struct err *e);

/*
 * 0 when the marker names sha1 and was written in this boot less than
 * ITL_MARKER_AGE_MAX seconds ago; else -1 with ERR_STATE and the reason.
 */
int itl_marker_check(const struct itl_marker *m, const char *sha1,
    struct err *e);

enum tftpd_state {
	TFTPD_BUILDING, /* an older file may be served meanwhile */
	TFTPD_SERVING, /* the file of this start is in force */
	TFTPD_FAILED /* could not be built; an older file may be served */
};

struct tftpd_status {
	pid_t pid;
	enum tftpd_state state;
	char reason[ITL_REASON_SIZE]; /* one line; empty unless FAILED */
	char sha1[ITL_SHA1_HEX_SIZE]; /* of the bytes served; empty: none */
	char signer[ITL_SIGNER_SIZE]; /* subject, as in the file; or empty */
	bool reset_in_force; /* a recovery key signed the bytes served */
	int64_t started; /* clock_boot() at the start of the process */
};

/* "building", "serving" or "failed". */
const char *tftpd_state_name(enum tftpd_state state);

/*
 * Replace run/tftpd.status.  Newlines and control bytes in the texts are
 * made visible.
 */
int tftpd_status_write(const struct tftpd_status *s, struct err *e);

/* Read run/tftpd.status.  ERR_NOT_FOUND: there is none; ERR_FORMAT. */
int tftpd_status_read(struct tftpd_status *s, struct err *e);

/* Remove run/tftpd.status.  A missing one is no error. */
int tftpd_status_remove(struct err *e);

#endif
