/*
 * What administrators say of phones, made ready for the database: options of
 * a command line, or a CSV file.
 */
#ifndef NODE_PHONE_IMPORT_H
#define NODE_PHONE_IMPORT_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "db/device_edit.h"

#define PHONE_IMPORT_MAX (64UL * 1024 * 1024) /* bytes of a file */
#define PHONE_IMPORT_PHONES_MAX 100000

struct phone_edits {
	struct device_edit *item; /* owned */
	size_t n;
	struct strlist text; /* values the edits lend from it */
};

#define PHONE_EDITS_INIT                        \
	{                                       \
		.item = NULL, .n = 0, .text = { \
			.item = NULL,           \
		}                               \
	}

void phone_edits_release(struct phone_edits *l); /* NULL-safe */

/*
 * Read a file: RFC 4180 (base/csv.h), in the first line the columns, which
 * are "name" and any of device_field_name(), in any order and case.  What has
 * no column stays as it is.  So does what has an empty field but cannot be
 * empty (device_field_may_be_empty()).  Lines without anything in them are
 * skipped.  -1 with line and rule.
 */
int phone_import_read(const void *text, size_t len, struct phone_edits *out,
    struct err *e);

/*
 * The certificate that a phone's configuration can be encrypted to: the
 * first in PEM text, as PEM of its own; free it.  NULL: ERR_FORMAT, or
 * ERR_KEY when it has no RSA key.
 */
char *phone_import_certificate(const void *pem, size_t len, struct err *e);

#endif
