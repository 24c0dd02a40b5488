#include "cluster/cert_regen.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/paths.h"
#include "db/hold.h"
#include "db/replicas.h"

/* --- the database's side ------------------------------------------------ */

/* The connection, lent; NULL when there is none. */
static struct db *
primary(struct cert_regen_world *w, struct err *e)
{
	if (w->primary == NULL)
		w->primary = db_open_primary(w->conf, DB_RW, e);
	return w->primary;
}

/* The same before anything is changed: what to do is in the hint. */
static struct db *
need_primary(struct cert_regen_world *w, struct err *e)
{
	struct db *db = primary(w, e);

	if (db == NULL)
		(void)err_hint(e,
		    "Nothing has been changed. A Cisco DB must be running on "
		    "the publisher, %s.",
		    w->conf->publisher_name);
	return db;
}

void
cert_regen_close(struct cert_regen_world *w)
{
	db_close(w->primary);
	w->primary = NULL;
}

/* After a failure nothing is known of the connection: the next is new. */
static int
after(struct cert_regen_world *w, int rc)
{
	if (rc == -1)
		cert_regen_close(w);
	return rc;
}

static int
real_held(void *self, const char *unit, struct err *e)
{
	struct cert_regen_world *w = self;
	const struct nodeconf *conf = w->conf;
	struct hold_time now;
	struct db *db;

	if ((db = need_primary(w, e)) == NULL)
		return -1;
	hold_now(&now);
	return after(w,
	    hold_check(db, conf->name, unit, &now, conf->hold_seconds, e));
}

static enum cert_recorded
real_record(void *self, const char *unit, const struct cert *c, bool hold,
    struct err *e)
{
	struct cert_regen_world *w = self;
	const struct nodeconf *conf = w->conf;
	struct hold_time now;
	struct cert_row row;
	struct db *db;
	int rc;

	if (cert_unit_row(&row, conf->name, unit, c, e) == -1)
		return CERT_REFUSED;
	if ((db = need_primary(w, e)) == NULL) {
		cert_row_release(&row);
		return CERT_REFUSED;
	}
	if (hold) {
		hold_now(&now);
		rc = hold_replace_certificate(db, &row, &now,
		    conf->hold_seconds, e);
	} else {
		rc = certs_replace(db, &row, e);
	}
	cert_row_release(&row);
	if (after(w, rc) == 0)
		return CERT_RECORDED;
	if (e->code == ERR_TIMEOUT || e->code == ERR_UNREACHABLE)
		return CERT_UNDECIDED;
	return CERT_REFUSED;
}

/* One of the two questions of db/certs.h whether a certificate is current. */
typedef int is_current_fn(struct db *db, const char *node, const char *unit,
    const char *sha256, bool *yes, struct err *e);

static int
ask_primary(struct cert_regen_world *w, is_current_fn *ask, const char *unit,
    const struct cert *c, bool *yes, struct err *e)
{
	char sha256[CERT_FINGERPRINT_SIZE];
	struct db *db;

	*yes = false;
	cert_fingerprint(c, sha256);
	if ((db = primary(w, e)) == NULL)
		return -1;
	return after(w, ask(db, w->conf->name, unit, sha256, yes, e));
}

static int
real_recorded(void *self, const char *unit, const struct cert *c, bool *yes,
    struct err *e)
{
	return ask_primary(self, certs_is_current, unit, c, yes, e);
}

static int
real_settled(void *self, const char *unit, const struct cert *c, bool *yes,
    struct err *e)
{
	return ask_primary(self, certs_is_current_settled, unit, c, yes, e);
}

static int
real_replicas(void *self, int64_t ms, struct strlist *lagging, struct err *e)
{
	struct cert_regen_world *w = self;
	struct replica_report report;
	struct db *db;
	size_t i;

	if ((db = primary(w, e)) == NULL)
		return -1;
	if (after(w, replicas_wait(db, ms, &report, e)) == -1)
		return -1;
	for (i = 0; i < report.late.n; i++)
		strlist_add(lagging, report.late.item[i]);
	for (i = 0; i < report.absent.n; i++)
		strlist_add(lagging, report.absent.item[i]);
	replica_report_release(&report);
	return 0;
}

struct cert_regen_ops
cert_regen_real(struct cert_regen_world *w)
{
	struct cert_regen_ops ops = { .held = real_held,
		.record = real_record,
		.recorded = real_recorded,
		.settled = real_settled,
		.replicas = real_replicas,
		.self = w };

	return ops;
}

/* --- regeneration ------------------------------------------------------- */

static char *
unit_path(char dst[PATH_SIZE], const char *unit)
{
	return paths_in(dst, "certs/%s.pem", unit);
}

