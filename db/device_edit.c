#include "db/device_edit.h"

#include <postgresql/libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "db/callmanager_groups.h"
#include "db/db_priv.h"

#define BRAND "Cisco "
#define STATEMENT_MAX 5000 /* phones in one, which has DB_QUERY_MS */

/* A table of names and what stands for them in a column of device. */
struct names {
	PGresult *res; /* name, value */
};

struct editing {
	const struct device_edits *edits;
	struct names models;
	struct names pools;
	struct wbuf array[1 + DEVICE_FIELDS]; /* the name, then the fields */
};

/* Put the line or the phone of an edit before the message. */
static int
blame(const struct device_edit *d, struct err *e)
{
	if (d->line != 0)
		return err_wrap(e, "line %u", d->line);
	return err_wrap(e, "%s", d->name);
}

static int
look_up(const struct names *names, const char *text,
    int (*compare)(const char *a, const char *b), const char **value)
{
	for (int i = 0; i < PQntuples(names->res); i++) {
		if (compare(cell_text(names->res, i, 0), text) == 0) {
			*value = cell_text(names->res, i, 1);
			return 0;
		}
	}
	return -1;
}

static int
unknown(enum device_field field, const char *text, const char *rule,
    struct err *e)
{
	(void)device_field_refuse(field, text, rule, e);
	if (e != NULL)
		e->code = ERR_NOT_FOUND;
	return -1;
}

static int
resolve_model(const struct editing *ed, const char *text, const char **value,
    struct err *e)
{
	char branded[DEVICES_MODEL_SIZE];

	if (look_up(&ed->models, text, strcasecmp, value) == 0)
		return 0;
	if (str_printf(branded, sizeof(branded), BRAND "%s", text) == 0 &&
	    look_up(&ed->models, branded, strcasecmp, value) == 0)
		return 0;
	(void)unknown(DEVICE_FIELD_MODEL, text, "no known model", e);
	return err_hint(e, "\"ucm-node phone models\" lists them.");
}

/* Pools may differ in the case of their letters alone. */
static int
resolve_pool(const struct editing *ed, const char *text, const char **value,
    struct err *e)
{
	if (look_up(&ed->pools, text, strcmp, value) == 0)
		return 0;
	(void)unknown(DEVICE_FIELD_POOL, text, "no device pool", e);
	return err_hint(e, "\"ucm-node phone pool list\" lists them.");
}

/* What the database holds for a field's text; lent. */
static int
resolve(const struct editing *ed, const struct device_edit *d,
    enum device_field field, const char **value, struct err *e)
{
	const char *text = d->value[field];
	int rc;

	if (field == DEVICE_FIELD_MODEL)
		rc = resolve_model(ed, text, value, e);
	else if (field == DEVICE_FIELD_POOL)
		rc = resolve_pool(ed, text, value, e);
	else
		rc = device_field_value(field, text, value, e);
	return rc == 0 ? 0 : blame(d, e);
}

/* One more element of an array as PostgreSQL reads it; NULL: SQL NULL. */
static void
array_add(struct wbuf *w, const char *text)
{
	wbuf_u8(w, w->len == 0 ? '{' : ',');
	if (text == NULL) {
		wbuf_bytes(w, "NULL", 4);
		return;
	}
	wbuf_u8(w, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			wbuf_u8(w, '\\');
		wbuf_u8(w, (uint8_t)*text);
	}
	wbuf_u8(w, '"');
}

static const char *
array_end(struct wbuf *w)
{
	if (w->len == 0)
		wbuf_u8(w, '{');
	wbuf_bytes(w, "}", 2); /* with its NUL */
	return (const char *)w->data;
}

static int
put_edit(struct editing *ed, const struct device_edit *d, struct err *e)
{
	array_add(&ed->array[0], d->name);
	for (unsigned f = 0; f < DEVICE_FIELDS; f++) {
		const char *value = NULL;

		if (d->value[f] != NULL &&
		    resolve(ed, d, (enum device_field)f, &value, e) == -1)
			return -1;
		array_add(&ed->array[1 + f], value);
	}
	return 0;
}

