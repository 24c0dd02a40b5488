/*
 * sql: an administrator's own statement, with the rights of the level.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/agent_msg.h"
#include "db/replicas.h"
#include "db/sql.h"
#include "node/agent.h"
#include "node/verb.h"

#define STATEMENT_MAX 65536

static int
take_row(void *self, const char *const *cell, size_t n)
{
	struct strlist l = STRLIST_INIT;
	size_t i;

	for (i = 0; i < n; i++)
		strlist_add(&l, cell[i] == NULL ? AGENT_NULL : cell[i]);
	verb_row(self, &l);
	strlist_release(&l);
	return 0;
}

/* Name the nodes that have not replayed the change; never a failure. */
static void
wait_replicas(struct verb_ctx *c)
{
	struct replica_report report;
	struct err e = ERR_INIT;
	struct db *db;
	size_t i;
	int rc;

	/* the role of statements does not see the standbys */
	if ((db = db_open_primary(&c->agent->conf, DB_RW, &e)) == NULL)
		return;
	rc = replicas_wait(db, REPLICAS_WAIT_MS, &report, &e);
	db_close(db);
	if (rc == -1)
		return;
	for (i = 0; i < report.late.n; i++)
		verb_text(c,
		    "The database of node %s does not have the change yet.\n",
		    report.late.item[i]);
	replica_report_release(&report);
}

static int
run_sql(struct verb_ctx *c, struct err *e)
{
	const struct sql_sink sink = { .row = take_row, .self = c };
	const enum db_role role = c->caller.level >= 1 ? DB_SQL_RW : DB_SQL;
	struct sql_result res = { .query = true };
	bool change;
	char *statement;
	struct db *db;
	int rc;

	if (c->payload_len == 0)
		return err_set(e, ERR_USAGE, "no statement");
	if (memchr(c->payload, '\0', c->payload_len) != NULL)
		return err_set(e, ERR_USAGE, "a NUL byte in the statement");
	statement = mem_strndup((const char *)c->payload, c->payload_len);
	change = role == DB_SQL_RW && sql_is_change(statement);
	db = change ? db_open_primary(&c->agent->conf, role, e) :
		      db_open_local(role, e);
	if (db == NULL) {
		free(statement);
		(void)err_wrap(e, "the database");
		return err_hint(e, "A Cisco DB must be running on %s.",
		    change ? "the publisher" : "this node");
	}
	rc = sql_run(db, statement, &sql_limits_default, &sink, &res, e);
	if (rc == 0 && !res.query)
		(void)str_printf(c->message, sizeof(c->message),
		    "Rows: %" PRIu64, res.rows);
	if (rc == 0 && change)
		wait_replicas(c);
	db_close(db);
	free(statement);
	return rc;
}

const struct verb verb_sql = {
	.words = "sql",
	.flags = VERB_ACCOUNTS | VERB_COSTLY,
	.level = 0,
	.payload_max = STATEMENT_MAX,
	.run = run_sql,
};
