#include "db/devices.h"

#include <ctype.h>
#include <postgresql/libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "db/callmanager_groups.h"
#include "db/db_priv.h"

#define MAC_DIGITS 12
#define SHOWN_MAX 80 /* of a wrong value in a message */
#define PHONE_NAME "'^SEP[0-9A-F]{12}$'"
#define BRAND "Cisco "
#define STATEMENT_MAX 5000 /* phones in one, which has DB_QUERY_MS */

/* What a row of struct device_row is made of, behind name and change. */
#define DEVICE_COLUMNS                                                     \
	"left(d.description, 128), d.tkmodel, m.name, d.fkdevicepool,"     \
	" left(p.name, 50), d.tkdeviceprotocol, d.specialloadinformation," \
	" d.settingsaccess, d.webaccess, d.sshaccess, d.spantopcport,"     \
	" d.tkdevicesecuritymode, d.tftpencryptedconfig, d.certificate "
#define DEVICE_JOINS                                   \
	"left join typemodel m on m.enum = d.tkmodel " \
	"left join devicepool p on p.pkid = d.fkdevicepool "

/* --- fields -------------------------------------------------------------- */

/* A word of an administrator and what the database holds for it. */
struct word {
	const char *word; /* NULL ends the list */
	const char *value;
};

static const struct word protocols[] = {
	{ "SCCP", "0" },
	{ "SIP", "11" },
	{ NULL, NULL },
};

static const struct word settings[] = {
	{ "disabled", "0" },
	{ "enabled", "1" },
	{ "restricted", "2" },
	{ NULL, NULL },
};

static const struct word accesses[] = {
	{ "enabled", "0" },
	{ "disabled", "1" },
	{ NULL, NULL },
};

static const struct word securities[] = {
	{ "non-secure", "1" },
	{ "authenticated", "2" },
	{ "encrypted", "3" },
	{ NULL, NULL },
};

static const struct word flags[] = {
	{ "enabled", "t" },
	{ "disabled", "f" },
	{ NULL, NULL },
};

static const struct field {
	const char *name;
	const struct word *words; /* NULL: has a rule of its own */
} fields[DEVICE_FIELDS] = {
	[DEVICE_FIELD_DESCRIPTION] = { "description", NULL },
	[DEVICE_FIELD_MODEL] = { "model", NULL },
	[DEVICE_FIELD_POOL] = { "pool", NULL },
	[DEVICE_FIELD_PROTOCOL] = { "protocol", protocols },
	[DEVICE_FIELD_LOAD] = { "load", NULL },
	[DEVICE_FIELD_SETTINGS_ACCESS] = { "settings-access", settings },
	[DEVICE_FIELD_WEB_ACCESS] = { "web-access", accesses },
	[DEVICE_FIELD_SSH_ACCESS] = { "ssh-access", accesses },
	[DEVICE_FIELD_SPAN_TO_PC_PORT] = { "span-to-pc-port", accesses },
	[DEVICE_FIELD_SECURITY] = { "security", securities },
	[DEVICE_FIELD_ENCRYPTED_CONFIG] = { "encrypted-config", flags },
	[DEVICE_FIELD_CERTIFICATE] = { "certificate", NULL },
};

const char *
device_field_name(enum device_field field)
{
	return fields[field].name;
}

static const char *
settings_name(enum device_settings_access access)
{
	switch (access) {
	case DEVICE_SETTINGS_DISABLED:
		return "disabled";
	case DEVICE_SETTINGS_ENABLED:
		return "enabled";
	case DEVICE_SETTINGS_RESTRICTED:
		return "restricted";
	}
	BUG("settings access %d", (int)access);
}

static const char *
security_name(enum device_security security)
{
	switch (security) {
	case DEVICE_NON_SECURE:
		return "non-secure";
	case DEVICE_AUTHENTICATED:
		return "authenticated";
	case DEVICE_ENCRYPTED:
		return "encrypted";
	}
	BUG("security %d", (int)security);
}