/* An edit's name, and which one it is. */
struct named {
	const char *name;
	size_t place;
};

static int
by_name_and_place(const void *a, const void *b)
{
	const struct named *x = a;
	const struct named *y = b;
	int c = strcmp(x->name, y->name);

	if (c != 0)
		return c;
	return x->place < y->place ? -1 : 1;
}

/*
 * The first edit that has the name of one before it, *first; n when there is
 * none.
 */
static size_t
find_twice(const struct device_edit *edits, size_t n, size_t *first)
{
	struct named *sorted = mem_array(n, sizeof(*sorted));
	size_t again = n;

	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct named) { edits[i].name, i };
	qsort(sorted, n, sizeof(*sorted), by_name_and_place);
	for (size_t i = 1; i < n; i++) {
		if (sorted[i].place < again &&
		    str_equal(sorted[i].name, sorted[i - 1].name)) {
			again = sorted[i].place;
			*first = sorted[i - 1].place;
		}
	}
	free(sorted);
	return again;
}

/* No phone may be edited twice: which one would count? */
static int
check_twice(const struct device_edits *edits, struct err *e)
{
	const struct device_edit *item = edits->item;
	size_t first = 0;
	size_t again = find_twice(item, edits->n, &first);

	if (again == edits->n)
		return 0;
	if (item[again].line == 0)
		return err_set(e, ERR_EXISTS, "%s is given twice",
		    item[again].name);
	(void)err_set(e, ERR_EXISTS, "%s is in line %u already",
	    item[again].name, item[first].line);
	return blame(&item[again], e);
}

/* The edits as a table u. */
#define EDITS                                                                \
	"unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]," \
	" $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],"      \
	" $11::text[], $12::text[], $13::text[]) with ordinality"            \
	" as u (name, description, tkmodel, fkdevicepool, tkdeviceprotocol," \
	" load, settings, web, ssh, span, security, encrypted, certificate," \
	" place) "
#define COLUMNS                                                          \
	"description, tkmodel, fkdevicepool, tkdeviceprotocol,"          \
	" specialloadinformation, settingsaccess, webaccess, sshaccess," \
	" spantopcport, tkdevicesecuritymode, tftpencryptedconfig,"      \
	" certificate"

static const char find_wrong[] =
    "select place, there from (select u.place, d.pkid is not null as there,"
    " coalesce(u.encrypted::boolean, d.tftpencryptedconfig, false)"
    " and coalesce(u.certificate, d.certificate, '') = '' as bare"
    " from " EDITS "left join device d on d.name = u.name) x"
    " where bare or there <> coalesce($14::boolean, there)"
    " order by place limit 1";

static const char update_devices[] =
    "update device set (" COLUMNS ") = (n.description, n.tkmodel,"
    " n.fkdevicepool, n.tkdeviceprotocol, n.load, n.settings, n.web, n.ssh,"
    " n.span, n.security, n.encrypted, n.certificate)"
    " from (select d.pkid,"
    " coalesce(u.description, d.description) as description,"
    " coalesce(u.tkmodel::integer, d.tkmodel) as tkmodel,"
    " coalesce(u.fkdevicepool, d.fkdevicepool) as fkdevicepool,"
    " coalesce(u.tkdeviceprotocol::integer, d.tkdeviceprotocol)"
    " as tkdeviceprotocol,"
    " coalesce(u.load, d.specialloadinformation) as load,"
    " coalesce(u.settings::integer, d.settingsaccess) as settings,"
    " coalesce(u.web::integer, d.webaccess) as web,"
    " coalesce(u.ssh::integer, d.sshaccess) as ssh,"
    " coalesce(u.span::integer, d.spantopcport) as span,"
    " coalesce(u.security::integer, d.tkdevicesecuritymode) as security,"
    " coalesce(u.encrypted::boolean, d.tftpencryptedconfig) as encrypted,"
    " coalesce(u.certificate, d.certificate) as certificate"
    " from " EDITS "join device d on d.name = u.name) n"
    " where device.pkid = n.pkid and (device.description, device.tkmodel,"
    " device.fkdevicepool, device.tkdeviceprotocol,"
    " device.specialloadinformation, device.settingsaccess,"
    " device.webaccess, device.sshaccess, device.spantopcport,"
    " device.tkdevicesecuritymode, device.tftpencryptedconfig,"
    " device.certificate) is distinct from (n.description, n.tkmodel,"
    " n.fkdevicepool, n.tkdeviceprotocol, n.load, n.settings, n.web, n.ssh,"
    " n.span, n.security, n.encrypted, n.certificate)";

