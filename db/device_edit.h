/*
 * Adding, changing and removing phones, by the thousand.
 */
#ifndef DB_DEVICE_EDIT_H
#define DB_DEVICE_EDIT_H

#include <stddef.h>

#include "base/progress.h"
#include "base/str.h"
#include "db/db.h"
#include "db/device_fields.h"

/* What to make of one phone. */
struct device_edit {
	char name[DEVICES_NAME_SIZE];
	unsigned line; /* of the file it comes from, for messages; 0: none */
	/* NULL: stays as it is, and at its default in a new phone; lent */
	const char *value[DEVICE_FIELDS];
};

enum device_edit_mode {
	DEVICE_EDIT_ADD, /* ERR_EXISTS: there is one of that name */
	DEVICE_EDIT_SET, /* ERR_NOT_FOUND: there is none */
	DEVICE_EDIT_IMPORT /* add or set */
};

struct device_edits {
	enum device_edit_mode mode;
	const struct device_edit *item; /* n of them */
	size_t n;
	/* "5000 of 100000 phones so far.\n" now and then; or NULL */
	const struct progress *progress;
};

struct device_edit_counts {
	size_t added;
	size_t changed;
	size_t unchanged; /* had these values already */
};

/*
 * Add or change phones on the primary: all or none.  Phones that have the
 * values already are not touched, so their files stay as they are.  counts
 * may be NULL.  -1 names line or phone and the rule: ERR_USAGE (a value),
 * ERR_NOT_FOUND (a model or pool), ERR_EXISTS (also: two edits of one phone),
 * ERR_STATE (an encrypted configuration without a certificate; or another
 * edit that takes long, waited for as long as the server allows),
 * ERR_CANCELLED (by progress).
 */
int devices_edit(struct db *primary, const struct device_edits *edits,
    struct device_edit_counts *counts, struct err *e);

/*
 * Remove phones: all or none, each name once however often it stands there.
 * *removed is how many.  ERR_NOT_FOUND names the first missing one;
 * ERR_STATE as above.
 */
int devices_remove(struct db *primary, const struct strlist *names,
    size_t *removed, struct err *e);

#endif