static const char *
on_off(bool on)
{
	return on ? "enabled" : "disabled";
}

const char *
device_field_text(const struct device_row *d, enum device_field field)
{
	switch (field) {
	case DEVICE_FIELD_DESCRIPTION:
		return d->description;
	case DEVICE_FIELD_MODEL:
		return d->model_name;
	case DEVICE_FIELD_POOL:
		return d->pool_name;
	case DEVICE_FIELD_PROTOCOL:
		return d->protocol == DEVICE_SCCP ? "SCCP" : "SIP";
	case DEVICE_FIELD_LOAD:
		return d->load;
	case DEVICE_FIELD_SETTINGS_ACCESS:
		return settings_name(d->settings_access);
	case DEVICE_FIELD_WEB_ACCESS:
		return on_off(d->web_access);
	case DEVICE_FIELD_SSH_ACCESS:
		return on_off(d->ssh_access);
	case DEVICE_FIELD_SPAN_TO_PC_PORT:
		return on_off(d->span_to_pc_port);
	case DEVICE_FIELD_SECURITY:
		return security_name(d->security);
	case DEVICE_FIELD_ENCRYPTED_CONFIG:
		return on_off(d->encrypted_config);
	case DEVICE_FIELD_CERTIFICATE:
		return d->certificate != NULL ? d->certificate : "";
	case DEVICE_FIELDS:
		break;
	}
	BUG("field %d", (int)field);
}

int
device_name_parse(char name[DEVICES_NAME_SIZE], const char *text, struct err *e)
{
	const char *p = text;
	char shown[SHOWN_MAX];
	size_t n = 3;

	(void)str_copy(name, DEVICES_NAME_SIZE, "SEP");
	if (strncasecmp(p, "SEP", 3) == 0)
		p += 3;
	for (; *p != '\0'; p++) {
		/* between two digits of a MAC address */
		if (n > 3 && p[1] != '\0' && strchr(":-.", *p) != NULL)
			continue;
		if (isxdigit((unsigned char)*p) == 0 || n == 3 + MAC_DIGITS)
			break;
		name[n++] = (char)toupper((unsigned char)*p);
	}
	name[n] = '\0';
	if (*p == '\0' && n == 3 + MAC_DIGITS)
		return 0;
	str_visible(shown, sizeof(shown), text, strlen(text));
	return err_set(e, ERR_USAGE,
	    "\"%s\" is no phone: a phone is named SEP and the 12 hex digits "
	    "of its MAC address",
	    shown);
}

/* --- reading ------------------------------------------------------------- */

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

/* --- changing ------------------------------------------------------------ */

/* A table of names and what stands for them in a column of device. */
struct names {
	PGresult *res; /* name, value */
};

