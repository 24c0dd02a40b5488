/*
 * The enterprise parameters that administrators see and set: names, values
 * allowed, and what must be restarted for a new value to count.  The values
 * themselves are in the database (db/params.h).
 */
#ifndef BASE_PARAMETER_H
#define BASE_PARAMETER_H

#include <stddef.h>

#include "base/err.h"
#include "base/file_servers.h"

/* Of a value with its NUL; the list of other clusters is the longest. */
#define PARAMETER_VALUE_SIZE FILE_SERVERS_TEXT_SIZE

struct parameter {
	const char *name; /* "Cluster ID" */
	const char *help; /* what it is; no full stop */
	const char *allowed; /* its values, in words; NULL: cannot be set */
	const char *const *values; /* NULL at the end; NULL: no fixed ones */
	int (*check)(const char *value, struct err *e); /* NULL: values */
	/* The service that reads it when it starts; NULL: it counts at once. */
	const char *restart;
};

/* By name, parameter_table_n of them. */
extern const struct parameter parameter_table[];
extern const size_t parameter_table_n;

/* By its name as it stands; ERR_NOT_FOUND lists them. */
const struct parameter *parameter_find(const char *name, struct err *e);

/*
 * Take "NAME VALUE" apart, where the name has blanks and the value may stand
 * in quotation marks (an empty value must).  *value points into text, *len
 * bytes of it.  ERR_NOT_FOUND as above, ERR_USAGE: no value.
 */
const struct parameter *parameter_split(const char *text, const char **value,
    size_t *len, struct err *e);

/*
 * May it have this value?  ERR_USAGE, also for one that is too long, or
 * ERR_DENIED: it cannot be set.
 */
int parameter_check(const struct parameter *p, const char *value,
    struct err *e);

#endif
