#include "db/sql.h"

#include <ctype.h>
#include <postgresql/libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "db/db_priv.h"

#define SECONDS_MAX 3600
#define GRACE_MS 2000 /* for the server to end the statement itself */
#define SCRIPT_SIZE 160

const struct sql_limits sql_limits_default = { .seconds = 30,
	.rows = 10000,
	.bytes = (size_t)16 * 1024 * 1024 };

/* A statement under way. */
struct run {
	struct db *db;
	const struct sql_limits *limits;
	const struct sql_sink *sink;
	struct sql_result *res;
	const char **cell;
	int64_t deadline;
	size_t bytes; /* handed out */
	size_t pending; /* received since the last row */
	bool headed; /* the column names are out */
};

/* Give up in the middle of an answer: the connection ends with it. */
static int
give_up(struct run *r, struct err *e, enum err_code code, const char *why)
{
	r->db->dead = true;
	return err_set(e, code, "%s", why);
}

static int
too_big(struct run *r, struct err *e, const char *what, size_t limit)
{
	r->db->dead = true;
	(void)err_set(e, ERR_TOO_BIG, "the answer has more than %zu %s", limit,
	    what);
	return err_hint(e, "Narrow it with WHERE or LIMIT.");
}

/* What the server refused, in the words of "run sql". */
static int
refused(struct run *r, const PGresult *res, struct err *e)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	int rc = db_fail(r->db, res, e);

	if (state == NULL || e == NULL || r->db->dead)
		return rc;
	if (str_equal(state, "57014"))
		return err_set(e, ERR_TIMEOUT,
		    "the statement took longer than %u seconds",
		    r->limits->seconds);
	if (str_equal(state, "42601") &&
	    strstr(e->msg, "cannot insert multiple commands") != NULL)
		return err_set(e, ERR_USAGE,
		    "only one SQL statement can be run at a time");
	if (str_equal(state, "42501") && strstr(e->msg, "for table") != NULL)
		return err_hint(e,
		    "Passwords and keys cannot be read, certificates "
		    "cannot be written; name the columns you need.");
	if (str_equal(state, "08P01"))
		return err_set(e, ERR_USAGE,
		    "a parameter such as $1 cannot be used here");
	if (str_starts(state, "25") && r->db->role == DB_SQL)
		e->code = ERR_DENIED;
	else if (str_equal(state, "25006"))
		(void)err_hint(e, "This node's database is read-only.");
	else if (str_starts(state, "25") ||
	    (str_starts(state, "42") && e->code == ERR_DATABASE))
		e->code = ERR_USAGE;
	return rc;
}

/* Hand the cells of one row to the sink; row -1: the column names. */
static int
hand_out(struct run *r, const PGresult *res, int row, struct err *e)
{
	int n = PQnfields(res);
	int i;

	r->cell = mem_resize(r->cell, (size_t)n + 1, sizeof(*r->cell));
	for (i = 0; i < n; i++) {
		if (row == -1) {
			r->cell[i] = PQfname(res, i);
		} else if (PQgetisnull(res, row, i) != 0) {
			r->cell[i] = NULL;
		} else {
			r->cell[i] = PQgetvalue(res, row, i);
			r->bytes += (size_t)PQgetlength(res, row, i);
		}
	}
	if (r->bytes > r->limits->bytes)
		return too_big(r, e, "bytes", r->limits->bytes);
	if (r->sink->row(r->sink->self, r->cell, (size_t)n) == -1)
		return give_up(r, e, ERR_CANCELLED,
		    "the statement was stopped");
	return 0;
}

static int
take_rows(struct run *r, const PGresult *res, struct err *e)
{
	int i;

	r->res->query = true;
	r->pending = 0;
	if (!r->headed && hand_out(r, res, -1, e) == -1)
		return -1;
	r->headed = true;
	for (i = 0; i < PQntuples(res); i++) {
		if (r->res->rows >= r->limits->rows)
			return too_big(r, e, "rows", r->limits->rows);
		r->res->rows++;
		if (hand_out(r, res, i, e) == -1)
			return -1;
	}
	return 0;
}

/* A command without an answer: INSERT, UPDATE, DELETE and MERGE only. */
static int
take_command(struct run *r, PGresult *res, struct err *e)
{
	static const char *const changes[] = { "INSERT ", "UPDATE ", "DELETE ",
		"MERGE " };
	const char *tag = PQcmdStatus(res);
	uint64_t rows;
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		if (!str_starts(tag, changes[i]))
			continue;
		if (str_number(PQcmdTuples(res), 0, UINT64_MAX, &rows) == -1)
			break;
		r->res->rows = rows;
		return 0;
	}
	return err_set(e, ERR_USAGE,
	    "%s cannot be run here: only a query, INSERT, UPDATE or DELETE",
	    tag);
}

