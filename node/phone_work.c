#include "node/phone_work.h"

#include <string.h>

#include "db/callmanager_groups.h"
#include "db/replicas.h"
#include "node/phone_print.h"

/* --- lists, from the node's own database --------------------------------- */

static int
list_phones(struct db *db, const struct phone_work *w, struct err *e)
{
	const char *name = w->words.n > 0 ? w->words.item[0] : NULL;
	struct device_list l;

	if (devices_list(db, name, &l, e) == -1)
		return -1;
	phone_print_list(w->out, &l, name != NULL);
	device_list_release(&l);
	return 0;
}

static int
export_phones(struct db *db, const struct phone_work *w, struct err *e)
{
	struct device_list l;

	if (devices_list(db, NULL, &l, e) == -1)
		return -1;
	phone_print_table(w->out, &l);
	device_list_release(&l);
	return 0;
}

static int
list_models(struct db *db, const struct phone_work *w, struct err *e)
{
	struct strlist l;

	if (devices_models(db, &l, e) == -1)
		return -1;
	phone_print_models(w->out, &l);
	strlist_release(&l);
	return 0;
}

static int
list_layout(struct db *db, const struct phone_work *w, struct err *e)
{
	struct phone_layout l;

	if (phone_layout_read(db, &l, e) == -1)
		return -1;
	if (w->verb == PHONE_GROUP_LIST)
		phone_print_groups(w->out, &l);
	else
		phone_print_pools(w->out, &l);
	phone_layout_release(&l);
	return 0;
}

/* --- changes, in the publisher's ----------------------------------------- */

/* "1 phone", "2 phones" */
static void
say_count(const struct phone_work *w, size_t n, const char *what)
{
	out_printf(w->out, "%zu phone%s %s.\n", n, n == 1 ? "" : "s", what);
}

/* All or none: say so, unless that is not known (db_commit()). */
static int
untouched(struct err *e)
{
	char hint[ERR_HINT_SIZE];

	if (e == NULL ||
	    (e->hint[0] != '\0' &&
		(e->code == ERR_UNREACHABLE || e->code == ERR_TIMEOUT)))
		return -1;
	(void)str_copy(hint, sizeof(hint), e->hint);
	return err_hint(e, "%s%sNothing was changed.", hint,
	    hint[0] != '\0' ? "  " : "");
}

/* Many take their time. */
static int
say_progress(void *self, const char *text)
{
	struct out *o = self;

	out_puts(o, text);
	out_flush(o);
	return 0;
}

static int
edit_phones(struct db *db, const struct phone_work *w, struct err *e)
{
	const struct progress progress = { .text = say_progress,
		.self = w->out };
	struct device_edits edits = { .mode = DEVICE_EDIT_IMPORT,
		.item = w->edits,
		.n = w->n,
		.progress = &progress };
	struct device_edit_counts counts;

	if (w->verb == PHONE_ADD)
		edits.mode = DEVICE_EDIT_ADD;
	else if (w->verb == PHONE_SET)
		edits.mode = DEVICE_EDIT_SET;
	if (devices_edit(db, &edits, &counts, e) == -1)
		return untouched(e);
	if (w->verb != PHONE_SET)
		say_count(w, counts.added, "added");
	if (w->verb != PHONE_ADD)
		say_count(w, counts.changed, "changed");
	if (w->verb == PHONE_IMPORT || counts.unchanged > 0)
		say_count(w, counts.unchanged, "as before");
	return 0;
}

static int
remove_phones(struct db *db, const struct phone_work *w, struct err *e)
{
	size_t n;

	if (devices_remove(db, &w->words, &n, e) == -1)
		return untouched(e);
	say_count(w, n, "removed");
	return 0;
}

/* The first word is the group, the others are its servers. */
static int
set_group(struct db *db, const struct phone_work *w, struct err *e)
{
	const struct strlist nodes = { .item = w->words.item + 1,
		.n = w->words.n - 1 };

	if (callmanager_group_set(db, w->words.item[0], &nodes, e) == -1)
		return -1;
	out_puts(w->out, "The call manager group is set.\n");
	return 0;
}

static int
remove_group(struct db *db, const struct phone_work *w, struct err *e)
{
	if (callmanager_group_remove(db, w->words.item[0], e) == -1)
		return -1;
	out_puts(w->out, "The call manager group is removed.\n");
	return 0;
}

static int
set_pool(struct db *db, const struct phone_work *w, struct err *e)
{
	if (device_pool_set(db, w->words.item[0], w->words.item[1], e) == -1)
		return -1;
	out_puts(w->out, "The device pool is set.\n");
	return 0;
}

static int
remove_pool(struct db *db, const struct phone_work *w, struct err *e)
{
	if (device_pool_remove(db, w->words.item[0], e) == -1)
		return -1;
	out_puts(w->out, "The device pool is removed.\n");
	return 0;
}

/* --- what belongs to which verb ------------------------------------------ */

static const struct {
	int (*run)(struct db *db, const struct phone_work *w, struct err *e);
	bool changes;
} verbs[] = {
	[PHONE_ADD] = { edit_phones, true },
	[PHONE_SET] = { edit_phones, true },
	[PHONE_IMPORT] = { edit_phones, true },
	[PHONE_REMOVE] = { remove_phones, true },
	[PHONE_LIST] = { list_phones, false },
	[PHONE_EXPORT] = { export_phones, false },
	[PHONE_MODELS] = { list_models, false },
	[PHONE_GROUP_LIST] = { list_layout, false },
	[PHONE_GROUP_SET] = { set_group, true },
	[PHONE_GROUP_REMOVE] = { remove_group, true },
	[PHONE_POOL_LIST] = { list_layout, false },
	[PHONE_POOL_SET] = { set_pool, true },
	[PHONE_POOL_REMOVE] = { remove_pool, true },
};

/* Name the nodes that do not have it yet; never a failure. */
static void
wait_replicas(struct db *primary, const struct phone_work *w)
{
	struct replica_report report;
	struct err e = ERR_INIT;

	if (replicas_wait(primary, REPLICAS_WAIT_MS, &report, &e) == -1)
		return;
	for (size_t i = 0; i < report.late.n; i++)
		out_printf(w->out,
		    "The database of node %s does not have the change yet.\n",
		    report.late.item[i]);
	replica_report_release(&report);
}

static struct db *
open_database(const struct phone_work *w, struct err *e)
{
	bool changes = verbs[w->verb].changes;
	struct db *db = changes ? db_open_primary(w->conf, DB_RW, e) :
				  db_open_local(DB_RW, e);

	if (db != NULL)
		return db;
	(void)err_wrap(e,
	    changes ? "the publisher's database" : "this node's database");
	(void)err_hint(e, "%s",
	    changes ? "Nothing was changed.  Does the publisher run?" :
		      "Does the node run?  See ucm-node status.");
	return NULL;
}

int
phone_work_run(void *arg, struct wbuf *reply, struct err *e)
{
	const struct phone_work *w = arg;
	struct db *db = open_database(w, e);
	int rc;

	(void)reply;
	if (db == NULL)
		return -1;
	rc = verbs[w->verb].run(db, w, e);
	if (rc == 0 && verbs[w->verb].changes)
		wait_replicas(db, w);
	db_close(db);
	if (rc == 0 && out_finish(w->out) == -1)
		return err_errno(e, "standard output");
	return rc;
}
