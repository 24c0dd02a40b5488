#include "db/db.h"

#include <postgresql/libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "db/db_priv.h"
#include "db/pq_load.h"

#define LINE_SIZE 512
#define PARAM_MAX 24

/*
 * Limits the server keeps for us.  They end a statement before our own
 * deadline does, so that the connection survives and the error names it.
 */
static const char server_options[] = "-c statement_timeout=9000 "
				     "-c lock_timeout=5000 "
				     "-c search_path=public";

/* Keywords and values for PQconnectStartParams(), NULL-terminated. */
struct params {
	const char *keyword[PARAM_MAX];
	const char *value[PARAM_MAX];
	size_t n;
};

static const char *
role_name(enum db_role role)
{
	switch (role) {
	case DB_ADMIN:
		return "dbadmin";
	case DB_RW:
		return "ucm_rw";
	case DB_SQL:
		return "ucm_sql";
	case DB_SQL_RW:
		return "ucm_sql_rw";
	}
	BUG("no such database role: %d", (int)role);
}

static void
param(struct params *p, const char *keyword, const char *value)
{
	if (p->n + 1 >= PARAM_MAX)
		BUG("more than %d connection parameters", PARAM_MAX - 1);
	p->keyword[p->n] = keyword;
	p->value[p->n] = value;
	p->n++;
	p->keyword[p->n] = NULL;
	p->value[p->n] = NULL;
}

static void
common_params(struct params *p, enum db_role role, const char *port)
{
	p->n = 0;
	param(p, "dbname", DB_NAME);
	param(p, "user", role_name(role));
	param(p, "port", port);
	param(p, "passfile", "/nonexistent/pgpass");
	param(p, "gssencmode", "disable");
	param(p, "client_encoding", "UTF8");
	param(p, "options", server_options);
}