/* One result of the statement.  Returns 0, or -1. */
static int
take_result(struct run *r, PGresult *res, struct err *e)
{
	switch (PQresultStatus(res)) {
	case PGRES_SINGLE_TUPLE:
	case PGRES_TUPLES_OK:
		return take_rows(r, res, e);
	case PGRES_COMMAND_OK:
		return take_command(r, res, e);
	case PGRES_EMPTY_QUERY:
		return err_set(e, ERR_USAGE, "there is no SQL statement");
	case PGRES_COPY_OUT:
	case PGRES_COPY_IN:
	case PGRES_COPY_BOTH:
		return give_up(r, e, ERR_USAGE, "COPY cannot be run here");
	case PGRES_FATAL_ERROR:
		return refused(r, res, e);
	case PGRES_BAD_RESPONSE:
	case PGRES_NONFATAL_ERROR:
	case PGRES_PIPELINE_SYNC:
	case PGRES_PIPELINE_ABORTED:
		break;
	}
	return db_lost(r->db, e);
}

/*
 * Wait for a result as db_next_result() does, but count what arrives: one
 * row larger than the cap must not be gathered in memory first.
 */
static int
next(struct run *r, PGresult **res, struct err *e)
{
	struct db *db = r->db;
	int waiting;

	*res = NULL;
	while (PQisBusy(db->conn) != 0) {
		if (db_wait_socket(db, false, r->deadline, e) == -1)
			return -1;
		if (ioctl(PQsocket(db->conn), FIONREAD, &waiting) == 0)
			r->pending += (size_t)waiting;
		if (r->pending > 2 * r->limits->bytes)
			return too_big(r, e, "bytes", r->limits->bytes);
		if (PQconsumeInput(db->conn) == 0)
			return db_lost(db, e);
	}
	*res = PQgetResult(db->conn);
	return 0;
}

/* Take every result; the first failure stands, the rest is read and left. */
static int
take_all(struct run *r, struct err *e)
{
	PGresult *res;
	struct err later = ERR_INIT;
	int rc = 0;

	for (;;) {
		if (next(r, &res, rc == 0 ? e : &later) == -1)
			return -1;
		if (res == NULL)
			return rc;
		if (rc == 0)
			rc = take_result(r, res, e);
		PQclear(res);
		if (r->db->dead)
			return -1;
	}
}

/*
 * Open the transaction.  The query in it takes the first snapshot, after
 * which the server refuses to make it a writing one.
 */
static int
begin(struct run *r, struct err *e)
{
	char script[SCRIPT_SIZE];

	if (str_printf(script, sizeof(script),
		"begin %s; set local statement_timeout = '%us'; select 1",
		r->db->role == DB_SQL ? "read only" : "",
		r->limits->seconds) == -1)
		BUG("the script does not fit");
	return db_script(r->db, script, e);
}

static int
run_statement(struct run *r, const char *statement, struct err *e)
{
	struct db *db = r->db;

	r->deadline =
	    clock_ticks() + (int64_t)r->limits->seconds * 1000 + GRACE_MS;
	if (PQsendQueryParams(db->conn, statement, 0, NULL, NULL, NULL, NULL,
		0) == 0 ||
	    PQsetSingleRowMode(db->conn) == 0)
		return db_lost(db, e);
	if (db_flush(db, r->deadline, e) == -1 || take_all(r, e) == -1)
		return -1;
	return 0;
}

int
sql_run(struct db *db, const char *statement, const struct sql_limits *limits,
    const struct sql_sink *sink, struct sql_result *res, struct err *e)
{
	struct run r = { .db = db, .limits = limits, .sink = sink, .res = res };
	int rc;

	memset(res, 0, sizeof(*res));
	if (db->role != DB_SQL && db->role != DB_SQL_RW)
		BUG("run sql with the role %d", (int)db->role);
	if (limits->seconds < 1 || limits->seconds > SECONDS_MAX)
		BUG("run sql with %u seconds", limits->seconds);
	if (begin(&r, e) == -1)
		return -1;
	rc = run_statement(&r, statement, e);
	free(r.cell);
	if (rc == 0)
		return db_query(db, "commit", 0, NULL, NULL, e);
	if (!db->dead && db_query(db, "rollback", 0, NULL, NULL, NULL) == -1)
		db->dead = true;
	return -1;
}

/* Step over a quoted text that starts at s. */
static const char *
skip_quoted(const char *s)
{
	char quote = *s++;

	while (*s != '\0' && *s != quote)
		s++;
	return *s == '\0' ? s : s + 1;
}

/* Step over blanks, comments and quoted texts; NULL if there are none. */
static const char *
skip_other(const char *s)
{
	if (*s == '\'' || *s == '"')
		return skip_quoted(s);
	if (str_starts(s, "--")) {
		s += strcspn(s, "\n");
		return s;
	}
	if (str_starts(s, "/*")) {
		const char *end = strstr(s + 2, "*/");

		return end == NULL ? s + strlen(s) : end + 2;
	}
	if (isalpha((unsigned char)*s) || *s == '_')
		return NULL;
	return s + 1;
}

bool
sql_is_change(const char *statement)
{
	static const char *const words[] = { "insert", "update", "delete",
		"merge", "truncate" };
	const char *s = statement;

	while (*s != '\0') {
		const char *after = skip_other(s);
		size_t n = 0;
		size_t i;

		if (after != NULL) {
			s = after;
			continue;
		}
		while (
		    isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == '$')
			n++;
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (n == strlen(words[i]) &&
			    strncasecmp(s, words[i], n) == 0)
				return true;
		}
		s += n;
	}
	return false;
}
