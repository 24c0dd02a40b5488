#include "db/monitor.h"

#include <postgresql/libpq-fe.h>
#include <string.h>

#include "base/str.h"
#include "db/db_priv.h"

static int
take(const PGresult *res, struct cert_monitor *out, struct err *e)
{
	if (PQntuples(res) != 1)
		return err_set(e, ERR_DATABASE,
		    "certificatemonitor has %d rows, expected one",
		    PQntuples(res));
	out->email = cell_bool(res, 0, 0);
	out->port = (uint16_t)cell_int(res, 0, 3);
	out->days = (unsigned)cell_int(res, 0, 4);
	out->minute = (unsigned)cell_int(res, 0, 5);
	if (cell_copy(out->address, sizeof(out->address), res, 0, 1, e) == -1 ||
	    cell_copy(out->host, sizeof(out->host), res, 0, 2, e) == -1)
		return -1;
	return 0;
}

int
monitor_read(struct db *db, struct cert_monitor *out, struct err *e)
{
	PGresult *res;
	int rc;

	memset(out, 0, sizeof(*out));
	if (db_query(db,
		"select emailenabled, address, host, port, notifydays,"
		" timeofday from certificatemonitor",
		0, NULL, &res, e) == -1)
		return -1;
	rc = take(res, out, e);
	PQclear(res);
	return rc;
}

/* The server knows what is missing when two set something at once. */
static int
enable(struct db *primary, struct err *e)
{
	PGresult *res;
	bool done;

	if (db_query(primary,
		"update certificatemonitor set emailenabled = true"
		" where address <> '' and host <> ''",
		0, NULL, &res, e) == -1)
		return -1;
	done = !str_equal(PQcmdTuples(res), "0");
	PQclear(res);
	if (done)
		return 0;
	(void)err_set(e, ERR_STATE,
	    "E-mail needs an address and a server first.");
	return err_hint(e,
	    "Use \"set cert monitor address\" and \"set cert monitor "
	    "server\".");
}

static int
set_email(struct db *primary, const char *value, struct err *e)
{
	if (str_equal(value, "enable"))
		return enable(primary, e);
	if (!str_equal(value, "disable"))
		return err_set(e, ERR_USAGE, "E-mail: enable or disable.");
	return db_query(primary,
	    "update certificatemonitor set emailenabled = false", 0, NULL, NULL,
	    e);
}

static int
set_address(struct db *primary, const char *value, struct err *e)
{
	if (cert_monitor_addresses(value, NULL, e) == -1)
		return -1;
	return db_query(primary, "update certificatemonitor set address = $1",
	    1, &value, NULL, e);
}

static int
set_server(struct db *primary, const char *value, struct err *e)
{
	char host[CERT_MONITOR_HOST_SIZE];
	char number[ARG_INT_SIZE];
	const char *arg[] = { host, number };
	uint16_t port;

	if (cert_monitor_server(value, host, &port, e) == -1)
		return -1;
	(void)arg_int(number, port);
	return db_query(primary,
	    "update certificatemonitor set host = $1, port = $2", 2, arg, NULL,
	    e);
}

static int
set_days(struct db *primary, const char *value, struct err *e)
{
	char number[ARG_INT_SIZE];
	const char *arg[] = { number };
	unsigned days;

	if (cert_monitor_days(value, &days, e) == -1)
		return -1;
	(void)arg_int(number, days);
	return db_query(primary,
	    "update certificatemonitor set notifydays = $1", 1, arg, NULL, e);
}

static int
set_time(struct db *primary, const char *value, struct err *e)
{
	char number[ARG_INT_SIZE];
	const char *arg[] = { number };
	unsigned minute;

	if (cert_monitor_time(value, &minute, e) == -1)
		return -1;
	(void)arg_int(number, minute);
	return db_query(primary, "update certificatemonitor set timeofday = $1",
	    1, arg, NULL, e);
}

static const struct {
	const char *name;
	int (*set)(struct db *primary, const char *value, struct err *e);
} settings[] = {
	{ "address", set_address },
	{ "days", set_days },
	{ "email", set_email },
	{ "server", set_server },
	{ "time", set_time },
};

int
monitor_set(struct db *primary, const char *name, const char *value,
    struct err *e)
{
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (str_equal(settings[i].name, name))
			return settings[i].set(primary, value, e);
	return err_set(e, ERR_USAGE,
	    "cert monitor set: address, days, email, server or time");
}