/* What is not said is as a new row has it. */
static const char insert_devices[] =
    "insert into device (name, " COLUMNS ") select u.name,"
    " coalesce(u.description, ''), coalesce(u.tkmodel::integer, 255),"
    " coalesce(u.fkdevicepool, (select pkid from devicepool"
    " where name = '" GROUPS_DEFAULT "')),"
    " coalesce(u.tkdeviceprotocol::integer, 11), coalesce(u.load, ''),"
    " coalesce(u.settings::integer, 1), coalesce(u.web::integer, 1),"
    " coalesce(u.ssh::integer, 1), coalesce(u.span::integer, 1),"
    " coalesce(u.security::integer, 1),"
    " coalesce(u.encrypted::boolean, false), coalesce(u.certificate, '')"
    " from " EDITS "where not exists (select from device d"
    " where d.name = u.name)";

static int
wrong_edit(const struct device_edit *d, bool there, enum device_edit_mode mode,
    struct err *e)
{
	if (there && mode == DEVICE_EDIT_ADD)
		return err_set(e, ERR_EXISTS, "there is a phone %s already",
		    d->name);
	if (!there && mode == DEVICE_EDIT_SET)
		return err_set(e, ERR_NOT_FOUND, "there is no phone %s",
		    d->name);
	(void)err_set(e, ERR_STATE,
	    "an encrypted configuration needs the phone's certificate");
	return blame(d, e);
}

/* Is there a phone too much, too few, or one without its certificate? */
static int
check_edits(struct db *db, enum device_edit_mode mode,
    const struct device_edit *edits, const char **arg, struct err *e)
{
	PGresult *res;
	int rc = 0;

	arg[1 + DEVICE_FIELDS] = NULL;
	if (mode == DEVICE_EDIT_ADD)
		arg[1 + DEVICE_FIELDS] = "f";
	else if (mode == DEVICE_EDIT_SET)
		arg[1 + DEVICE_FIELDS] = "t";
	if (db_query(db, find_wrong, 2 + DEVICE_FIELDS, arg, &res, e) == -1)
		return -1;
	if (PQntuples(res) > 0)
		rc = wrong_edit(&edits[cell_int(res, 0, 0) - 1],
		    cell_bool(res, 0, 1), mode, e);
	PQclear(res);
	return rc;
}

/* How many rows a statement has changed. */
static size_t
count_of(PGresult *res)
{
	return (size_t)strtoull(PQcmdTuples(res), NULL, 10);
}

/* Run a statement and count its rows. */
static int
run_counted(struct db *db, const char *sql, const char *const *arg, size_t *n,
    struct err *e)
{
	PGresult *res;

	if (db_query(db, sql, 1 + DEVICE_FIELDS, arg, &res, e) == -1)
		return -1;
	*n = count_of(res);
	PQclear(res);
	return 0;
}

/* n edits from number `from` on, in statements of their own. */
static int
apply_some(struct db *db, struct editing *ed, size_t from, size_t n,
    struct device_edit_counts *counts, struct err *e)
{
	const struct device_edit *edits = ed->edits->item + from;
	const char *arg[2 + DEVICE_FIELDS];
	size_t changed = 0;
	size_t added = 0;

	for (size_t i = 0; i < 1 + DEVICE_FIELDS; i++)
		ed->array[i].len = 0;
	for (size_t i = 0; i < n; i++)
		if (put_edit(ed, &edits[i], e) == -1)
			return -1;
	for (size_t i = 0; i < 1 + DEVICE_FIELDS; i++)
		arg[i] = array_end(&ed->array[i]);
	if (check_edits(db, ed->edits->mode, edits, arg, e) == -1 ||
	    run_counted(db, update_devices, arg, &changed, e) == -1 ||
	    run_counted(db, insert_devices, arg, &added, e) == -1)
		return -1;
	counts->changed += changed;
	counts->added += added;
	counts->unchanged += n - changed - added;
	return 0;
}

