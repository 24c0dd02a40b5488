#include "tests/fakes/regen_database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"

size_t
regen_database_unit(const char *unit)
{
	size_t i;

	for (i = 0; i < cert_units_n; i++)
		if (str_equal(cert_units[i], unit))
			return i;
	fail_msg("unit %s", unit);
	return 0;
}

static int
unreachable(struct err *e)
{
	return err_set(e, ERR_UNREACHABLE, "the primary does not answer");
}

static int
fake_held(void *self, const char *unit, struct err *e)
{
	struct regen_database *f = self;

	if (f->down)
		return unreachable(e);
	if (f->held)
		return err_set(e, ERR_HELD,
		    "CallManager certificate was modified in the last 5 "
		    "minutes. Please re-try regnerating %s certificate at a "
		    "later time",
		    unit);
	return 0;
}

static enum cert_recorded
fake_record(void *self, const char *unit, const struct cert *c, bool hold,
    struct err *e)
{
	struct regen_database *f = self;

	if (f->down) {
		(void)unreachable(e);
		return CERT_REFUSED;
	}
	if (f->crash == REGEN_CRASH_BEFORE_COMMIT)
		_exit(REGEN_EXIT_CRASH);
	if (f->late_commit) {
		cert_fingerprint(c, f->late);
		f->late_unit = regen_database_unit(unit);
	} else if (!f->lose_commit) {
		cert_fingerprint(c, f->sha256[regen_database_unit(unit)]);
		f->commits++;
		if (hold)
			f->held = true;
	}
	if (f->crash == REGEN_CRASH_AFTER_COMMIT)
		_exit(REGEN_EXIT_CRASH);
	if (f->down_after_commit)
		f->down = true;
	if (f->lose_answer || f->lose_commit || f->late_commit) {
		(void)unreachable(e);
		return CERT_UNDECIDED;
	}
	return CERT_RECORDED;
}

static int
fake_recorded(void *self, const char *unit, const struct cert *c, bool *yes,
    struct err *e)
{
	struct regen_database *f = self;
	char sha256[CERT_FINGERPRINT_SIZE];

	if (f->down)
		return unreachable(e);
	cert_fingerprint(c, sha256);
	*yes = str_equal(f->sha256[regen_database_unit(unit)], sha256);
	return 0;
}

void
regen_database_finish(struct regen_database *f)
{
	if (f->late[0] == '\0')
		return;
	(void)str_copy(f->sha256[f->late_unit], CERT_FINGERPRINT_SIZE, f->late);
	f->late[0] = '\0';
	f->commits++;
}

/* Waits for it. */
static int
fake_settled(void *self, const char *unit, const struct cert *c, bool *yes,
    struct err *e)
{
	struct regen_database *f = self;

	if (f->down)
		return unreachable(e);
	regen_database_finish(f);
	return fake_recorded(f, unit, c, yes, e);
}

static int
fake_replicas(void *self, int64_t ms, struct strlist *lagging, struct err *e)
{
	struct regen_database *f = self;

	(void)e;
	assert_int_equal(ms, CERT_REPLICAS_MS);
	f->replicas_asked++;
	if (f->lagging != NULL)
		strlist_add(lagging, f->lagging);
	return 0;
}

struct cert_regen_ops
regen_database_ops(struct regen_database *f)
{
	struct cert_regen_ops ops = { .held = fake_held,
		.record = fake_record,
		.recorded = fake_recorded,
		.settled = fake_settled,
		.replicas = fake_replicas,
		.self = f };

	return ops;
}
