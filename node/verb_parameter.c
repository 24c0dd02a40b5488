/*
 * parameter list, show and set: the enterprise parameters.
 */
#include "base/parameter.h"
#include "db/params.h"
#include "db/replicas.h"
#include "node/agent.h"
#include "node/verb.h"

enum column {
	COLUMN_NAME,
	COLUMN_VALUE,
	COLUMN_HELP,
	COLUMN_ALLOWED, /* "": cannot be set */
	COLUMN_RESTART, /* "": counts at once */
	COLUMNS
};

static int
show_one(struct verb_ctx *c, struct db *db, const struct parameter *p,
    struct err *e)
{
	char value[PARAMS_VALUE_SIZE];

	if (params_get(db, p->name, value, e) == -1)
		return -1;
	verb_row_of(c,
	    (const char *const[COLUMNS]) {
		[COLUMN_NAME] = p->name,
		[COLUMN_VALUE] = value,
		[COLUMN_HELP] = p->help,
		[COLUMN_ALLOWED] = p->allowed != NULL ? p->allowed : "",
		[COLUMN_RESTART] = p->restart != NULL ? p->restart : "",
	    },
	    COLUMNS);
	return 0;
}

static int
run_list(struct verb_ctx *c, struct err *e)
{
	struct db *db = db_open_local(DB_RW, e);
	int rc = 0;

	if (db == NULL)
		return err_wrap(e, "the enterprise parameters");
	for (size_t i = 0; i < parameter_table_n && rc == 0; i++)
		rc = show_one(c, db, &parameter_table[i], e);
	db_close(db);
	return rc;
}

static int
run_show(struct verb_ctx *c, struct err *e)
{
	const struct parameter *p = parameter_find(c->args[0], e);
	struct db *db;
	int rc;

	if (p == NULL)
		return -1;
	if ((db = db_open_local(DB_RW, e)) == NULL)
		return err_wrap(e, "the enterprise parameters");
	rc = show_one(c, db, p, e);
	db_close(db);
	return rc;
}

/* Name the nodes that do not have it yet; never a failure. */
static void
wait_replicas(struct verb_ctx *c, struct db *primary)
{
	struct replica_report report;
	struct err e = ERR_INIT;

	if (replicas_wait(primary, REPLICAS_WAIT_MS, &report, &e) == -1)
		return;
	for (size_t i = 0; i < report.late.n; i++)
		verb_text(c,
		    "The database of node %s does not have the change yet.\n",
		    report.late.item[i]);
	replica_report_release(&report);
}

static int
run_set(struct verb_ctx *c, struct err *e)
{
	const struct parameter *p = parameter_find(c->args[0], e);
	struct db *db;
	int rc;

	if (p == NULL || parameter_check(p, c->args[1], e) == -1)
		return -1;
	db = db_open_primary(&c->agent->conf, DB_RW, e);
	if (db == NULL) {
		(void)err_wrap(e, "the publisher's database");
		return err_hint(e, "Nothing was changed.");
	}
	rc = params_set(db, p->name, c->args[1], e);
	if (rc == 0)
		wait_replicas(c, db);
	db_close(db);
	return rc;
}

const struct verb verb_parameter_list = {
	.words = "parameter list",
	.flags = VERB_ACCOUNTS,
	.level = 0,
	.args_min = 0,
	.args_max = 0,
	.run = run_list,
};

const struct verb verb_parameter_show = {
	.words = "parameter show",
	.flags = VERB_ACCOUNTS,
	.level = 0,
	.args_min = 1,
	.args_max = 1,
	.run = run_show,
};

const struct verb verb_parameter_set = {
	.words = "parameter set",
	.flags = VERB_ACCOUNTS,
	.level = 1,
	.args_min = 2,
	.args_max = 2,
	.run = run_set,
};
