/*
 * The time a file was changed in: the options reltime and abstime of
 * `file get` and `file search`.  It is compared with what the file system
 * says, so it is the host's time, which a lab does not shift.
 */
#ifndef COMMANDS_FILE_WHEN_H
#define COMMANDS_FILE_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define FILE_WHEN_NUMBER_MAX 9999 /* of minutes, …, months */

/* Seconds since 1970, both ends belong to it. */
struct file_when {
	int64_t from;
	int64_t to;
};

/* "minutes", "hours", "days", "weeks", "months"; NULL at the end. */
extern const char *const file_when_units[];

/* All time. */
void file_when_always(struct file_when *w);

/*
 * The last n minutes, …, months (calendar months) before now.  unit and n
 * have been checked.
 */
void file_when_last(struct file_when *w, const char *unit, uint64_t n,
    int64_t now);

/*
 * hh:mm:MM/DD/YY in the node's zone, the years 2000 to 2099.  0, or -1 with
 * the sentence for the user.
 */
int file_when_parse(const char *text, int64_t *t, struct err *e);

/*
 * From one such time to the end of the other's minute, both checked.  -1 when
 * the end lies before the beginning.
 */
int file_when_between(struct file_when *w, const char *from, const char *to,
    struct err *e);

bool file_when_has(const struct file_when *w, int64_t t);

#endif