static void
no_notice(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

/* FATAL messages that say "not now" and not "not you". */
static const char *const not_now[] = { "the database system is",
	"sorry, too many clients", "too many connections for",
	"remaining connection slots", "terminating connection" };

static bool
is_not_now(const char *msg)
{
	size_t i;

	for (i = 0; i < sizeof(not_now) / sizeof(not_now[0]); i++) {
		if (str_starts(msg, not_now[i]))
			return true;
	}
	return false;
}

/* What a refused connection means: libpq has only the text for it. */
static int
refused(const PGconn *conn, struct err *e)
{
	const char *msg = PQerrorMessage(conn);
	const char *fatal = strstr(msg, "FATAL:  ");
	enum err_code code = ERR_UNREACHABLE;
	char line[LINE_SIZE];

	if (fatal != NULL) {
		msg = fatal + strlen("FATAL:  ");
		code = is_not_now(msg) ? ERR_UNREACHABLE : ERR_DENIED;
	} else if (strstr(msg, "certificate") != NULL) {
		code = ERR_DENIED;
	}
	(void)str_visible(line, sizeof(line), msg, strcspn(msg, "\n"));
	return err_set(e, code, "database: %s", line);
}

static int
handshake(struct db *db, struct err *e)
{
	int64_t deadline = clock_ticks() + DB_OPEN_MS;
	PostgresPollingStatusType s = PGRES_POLLING_WRITING;

	if (PQstatus(db->conn) == CONNECTION_BAD)
		return refused(db->conn, e);
	while (s != PGRES_POLLING_OK) {
		if (s == PGRES_POLLING_FAILED)
			return refused(db->conn, e);
		if (db_wait_socket(db, s == PGRES_POLLING_WRITING, deadline,
			e) == -1)
			return -1;
		s = PQconnectPoll(db->conn);
	}
	if (PQsetnonblocking(db->conn, 1) == -1)
		return db_lost(db, e);
	return 0;
}

static struct db *
connect_with(const struct params *p, enum db_role role, struct err *e)
{
	struct db *db;

	if (pq_load(e) == -1)
		return NULL;
	db = mem_alloc(sizeof(*db));
	db->role = role;
	db->conn = PQconnectStartParams(p->keyword, p->value, 0);
	if (db->conn == NULL)
		BUG("out of memory for a database connection");
	(void)PQsetNoticeReceiver(db->conn, no_notice, NULL);
	if (handshake(db, e) == -1) {
		db_close(db);
		return NULL;
	}
	return db;
}

struct db *
db_open_local(enum db_role role, struct err *e)
{
	struct nodeconf conf;
	struct params p;
	char dir[PATH_SIZE];
	char port[ARG_INT_SIZE];
	struct db *db;

	if (nodeconf_load(&conf, NULL, e) == -1)
		return NULL;
	common_params(&p, role, arg_int(port, conf.db_port));
	param(&p, "host", paths_in(dir, "db/run"));
	db = connect_with(&p, role, e);
	if (db == NULL)
		err_wrap(e, "this node");
	return db;
}

static struct db *
open_remote(const struct nodeconf *conf, enum db_role role, struct err *e)
{
	struct params p;
	char port[ARG_INT_SIZE];
	char ca[PATH_SIZE];
	char cert[PATH_SIZE];
	char key[PATH_SIZE];

	common_params(&p, role, arg_int(port, conf->db_port));
	param(&p, "host", conf->publisher_address);
	param(&p, "hostaddr", conf->publisher_address);
	param(&p, "sslmode", "verify-full");
	param(&p, "ssl_min_protocol_version", "TLSv1.2");
	param(&p, "sslrootcert", paths_in(ca, "certs/cluster-ca.pem"));
	param(&p, "sslcert", paths_in(cert, "certs/db-client.pem"));
	param(&p, "sslkey", paths_in(key, "certs/db-client.key"));
	param(&p, "sslpassword", "");
	param(&p, "keepalives_idle", "5");
	param(&p, "keepalives_interval", "2");
	param(&p, "keepalives_count", "3");
	param(&p, "tcp_user_timeout", "8000");
	return connect_with(&p, role, e);
}

struct db *
db_open_primary(const struct nodeconf *conf, enum db_role role, struct err *e)
{
	const char *standby;
	struct db *db;

	if (conf->role == NODE_PUBLISHER) {
		db = db_open_local(role, e);
	} else if (role == DB_ADMIN) {
		(void)err_set(e, ERR_DENIED,
		    "the role dbadmin is for the publisher itself");
		return NULL;
	} else {
		db = open_remote(conf, role, e);
		if (db == NULL)
			err_wrap(e, "publisher %s", conf->publisher_name);
	}
	if (db == NULL)
		return NULL;
	standby = PQparameterStatus(db->conn, "in_hot_standby");
	if (standby != NULL && str_equal(standby, "on")) {
		(void)err_set(e, ERR_STATE,
		    "publisher %s: its database is a standby",
		    conf->publisher_name);
		db_close(db);
		return NULL;
	}
	return db;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	PQfinish(db->conn);
	free(db);
}

int
db_in_recovery(struct db *db, bool *yes, struct err *e)
{
	PGresult *res;

	if (db_query(db, "select pg_is_in_recovery()", 0, NULL, &res, e) == -1)
		return -1;
	*yes = cell_bool(res, 0, 0);
	PQclear(res);
	return 0;
}

int
db_begin(struct db *db, struct err *e)
{
	if (db->depth == 0 && db_query(db, "begin", 0, NULL, NULL, e) == -1)
		return -1;
	db->depth++;
	return 0;
}

int
db_commit(struct db *db, struct err *e)
{
	if (db->depth == 0)
		BUG("commit without begin");
	if (db->depth > 1) {
		db->depth--;
		return 0;
	}
	if (db_query(db, "commit", 0, NULL, NULL, e) == -1) {
		if (e != NULL &&
		    (e->code == ERR_UNREACHABLE || e->code == ERR_TIMEOUT))
			(void)err_hint(e,
			    "Whether the change was made is not known.");
		return -1;
	}
	db->depth = 0;
	return 0;
}

void
db_rollback(struct db *db)
{
	if (db->depth == 0)
		return;
	db->depth = 0;
	db->broken = false;
	if (!db->dead && db_query(db, "rollback", 0, NULL, NULL, NULL) == -1)
		db->dead = true;
}

void
db_abort(struct db *db)
{
	if (db->depth <= 1) {
		db_rollback(db);
		return;
	}
	db->depth--;
	db->broken = true;
}