struct editing {
	enum device_edit_mode mode;
	const struct device_edit *edits;
	size_t n;
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
bad_value(const struct device_edit *d, enum device_field field,
    const char *rule, struct err *e)
{
	char shown[SHOWN_MAX];

	str_visible(shown, sizeof(shown), d->value[field],
	    strlen(d->value[field]));
	(void)err_set(e, ERR_USAGE, "%s: \"%s\": %s", fields[field].name, shown,
	    rule);
	return blame(d, e);
}

static int
look_up(const struct names *names, const char *text, const char **value)
{
	for (int i = 0; i < PQntuples(names->res); i++) {
		if (strcasecmp(cell_text(names->res, i, 0), text) == 0) {
			*value = cell_text(names->res, i, 1);
			return 0;
		}
	}
	return -1;
}

static int
resolve_model(const struct editing *ed, const struct device_edit *d,
    const char **value, struct err *e)
{
	const char *text = d->value[DEVICE_FIELD_MODEL];
	char branded[DEVICES_MODEL_SIZE];

	if (look_up(&ed->models, text, value) == 0)
		return 0;
	if (str_printf(branded, sizeof(branded), BRAND "%s", text) == 0 &&
	    look_up(&ed->models, branded, value) == 0)
		return 0;
	(void)bad_value(d, DEVICE_FIELD_MODEL, "no known model", e);
	if (e != NULL)
		e->code = ERR_NOT_FOUND;
	return err_hint(e, "\"ucm-node phone models\" lists them.");
}

static int
resolve_pool(const struct editing *ed, const struct device_edit *d,
    const char **value, struct err *e)
{
	if (look_up(&ed->pools, d->value[DEVICE_FIELD_POOL], value) == 0)
		return 0;
	(void)bad_value(d, DEVICE_FIELD_POOL, "no device pool", e);
	if (e != NULL)
		e->code = ERR_NOT_FOUND;
	return err_hint(e, "\"ucm-node phone pool list\" lists them.");
}

static int
check_description(const struct device_edit *d, struct err *e)
{
	const char *text = d->value[DEVICE_FIELD_DESCRIPTION];
	size_t len = strlen(text);
	size_t count = 0;

	for (size_t i = 0; i < len; count++) {
		size_t n = str_utf8(text + i, len - i);

		if (n == 0)
			return bad_value(d, DEVICE_FIELD_DESCRIPTION,
			    "control bytes or no UTF-8", e);
		i += n;
	}
	if (count > DEVICES_DESCRIPTION_MAX)
		return bad_value(d, DEVICE_FIELD_DESCRIPTION,
		    "more than 128 characters", e);
	return 0;
}

static int
check_load(const struct device_edit *d, struct err *e)
{
	const char *text = d->value[DEVICE_FIELD_LOAD];

	if (strlen(text) < DEVICES_LOAD_SIZE &&
	    strspn(text,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789._-") == strlen(text))
		return 0;
	return bad_value(d, DEVICE_FIELD_LOAD,
	    "letters, digits, \".\", \"_\" and \"-\", at most 64", e);
}

static int
check_certificate(const struct device_edit *d, struct err *e)
{
	if (strlen(d->value[DEVICE_FIELD_CERTIFICATE]) <=
	    DEVICES_CERTIFICATE_MAX)
		return 0;
	(void)err_set(e, ERR_TOO_BIG, "certificate: more than %d bytes",
	    DEVICES_CERTIFICATE_MAX);
	return blame(d, e);
}

static int
resolve_word(const struct device_edit *d, enum device_field field,
    const char **value, struct err *e)
{
	char rule[SHOWN_MAX] = "";
	size_t len = 0;

	for (const struct word *w = fields[field].words; w->word != NULL; w++) {
		if (strcasecmp(d->value[field], w->word) == 0) {
			*value = w->value;
			return 0;
		}
		(void)str_printf(rule + len, sizeof(rule) - len, "%s%s",
		    len == 0              ? "" :
			w[1].word == NULL ? " or " :
					    ", ",
		    w->word);
		len = strlen(rule);
	}
	return bad_value(d, field, rule, e);
}

/* What the database holds for a field's text; lent. */
static int
resolve(const struct editing *ed, const struct device_edit *d,
    enum device_field field, const char **value, struct err *e)
{
	*value = d->value[field];
	switch (field) {
	case DEVICE_FIELD_DESCRIPTION:
		return check_description(d, e);
	case DEVICE_FIELD_MODEL:
		return resolve_model(ed, d, value, e);
	case DEVICE_FIELD_POOL:
		return resolve_pool(ed, d, value, e);
	case DEVICE_FIELD_LOAD:
		return check_load(d, e);
	case DEVICE_FIELD_CERTIFICATE:
		return check_certificate(d, e);
	case DEVICE_FIELD_PROTOCOL:
	case DEVICE_FIELD_SETTINGS_ACCESS:
	case DEVICE_FIELD_WEB_ACCESS:
	case DEVICE_FIELD_SSH_ACCESS:
	case DEVICE_FIELD_SPAN_TO_PC_PORT:
	case DEVICE_FIELD_SECURITY:
	case DEVICE_FIELD_ENCRYPTED_CONFIG:
		return resolve_word(d, field, value, e);
	case DEVICE_FIELDS:
		break;
	}
	BUG("field %d", (int)field);
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
check_twice(const struct device_edit *edits, size_t n, struct err *e)
{
	size_t first = 0;
	size_t again = find_twice(edits, n, &first);

	if (again == n)
		return 0;
	if (edits[again].line == 0)
		return err_set(e, ERR_EXISTS, "%s is given twice",
		    edits[again].name);
	(void)err_set(e, ERR_EXISTS, "%s is in line %u already",
	    edits[again].name, edits[first].line);
	return blame(&edits[again], e);
}

/*
 * The edits as a table u, and with each phone that is there, d; its columns
 * stand for themselves in UPDATED.
 */
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

/* Run a statement and count its rows. */
static int
run_counted(struct db *db, const char *sql, const char *const *arg, size_t *n,
    struct err *e)
{
	PGresult *res;

	if (db_query(db, sql, 1 + DEVICE_FIELDS, arg, &res, e) == -1)
		return -1;
	*n = (size_t)strtoull(PQcmdTuples(res), NULL, 10);
	PQclear(res);
	return 0;
}

/* n edits from number `from` on, in statements of their own. */
static int
apply_some(struct db *db, struct editing *ed, size_t from, size_t n,
    struct device_edit_counts *counts, struct err *e)
{
	const struct device_edit *edits = ed->edits + from;
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
	if (check_edits(db, ed->mode, edits, arg, e) == -1 ||
	    run_counted(db, update_devices, arg, &changed, e) == -1 ||
	    run_counted(db, insert_devices, arg, &added, e) == -1)
		return -1;
	counts->changed += changed;
	counts->added += added;
	counts->unchanged += n - changed - added;
	return 0;
}

/* Inside the transaction, with the table locked. */
static int
apply(struct db *db, struct editing *ed, struct device_edit_counts *counts,
    struct err *e)
{
	if (db_query(db, "select name, enum from typemodel", 0, NULL,
		&ed->models.res, e) == -1 ||
	    db_query(db, "select name, pkid from devicepool", 0, NULL,
		&ed->pools.res, e) == -1)
		return -1;
	for (size_t from = 0; from < ed->n; from += STATEMENT_MAX) {
		size_t left = ed->n - from;

		if (apply_some(db, ed, from,
			left < STATEMENT_MAX ? left : STATEMENT_MAX, counts,
			e) == -1)
			return -1;
	}
	return 0;
}

int
devices_edit(struct db *primary, enum device_edit_mode mode,
    const struct device_edit *edits, size_t n,
    struct device_edit_counts *counts, struct err *e)
{
	struct device_edit_counts unwanted = { 0 };
	struct editing ed = { .mode = mode, .edits = edits, .n = n };
	int rc = -1;

	counts = counts != NULL ? counts : &unwanted;
	memset(counts, 0, sizeof(*counts));
	for (size_t i = 0; i < 1 + DEVICE_FIELDS; i++)
		wbuf_init(&ed.array[i], 0);
	if (check_twice(edits, n, e) == -1 || db_begin(primary, e) == -1)
		goto out;
	/* what the check finds is so until the end */
	if (db_query(primary, "lock table device in share row exclusive mode",
		0, NULL, NULL, e) == 0 &&
	    apply(primary, &ed, counts, e) == 0)
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

int
devices_remove(struct db *primary, const struct strlist *names, struct err *e)
{
	struct wbuf w;
	const char *array;
	int rc = -1;

	wbuf_init(&w, 0);
	for (size_t i = 0; i < names->n; i++)
		array_add(&w, names->item[i]);
	array = array_end(&w);
	if (db_begin(primary, e) == 0) {
		if (check_there(primary, array, e) == 0 &&
		    db_query(primary,
			"delete from device where name = any ($1::text[])", 1,
			&array, NULL, e) == 0)
			rc = db_commit(primary, e);
		if (rc == -1)
			db_abort(primary);
	}
	wbuf_release(&w);
	return rc;
}
