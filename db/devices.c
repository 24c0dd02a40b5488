#include "db/devices.h"

#include <postgresql/libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "db/db_priv.h"

#define PHONE_NAME "'^SEP[0-9A-F]{12}$'"

/* What a row of struct device_row is made of, behind name and change. */
#define DEVICE_COLUMNS                                                     \
	"left(d.description, 128), d.tkmodel, m.name, d.fkdevicepool,"     \
	" left(p.name, 50), d.tkdeviceprotocol, d.specialloadinformation," \
	" d.settingsaccess, d.webaccess, d.sshaccess, d.spantopcport,"     \
	" d.tkdevicesecuritymode, d.tftpencryptedconfig, d.certificate "
#define DEVICE_JOINS                                   \
	"left join typemodel m on m.enum = d.tkmodel " \
	"left join devicepool p on p.pkid = d.fkdevicepool "

void
device_list_release(struct device_list *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->n; i++)
		free(l->item[i].certificate);
	free(l->item);
	l->item = NULL;
	l->n = 0;
}

/* Cells from `at` on, in the order of DEVICE_COLUMNS. */
static int
take_facts(const PGresult *res, int row, int at, struct device_row *d,
    struct err *e)
{
	d->model = (unsigned)cell_int(res, row, at + 1);
	d->protocol =
	    cell_int(res, row, at + 5) == 0 ? DEVICE_SCCP : DEVICE_SIP;
	d->settings_access =
	    (enum device_settings_access)cell_int(res, row, at + 7);
	d->web_access = cell_int(res, row, at + 8) == 0;
	d->ssh_access = cell_int(res, row, at + 9) == 0;
	d->span_to_pc_port = cell_int(res, row, at + 10) == 0;
	d->security = (enum device_security)cell_int(res, row, at + 11);
	d->encrypted_config = cell_bool(res, row, at + 12);
	if (cell_text(res, row, at + 13)[0] != '\0')
		d->certificate = mem_strdup(cell_text(res, row, at + 13));
	if (cell_copy(d->description, sizeof(d->description), res, row, at,
		e) == -1 ||
	    cell_copy(d->model_name, sizeof(d->model_name), res, row, at + 2,
		e) == -1 ||
	    cell_copy(d->pool, sizeof(d->pool), res, row, at + 3, e) == -1 ||
	    cell_copy(d->pool_name, sizeof(d->pool_name), res, row, at + 4,
		e) == -1 ||
	    cell_copy(d->load, sizeof(d->load), res, row, at + 6, e) == -1)
		return err_wrap(e, "device %s", d->name);
	return 0;
}

/* Name, "is removed", change, and the facts of those that are there. */
static int
take_rows(const PGresult *res, struct device_list *out, struct err *e)
{
	int n = PQntuples(res);

	out->item = mem_array((size_t)n, sizeof(*out->item));
	out->n = (size_t)n;
	for (int i = 0; i < n; i++) {
		struct device_row *d = &out->item[i];

		d->deleted = cell_bool(res, i, 1);
		d->change = (uint64_t)cell_int(res, i, 2);
		if (cell_copy(d->name, sizeof(d->name), res, i, 0, e) == -1 ||
		    (!d->deleted && take_facts(res, i, 3, d, e) == -1)) {
			device_list_release(out);
			return -1;
		}
	}
	return 0;
}

static int
read_rows(struct db *db, const char *sql, const char *arg,
    struct device_list *out, struct err *e)
{
	PGresult *res;
	int rc;

	memset(out, 0, sizeof(*out));
	if (db_query(db, sql, arg != NULL ? 1 : 0, &arg, &res, e) == -1)
		return -1;
	rc = take_rows(res, out, e);
	PQclear(res);
	return rc;
}

int
devices_version(struct db *db, struct phone_version *out, struct err *e)
{
	PGresult *res;

	memset(out, 0, sizeof(*out));
	if (db_query(db,
		"select coalesce(sum(value) filter"
		" (where tablename = 'device'), 0)::bigint,"
		" coalesce(sum(value) filter (where tablename in"
		" ('callmanager', 'callmanagergroup',"
		" 'callmanagergroupmember', 'devicepool', 'processnode',"
		" 'nodelink', 'processconfig')), 0)::bigint"
		" from changecounter",
		0, NULL, &res, e) == -1)
		return -1;
	out->devices = (uint64_t)cell_int(res, 0, 0);
	out->layout = (uint64_t)cell_int(res, 0, 1);
	PQclear(res);
	return 0;
}

int
devices_changed(struct db *db, uint64_t since, struct device_list *out,
    struct err *e)
{
	char number[ARG_INT_SIZE];

	return read_rows(db,
	    "select c.name, d.pkid is null, c.change, " DEVICE_COLUMNS
	    "from devicechange c left join device d"
	    " on d.name = c.name " DEVICE_JOINS
	    "where c.change > $1 and c.name ~ " PHONE_NAME
	    " and ($1 > 0 or d.pkid is not null) order by c.change, c.name",
	    arg_int(number, (int64_t)since), out, e);
}

int
devices_list(struct db *db, const char *name, struct device_list *out,
    struct err *e)
{
	if (name == NULL)
		return read_rows(db,
		    "select d.name, false, 0, " DEVICE_COLUMNS
		    "from device d " DEVICE_JOINS "where d.name ~ " PHONE_NAME
		    " order by d.name",
		    NULL, out, e);
	if (read_rows(db,
		"select d.name, false, 0, " DEVICE_COLUMNS
		"from device d " DEVICE_JOINS "where d.name = $1",
		name, out, e) == -1)
		return -1;
	if (out->n > 0)
		return 0;
	device_list_release(out);
	return err_set(e, ERR_NOT_FOUND, "there is no phone %s", name);
}

int
devices_models(struct db *db, struct strlist *out, struct err *e)
{
	PGresult *res;

	memset(out, 0, sizeof(*out));
	if (db_query(db, "select name from typemodel order by name", 0, NULL,
		&res, e) == -1)
		return -1;
	for (int i = 0; i < PQntuples(res); i++)
		strlist_add(out, cell_text(res, i, 0));
	PQclear(res);
	return 0;
}