int
cert_regen_check(const struct cert_regen_ops *ops, const char *unit,
    struct err *e)
{
	if (cert_unit_check(unit, e) == -1)
		return -1;
	return ops->held(ops->self, unit, e);
}

/*
 * Steps 2 and 3 for a pair whose .new is written.  *open as in
 * cert_regen_run().
 */
static int
commit(const struct cert_regen_ops *ops, const char *unit, const struct cert *c,
    bool hold, bool *open, struct err *e)
{
	char path[PATH_SIZE];
	struct err ignored = ERR_INIT;
	enum cert_recorded how;
	bool yes;

	unit_path(path, unit);
	how = ops->record(ops->self, unit, c, hold, e);
	if (how == CERT_UNDECIDED) {
		if (ops->settled(ops->self, unit, c, &yes, &ignored) == -1) {
			*open = true;
			(void)err_wrap(e,
			    "whether the database has the new certificate is "
			    "not known");
			return err_hint(e,
			    "The node finds out and finishes or undoes it as "
			    "soon as the publisher's database answers.");
		}
		how = yes ? CERT_RECORDED : CERT_REFUSED;
	}
	if (how == CERT_REFUSED) {
		(void)certfile_discard(path, &ignored);
		return -1;
	}
	if (certfile_commit(path, e) == -1) {
		*open = true;
		return err_wrap(e, "the new certificate of %s", unit);
	}
	return 0;
}

/* Steps 1 to 3. */
static int
replace(const struct cert_regen_ops *ops, const char *unit,
    const struct certfile *pair, bool hold, bool *open, struct err *e)
{
	char path[PATH_SIZE];
	struct err ignored = ERR_INIT;

	unit_path(path, unit);
	if (certfile_write_new(path, pair->key, pair->cert, e) == -1) {
		(void)certfile_discard(path, &ignored);
		return -1;
	}
	return commit(ops, unit, pair->cert, hold, open, e);
}

static int
renew(const struct nodeconf *conf, const struct cert_regen_ops *ops,
    const char *unit, bool hold, bool *open, struct err *e)
{
	struct certfile pair;
	int rc;

	if (cert_unit_make(conf, unit, &pair, e) == -1)
		return -1;
	rc = replace(ops, unit, &pair, hold, open, e);
	certfile_release(&pair);
	return rc;
}

/* Step 4. */
static int
follow_p12(const struct nodeconf *conf, const char *unit, const char *how,
    bool *open, struct err *e)
{
	if (conf->role != NODE_PUBLISHER ||
	    !str_equal(unit, CERT_UNIT_RECOVERY) || cert_unit_write_p12(e) == 0)
		return 0;
	*open = true;
	return err_wrap(e,
	    "the certificate of %s is %s, but %s.p12 is not made", unit, how,
	    unit);
}

/* Name the nodes that do not have it yet; never a failure. */
static void
tell_lagging(const struct cert_regen_ops *ops, const struct progress *p)
{
	struct strlist lagging = STRLIST_INIT;
	struct err e = ERR_INIT;
	size_t i;

	if (ops->replicas(ops->self, CERT_REPLICAS_MS, &lagging, &e) == -1)
		(void)progress_printf(p, &e,
		    "Whether the other nodes have the new certificate is not "
		    "known: %s\n",
		    e.msg);
	for (i = 0; i < lagging.n; i++)
		(void)progress_printf(p, &e,
		    "The database of node %s does not have the new "
		    "certificate yet.\n",
		    lagging.item[i]);
	strlist_release(&lagging);
}

int
cert_regen_run(const struct nodeconf *conf, const struct cert_regen_ops *ops,
    const char *unit, const struct progress *p, bool *open, struct err *e)
{
	*open = false;
	if (cert_regen_check(ops, unit, e) == -1)
		return -1;
	if (renew(conf, ops, unit, true, open, e) == -1)
		return -1;
	if (follow_p12(conf, unit, "regenerated", open, e) == -1)
		return -1;
	tell_lagging(ops, p);
	return 0;
}

/* Is this very pair the unit's, in the file and in the database? */
static bool
is_own(const struct cert_regen_ops *ops, const char *unit,
    const struct certfile *pair)
{
	char path[PATH_SIZE];
	struct certfile own;
	bool same = false;

	if (certfile_read(&own, unit_path(path, unit), NULL) == -1)
		return false;
	if (cert_equal(own.cert, pair->cert) &&
	    ops->recorded(ops->self, unit, pair->cert, &same, NULL) == -1)
		same = false;
	certfile_release(&own);
	return same;
}

