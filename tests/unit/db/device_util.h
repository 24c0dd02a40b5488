/*
 * Phones in a real database: two of them, and what is done with them.
 */
#ifndef UNIT_DB_DEVICE_UTIL_H
#define UNIT_DB_DEVICE_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/callmanager_groups.h"
#include "db/db_priv.h"
#include "db/device_edit.h"
#include "tests/fakes/pg_cluster.h"

#define SEP1 "SEP001122334401"
#define SEP2 "SEP001122334402"

static struct pg_server server;
static struct db *db;

static inline int
start(void **state)
{
	(void)state;
	pg_server_start_migrated(&server);
	db = pg_server_open(DB_RW);
	return 0;
}

static inline int
stop(void **state)
{
	(void)state;
	db_close(db);
	pg_server_stop(&server);
	return 0;
}

static inline int
no_phones(void **state)
{
	(void)state;
	pg_server_sql("delete from device; delete from devicechange;"
		      "delete from devicepool where name <> 'Default'");
	return 0;
}

static inline void
edit(enum device_edit_mode mode, const struct device_edit *edits, size_t n,
    struct device_edit_counts *counts)
{
	const struct device_edits all = { .mode = mode, .item = edits, .n = n };
	struct err e = ERR_INIT;

	if (devices_edit(db, &all, counts, &e) == -1)
		fail_msg("%s", e.msg);
}

static inline void
add(const char *name)
{
	struct device_edit d = { .name = "" };

	(void)str_copy(d.name, sizeof(d.name), name);
	edit(DEVICE_EDIT_ADD, &d, 1, NULL);
}

static inline int
remove_phones(const char *one, const char *other, struct err *e)
{
	struct strlist l = STRLIST_INIT;
	size_t n;
	int rc;

	strlist_add(&l, one);
	if (other != NULL)
		strlist_add(&l, other);
	rc = devices_remove(db, &l, &n, e);
	strlist_release(&l);
	if (rc == 0)
		assert_int_equal(n, other == NULL ? 1 : 2);
	return rc;
}

static inline struct phone_version
version(void)
{
	struct phone_version v;
	struct err e = ERR_INIT;

	if (devices_version(db, &v, &e) == -1)
		fail_msg("%s", e.msg);
	return v;
}

static inline void
changed(uint64_t since, struct device_list *out)
{
	struct err e = ERR_INIT;

	if (devices_changed(db, since, out, &e) == -1)
		fail_msg("%s", e.msg);
}

#endif
