#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <postgresql/libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "db/db_priv.h"

#define LINE_SIZE 512

/* SQLSTATE, or its class of two characters, and what it means to us. */
static const struct {
	const char *state;
	enum err_code code;
} states[] = {
	{ "08P01", ERR_DATABASE },
	{ "08", ERR_UNREACHABLE },
	{ "23505", ERR_EXISTS },
	{ "25006", ERR_STATE },
	{ "42501", ERR_DENIED },
	{ "53100", ERR_NO_SPACE },
	{ "53400", ERR_TOO_BIG },
	{ "55P03", ERR_STATE },
	{ "55006", ERR_STATE },
	{ "57014", ERR_TIMEOUT },
	{ "57P", ERR_UNREACHABLE },
};

#define STATE_COUNT (sizeof(states) / sizeof(states[0]))

int
db_lost(struct db *db, struct err *e)
{
	char line[LINE_SIZE];
	const char *msg = PQerrorMessage(db->conn);

	db->dead = true;
	(void)str_visible(line, sizeof(line), msg, strcspn(msg, "\n"));
	return err_set(e, ERR_UNREACHABLE, "database connection lost%s%s",
	    line[0] == '\0' ? "" : ": ", line);
}

static enum err_code
code_of_state(const char *state)
{
	size_t i;

	for (i = 0; i < STATE_COUNT; i++) {
		if (str_starts(state, states[i].state))
			return states[i].code;
	}
	return ERR_DATABASE;
}

int
db_fail(struct db *db, const PGresult *res, struct err *e)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *msg = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	char line[LINE_SIZE];

	if (state == NULL || msg == NULL ||
	    PQstatus(db->conn) == CONNECTION_BAD)
		return db_lost(db, e);
	if (db->depth > 0)
		db->broken = true;
	(void)str_visible(line, sizeof(line), msg, strlen(msg));
	return err_set(e, code_of_state(state), "database: %s", line);
}

int
db_wait_socket(struct db *db, bool write, int64_t deadline, struct err *e)
{
	struct pollfd p = { .fd = PQsocket(db->conn), .events = POLLIN };
	int64_t left = deadline - clock_ticks();
	int n;

	if (p.fd == -1)
		return db_lost(db, e);
	if (write)
		p.events = POLLIN | POLLOUT;
	do {
		n = poll(&p, 1, left > 0 ? (int)left : 0);
		left = deadline - clock_ticks();
	} while (n == -1 && errno == EINTR);
	if (n == -1) {
		db->dead = true;
		return err_errno(e, "database: poll");
	}
	if (n == 0) {
		db->dead = true;
		return err_set(e, ERR_TIMEOUT,
		    "the database does not answer in time");
	}
	return 0;
}

int
db_flush(struct db *db, int64_t deadline, struct err *e)
{
	int n;

	while ((n = PQflush(db->conn)) == 1) {
		if (db_wait_socket(db, true, deadline, e) == -1)
			return -1;
		if (PQconsumeInput(db->conn) == 0)
			return db_lost(db, e);
	}
	return n == 0 ? 0 : db_lost(db, e);
}

int
db_next_result(struct db *db, int64_t deadline, PGresult **res, struct err *e)
{
	*res = NULL;
	while (PQisBusy(db->conn) != 0) {
		if (db_wait_socket(db, false, deadline, e) == -1)
			return -1;
		if (PQconsumeInput(db->conn) == 0)
			return db_lost(db, e);
	}
	*res = PQgetResult(db->conn);
	return 0;
}

/* Take every result; the last one stays, or the first failed one. */
static int
collect(struct db *db, int64_t deadline, PGresult **out, struct err *e)
{
	PGresult *res = NULL;
	PGresult *last = NULL;
	int rc = 0;

	*out = NULL;
	for (;;) {
		ExecStatusType status;

		if (db_next_result(db, deadline, &res, e) == -1) {
			rc = -1;
			break;
		}
		if (res == NULL)
			break;
		status = PQresultStatus(res);
		PQclear(last);
		last = res;
		if (rc == 0 && status != PGRES_TUPLES_OK &&
		    status != PGRES_COMMAND_OK)
			rc = db_fail(db, res, e);
		if (db->dead)
			break;
	}
	if (rc == -1) {
		PQclear(last);
		return -1;
	}
	*out = last;
	return 0;
}

static int
ready(struct db *db, struct err *e)
{
	if (db->dead)
		return err_set(e, ERR_UNREACHABLE,
		    "the database connection is closed");
	if (db->broken)
		return err_set(e, ERR_STATE,
		    "the database transaction has failed before");
	return 0;
}

int
db_query(struct db *db, const char *sql, int n, const char *const *arg,
    PGresult **res, struct err *e)
{
	int64_t deadline = clock_ticks() + DB_QUERY_MS;
	PGresult *last = NULL;

	if (res != NULL)
		*res = NULL;
	if (ready(db, e) == -1)
		return -1;
	if (PQsendQueryParams(db->conn, sql, n, NULL, arg, NULL, NULL, 0) == 0)
		return db_lost(db, e);
	if (db_flush(db, deadline, e) == -1 ||
	    collect(db, deadline, &last, e) == -1)
		return -1;
	if (last == NULL)
		return db_lost(db, e);
	if (res != NULL)
		*res = last;
	else
		PQclear(last);
	return 0;
}

int
db_script(struct db *db, const char *sql, struct err *e)
{
	int64_t deadline = clock_ticks() + DB_QUERY_MS;
	PGresult *last = NULL;

	if (ready(db, e) == -1)
		return -1;
	if (PQsendQuery(db->conn, sql) == 0)
		return db_lost(db, e);
	if (db_flush(db, deadline, e) == -1 ||
	    collect(db, deadline, &last, e) == -1)
		return -1;
	PQclear(last);
	return 0;
}

const char *
cell_text(const PGresult *res, int row, int column)
{
	return PQgetvalue(res, row, column);
}

int64_t
cell_int(const PGresult *res, int row, int column)
{
	return strtoll(PQgetvalue(res, row, column), NULL, 10);
}

bool
cell_bool(const PGresult *res, int row, int column)
{
	return PQgetvalue(res, row, column)[0] == 't';
}

int
cell_copy(char *dst, size_t size, const PGresult *res, int row, int column,
    struct err *e)
{
	if (str_copy(dst, size, PQgetvalue(res, row, column)) == 0)
		return 0;
	return err_set(e, ERR_DATABASE,
	    "the database holds a %s that is longer "
	    "than %zu bytes",
	    PQfname(res, column), size - 1);
}

const char *
arg_int(char dst[ARG_INT_SIZE], int64_t value)
{
	if (str_printf(dst, ARG_INT_SIZE, "%" PRId64, value) == -1)
		BUG("a number of more than %d characters", ARG_INT_SIZE);
	return dst;
}