int
cert_regen_adopt(const struct nodeconf *conf, const struct cert_regen_ops *ops,
    const struct certfile *pair, const struct progress *p, bool *open,
    struct err *e)
{
	*open = false;
	if (is_own(ops, CERT_UNIT_RECOVERY, pair))
		return cert_regen_repair_p12(conf, p, e);
	if (replace(ops, CERT_UNIT_RECOVERY, pair, false, open, e) == -1 ||
	    follow_p12(conf, CERT_UNIT_RECOVERY, "replaced", open, e) == -1)
		return -1;
	tell_lagging(ops, p);
	return 0;
}

/* --- repair ------------------------------------------------------------- */

/* Finish or undo what an interrupted regeneration left. */
static int
repair_new(const struct cert_regen_ops *ops, const char *unit,
    const struct progress *p, struct err *e)
{
	char path[PATH_SIZE];
	char path_new[PATH_SIZE];
	struct certfile pair;
	struct err why = ERR_INIT;
	bool yes = false;
	int rc;

	unit_path(path, unit);
	if (!certfile_has_new(path))
		return 0;
	paths_in(path_new, "certs/%s.pem.new", unit);
	if (certfile_read(&pair, path_new, &why) == 0) {
		rc = ops->settled(ops->self, unit, pair.cert, &yes, e);
		certfile_release(&pair);
		if (rc == -1)
			return -1;
	} else if (why.code != ERR_KEY && why.code != ERR_FORMAT &&
	    why.code != ERR_TOO_BIG) {
		/* Not readable just now: perhaps it is whole. */
		*e = why;
		return -1;
	}
	/* What cannot be read was not finished, so never recorded. */
	rc = yes ? certfile_commit(path, e) : certfile_discard(path, e);
	if (rc == -1)
		return -1;
	(void)progress_printf(p, &why, "interrupted regeneration of %s %s\n",
	    unit, yes ? "finished" : "undone");
	return 0;
}

/* Make the database have what the file has. */
static int
repair_record(const struct cert_regen_ops *ops, const char *unit,
    const struct progress *p, struct err *e)
{
	char path[PATH_SIZE];
	struct certfile pair;
	struct err why = ERR_INIT;
	bool yes;
	int rc;

	if (certfile_read(&pair, unit_path(path, unit), &why) == -1) {
		(void)progress_printf(p, e, "%s\n", why.msg);
		return 0;
	}
	rc = ops->recorded(ops->self, unit, pair.cert, &yes, e);
	if (rc == 0 && !yes) {
		if (ops->record(ops->self, unit, pair.cert, false, e) ==
		    CERT_RECORDED)
			(void)progress_printf(p, &why,
			    "certificate of %s recorded in the database\n",
			    unit);
		else
			rc = -1;
	}
	certfile_release(&pair);
	return rc;
}

static int
repair_unit(const struct nodeconf *conf, const struct cert_regen_ops *ops,
    const char *unit, const struct progress *p, struct err *e)
{
	char path[PATH_SIZE];
	bool open;

	if (repair_new(ops, unit, p, e) == -1)
		return -1;
	if (str_equal(unit, CERT_UNIT_RECOVERY) &&
	    access(unit_path(path, unit), F_OK) == -1) {
		if (renew(conf, ops, unit, false, &open, e) == -1)
			return -1;
		(void)progress_printf(p, e, "certificate of %s made\n", unit);
		return 0;
	}
	return repair_record(ops, unit, p, e);
}

int
cert_regen_repair(const struct nodeconf *conf, const struct cert_regen_ops *ops,
    const struct progress *p, struct err *e)
{
	size_t i;

	for (i = 0; i < cert_units_n; i++)
		if (repair_unit(conf, ops, cert_units[i], p, e) == -1)
			return err_wrap(e, "%s", cert_units[i]);
	return 0;
}

bool
cert_regen_agrees(const struct cert_regen_ops *ops)
{
	size_t i;

	for (i = 0; i < cert_units_n; i++) {
		char path[PATH_SIZE];
		struct certfile pair;
		bool yes = false;

		unit_path(path, cert_units[i]);
		if (certfile_has_new(path) ||
		    certfile_read(&pair, path, NULL) == -1)
			return false;
		if (ops->recorded(ops->self, cert_units[i], pair.cert, &yes,
			NULL) == -1)
			yes = false;
		certfile_release(&pair);
		if (!yes)
			return false;
	}
	return true;
}

int
cert_regen_repair_p12(const struct nodeconf *conf, const struct progress *p,
    struct err *e)
{
	if (conf->role != NODE_PUBLISHER || cert_unit_p12_current())
		return 0;
	if (cert_unit_write_p12(e) == -1)
		return err_wrap(e, "%s.p12", CERT_UNIT_RECOVERY);
	(void)progress_printf(p, e, "%s.p12 made\n", CERT_UNIT_RECOVERY);
	return 0;
}