/* Inside of the transaction, with the table locked. */
static int
apply(struct db *db, struct editing *ed, struct device_edit_counts *counts,
    struct err *e)
{
	const size_t all = ed->edits->n;

	if (db_query(db, "select name, enum from typemodel", 0, NULL,
		&ed->models.res, e) == -1 ||
	    db_query(db, "select name, pkid from devicepool", 0, NULL,
		&ed->pools.res, e) == -1)
		return -1;
	for (size_t from = 0; from < all; from += STATEMENT_MAX) {
		if (from > 0 &&
		    progress_printf(ed->edits->progress, e,
			"%zu of %zu phones so far.\n", from, all) == -1)
			return -1;
		if (apply_some(db, ed, from,
			all - from < STATEMENT_MAX ? all - from : STATEMENT_MAX,
			counts, e) == -1)
			return -1;
	}
	return 0;
}

/* What a check finds is so until the end. */
static int
begin(struct db *db, struct err *e)
{
	if (db_begin(db, e) == -1)
		return -1;
	if (db_query(db, "lock table device in share row exclusive mode", 0,
		NULL, NULL, e) == 0)
		return 0;
	if (e != NULL && e->code == ERR_STATE) {
		(void)err_set(e, ERR_STATE,
		    "somebody else is changing phones just now");
		(void)err_hint(e, "Try again in a minute.");
	}
	db_abort(db);
	return -1;
}

int
devices_edit(struct db *primary, const struct device_edits *edits,
    struct device_edit_counts *counts, struct err *e)
{
	struct device_edit_counts unwanted = { 0 };
	struct editing ed = { .edits = edits };
	int rc = -1;

	counts = counts != NULL ? counts : &unwanted;
	memset(counts, 0, sizeof(*counts));
	for (size_t i = 0; i < 1 + DEVICE_FIELDS; i++)
		wbuf_init(&ed.array[i], 0);
	if (check_twice(edits, e) == -1 || begin(primary, e) == -1)
		goto out;
	if (apply(primary, &ed, counts, e) == 0)
		rc = db_commit(primary, e);
	if (rc == -1)
		db_abort(primary);
out:
	PQclear(ed.models.res);
	PQclear(ed.pools.res);
	for (size_t i = 0; i < 1 + DEVICE_FIELDS; i++)
		wbuf_release(&ed.array[i]);
	return rc;
}

/* The first name of which there is no phone. */
static int
check_there(struct db *db, const char *array, struct err *e)
{
	PGresult *res;
	int rc = 0;

	if (db_query(db,
		"select u.name from unnest($1::text[]) with ordinality"
		" as u (name, place) where not exists"
		" (select from device d where d.name = u.name)"
		" order by u.place limit 1",
		1, &array, &res, e) == -1)
		return -1;
	if (PQntuples(res) > 0)
		rc = err_set(e, ERR_NOT_FOUND, "there is no phone %s",
		    cell_text(res, 0, 0));
	PQclear(res);
	return rc;
}

static int
delete_phones(struct db *db, const char *array, size_t *removed, struct err *e)
{
	PGresult *res;

	if (check_there(db, array, e) == -1 ||
	    db_query(db, "delete from device where name = any ($1::text[])", 1,
		&array, &res, e) == -1)
		return -1;
	*removed = count_of(res);
	PQclear(res);
	return 0;
}

int
devices_remove(struct db *primary, const struct strlist *names, size_t *removed,
    struct err *e)
{
	const char *array;
	struct wbuf w;
	int rc = -1;

	wbuf_init(&w, 0);
	for (size_t i = 0; i < names->n; i++)
		array_add(&w, names->item[i]);
	array = array_end(&w);
	if (begin(primary, e) == 0) {
		if (delete_phones(primary, array, removed, e) == 0)
			rc = db_commit(primary, e);
		if (rc == -1)
			db_abort(primary);
	}
	wbuf_release(&w);
	return rc;
}
