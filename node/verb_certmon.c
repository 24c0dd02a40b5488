/*
 * cert monitor show and set, cert alarm.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cert_alarm.h"
#include "base/clock.h"
#include "base/paths.h"
#include "db/cert_alarms.h"
#include "db/monitor.h"
#include "db/replicas.h"
#include "node/agent.h"
#include "node/verb.h"
#include "trust/digest.h"

#define MONITOR_COLUMNS 5
#define ALARM_COLUMNS 8
#define P12_FILE "certs/ITLRecovery.p12"
#define P12_MAX 1048576

static int
run_show(struct verb_ctx *c, struct err *e)
{
	char server[CERT_MONITOR_SERVER_SIZE];
	char days[16];
	char time[16];
	struct cert_monitor m;
	struct db *db = db_open_local(DB_RW, e);
	int rc;

	if (db == NULL)
		return err_wrap(e, "the certificate monitor's settings");
	rc = monitor_read(db, &m, e);
	db_close(db);
	if (rc == -1)
		return -1;
	(void)snprintf(days, sizeof(days), "%u", m.days);
	(void)snprintf(time, sizeof(time), "%02u:%02u", m.minute / 60,
	    m.minute % 60);
	verb_row_of(c,
	    (const char *const[MONITOR_COLUMNS]) { m.email ? "t" : "f",
		m.address, cert_monitor_server_text(server, &m), days, time },
	    MONITOR_COLUMNS);
	return 0;
}

/* Name the nodes that do not have it yet; never a failure. */
static void
wait_replicas(struct verb_ctx *c, struct db *primary)
{
	struct replica_report report;
	struct err e = ERR_INIT;
	size_t i;

	if (replicas_wait(primary, REPLICAS_WAIT_MS, &report, &e) == -1)
		return;
	for (i = 0; i < report.late.n; i++)
		verb_text(c,
		    "The database of node %s does not have the change yet.\n",
		    report.late.item[i]);
	replica_report_release(&report);
}

static int
run_set(struct verb_ctx *c, struct err *e)
{
	struct db *db = db_open_primary(&c->agent->conf, DB_RW, e);
	int rc;

	if (db == NULL) {
		(void)err_wrap(e, "the publisher's database");
		return err_hint(e, "Nothing was changed.");
	}
	rc = monitor_set(db, c->args[0], c->args[1], e);
	if (rc == 0)
		wait_replicas(c, db);
	db_close(db);
	return rc;
}

/* --- cert alarm ---------------------------------------------------------- */

/* Of the publisher; one that is missing is being made. */
static void
look_at_p12(const struct agent *a, struct cert_alarm_query *q,
    char hex[DIGEST_HEX_SIZE], struct err *unread)
{
	char path[PATH_SIZE];

	if (a->conf.role != NODE_PUBLISHER)
		return;
	if (digest_file_hex(DIGEST_SHA256, paths_in(path, P12_FILE), P12_MAX,
		hex, unread) == 0)
		q->p12_sha256 = hex;
	else if (unread->code != ERR_NOT_FOUND)
		q->p12_trouble = unread->msg;
}

static int
look(const struct agent *a, struct cert_alarm_list *l, struct err *e)
{
	char hex[DIGEST_HEX_SIZE];
	struct cert_alarm_query q = { .node = a->conf.name,
		.now = clock_wall(),
		.trust = a->conf.role == NODE_PUBLISHER };
	struct err unread = ERR_INIT;
	struct cert_monitor m;
	struct db *db;
	int rc;

	look_at_p12(a, &q, hex, &unread);
	if ((db = db_open_local(DB_RW, e)) == NULL)
		return err_wrap(e, "the alarms");
	rc = monitor_read(db, &m, e);
	q.days = m.days;
	if (rc == 0)
		rc = cert_alarms_active(db, &q, l, e);
	db_close(db);
	return rc;
}

static void
alarm_row(struct verb_ctx *c, const struct cert_alarm *a)
{
	const struct cert_alarm_text *t = cert_alarm_text(a->kind);
	char since[24];
	const char *const column[ALARM_COLUMNS] = { t->name,
		cert_alarm_severity_name(t->severity), CERT_ALARM_APP, t->text,
		t->explanation, a->action, a->message, since };

	(void)snprintf(since, sizeof(since), "%" PRId64, a->since);
	verb_row_of(c, column, ALARM_COLUMNS);
}

static int
run_alarm(struct verb_ctx *c, struct err *e)
{
	struct cert_alarm_list l = CERT_ALARM_LIST_INIT;
	size_t i;

	if (look(c->agent, &l, e) == -1)
		return -1;
	for (i = 0; i < l.n; i++)
		alarm_row(c, &l.item[i]);
	cert_alarm_list_release(&l);
	return 0;
}

const struct verb verb_cert_monitor_show = {
	.words = "cert monitor show",
	.flags = VERB_ACCOUNTS,
	.level = 0,
	.args_min = 0,
	.args_max = 0,
	.run = run_show,
};

const struct verb verb_cert_monitor_set = {
	.words = "cert monitor set",
	.flags = VERB_ACCOUNTS,
	.level = 1,
	.args_min = 2,
	.args_max = 2,
	.run = run_set,
};

const struct verb verb_cert_alarm = {
	.words = "cert alarm",
	.flags = VERB_ACCOUNTS,
	.level = 0,
	.args_min = 0,
	.args_max = 0,
	.run = run_alarm,
};
