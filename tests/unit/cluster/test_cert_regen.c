/*
 * cluster/cert_regen.c: the order of files and database, and what a killed
 * agent leaves.  The database is a few bytes of shared memory, so that it
 * outlives a child that ends in the middle, as the real one does.
 */
#include "cluster/cert_regen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "tests/fakes/fake_pkcs12.h"
#include "tests/fakes/regen_database.h"
#include "trust/pkcs12.h"

static char root[] = "/tmp/ucmsh-regen-XXXXXX";
static struct regen_database *db;
static struct nodeconf conf;

static int
note(void *self, const char *text)
{
	strlist_add(self, text);
	return 0;
}

static int
set_up_group(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	db = mmap(NULL, sizeof(*db), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (db == MAP_FAILED || mkdtemp(root) == NULL)
		return -1;
	paths_set_root(root);
	nodeconf_defaults(&conf);
	(void)str_copy(conf.name, sizeof(conf.name), "test10pub");
	(void)str_copy(conf.domain, sizeof(conf.domain), "joemar2.lab");
	(void)str_copy(conf.country, sizeof(conf.country), "US");
	conf.key_bits = 1024; /* made quickly */
	if (file_mkdir(paths_in(path, "certs"), 0711, &e) == -1)
		return -1;
	return file_replace(paths_in(path, "certs/security_password"),
	    "c1sco.sec\n", 10, 0600, &e);
}

static void
remove_files(void)
{
	char path[PATH_SIZE];
	size_t i;

	for (i = 0; i < cert_units_n; i++) {
		(void)unlink(paths_in(path, "certs/%s.pem", cert_units[i]));
		(void)unlink(paths_in(path, "certs/%s.pem.new", cert_units[i]));
	}
	(void)unlink(paths_in(path, "certs/ITLRecovery.p12"));
}

static int
tear_down_group(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	remove_files();
	(void)unlink(paths_in(path, "certs/security_password"));
	(void)rmdir(paths_in(path, "certs"));
	(void)munmap(db, sizeof(*db));
	return rmdir(root);
}

/* Every unit has a certificate that the database knows. */
static int
set_up(void **state)
{
	char path[PATH_SIZE];
	struct certfile pair;
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	remove_files();
	memset(db, 0, sizeof(*db));
	conf.role = NODE_SUBSCRIBER;
	for (i = 0; i < cert_units_n; i++) {
		if (cert_unit_make(&conf, cert_units[i], &pair, &e) == -1 ||
		    certfile_write(paths_in(path, "certs/%s.pem",
				       cert_units[i]),
			pair.key, pair.cert, &e) == -1)
			return -1;
		cert_fingerprint(pair.cert, db->sha256[i]);
		certfile_release(&pair);
	}
	return 0;
}

static void
fingerprint_of(const char *unit, char hex[CERT_FINGERPRINT_SIZE])
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	assert_int_equal(
	    certfile_fingerprint(paths_in(path, "certs/%s.pem", unit), hex, &e),
	    0);
}

static bool
has_new(const char *unit)
{
	char path[PATH_SIZE];

	return certfile_has_new(paths_in(path, "certs/%s.pem", unit));
}

/* Pair, file and database agree, and nothing is left over. */
static void
assert_agree(const char *unit)
{
	char hex[CERT_FINGERPRINT_SIZE];

	fingerprint_of(unit, hex);
	assert_string_equal(hex, db->sha256[regen_database_unit(unit)]);
	assert_false(has_new(unit));
}

static int
regen(const char *unit, bool *open, struct err *e)
{
	const struct cert_regen_ops ops = regen_database_ops(db);

	return cert_regen_run(&conf, &ops, unit, NULL, open, e);
}

static int
repair(struct strlist *notes, struct err *e)
{
	const struct cert_regen_ops ops = regen_database_ops(db);
	const struct progress p = { .text = note, .self = notes };
	const struct progress *to = notes == NULL ? NULL : &p;

	if (cert_regen_repair(&conf, &ops, to, e) == -1)
		return -1;
	return cert_regen_repair_p12(&conf, to, e);
}

static void
regenerates_and_holds(void **state)
{
	char old[CERT_FINGERPRINT_SIZE];
	char now[CERT_FINGERPRINT_SIZE];
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	fingerprint_of("CallManager", old);
	assert_int_equal(regen("CallManager", &open, &e), 0);
	assert_false(open);
	fingerprint_of("CallManager", now);
	assert_string_not_equal(old, now);
	assert_agree("CallManager");
	assert_true(db->held);
	assert_int_equal(db->replicas_asked, 1);

	assert_int_equal(regen("TVS", &open, &e), -1);
	assert_int_equal(e.code, ERR_HELD);
	assert_string_equal(e.msg,
	    "CallManager certificate was modified in the last 5 minutes. "
	    "Please re-try regnerating TVS certificate at a later time");
	assert_false(open);
	assert_agree("TVS");
}

static void
names_nodes_that_lag(void **state)
{
	const struct cert_regen_ops ops = regen_database_ops(db);
	struct strlist notes = STRLIST_INIT;
	const struct progress p = { .text = note, .self = &notes };
	struct err e = ERR_INIT;
	bool open;

	(void)state;
	db->lagging = "test10sub2";
	assert_int_equal(cert_regen_run(&conf, &ops, "ipsec", &p, &open, &e),
	    0);
	assert_int_equal(notes.n, 1);
	assert_string_equal(notes.item[0],
	    "The database of node test10sub2 does not have the new "
	    "certificate yet.\n");
	strlist_release(&notes);
}

static void
refuses_without_primary(void **state)
{
	char old[CERT_FINGERPRINT_SIZE];
	char now[CERT_FINGERPRINT_SIZE];
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	fingerprint_of("TVS", old);
	db->down = true;
	assert_int_equal(regen("TVS", &open, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_false(open);
	fingerprint_of("TVS", now);
	assert_string_equal(old, now);
	assert_false(has_new("TVS"));
	assert_int_equal(db->commits, 0);
}

static void
refuses_unknown_units(void **state)
{
	struct err e = ERR_INIT;
	bool open;

	(void)state;
	assert_int_equal(regen("../x", &open, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_non_null(strstr(e.hint, "ITLRecovery"));
}

/* The primary goes away between the question and the commit. */
static void
undoes_a_lost_commit(void **state)
{
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	db->lose_commit = true;
	assert_int_equal(regen("TVS", &open, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_false(open);
	assert_agree("TVS");
}

static void
keeps_a_commit_whose_answer_got_lost(void **state)
{
	char old[CERT_FINGERPRINT_SIZE];
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	fingerprint_of("TVS", old);
	db->lose_answer = true;
	assert_int_equal(regen("TVS", &open, &e), 0);
	assert_false(open);
	assert_agree("TVS");
	assert_string_not_equal(old, db->sha256[regen_database_unit("TVS")]);
}

/* The commit goes on in the database after its answer got lost. */
static void
waits_for_a_commit_that_counts_later(void **state)
{
	struct strlist notes = STRLIST_INIT;
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	db->late_commit = true;
	assert_int_equal(regen("TVS", &open, &e), 0);
	assert_false(open);
	regen_database_finish(db);
	assert_agree("TVS");
	/* the same when the database cannot be asked just then */
	db->held = false;
	db->down_after_commit = true;
	assert_int_equal(regen("TVS", &open, &e), -1);
	assert_true(open);
	db->down = false;
	assert_int_equal(repair(&notes, &e), 0);
	regen_database_finish(db);
	assert_agree("TVS");
	assert_int_equal(notes.n, 1);
	assert_string_equal(notes.item[0],
	    "interrupted regeneration of TVS finished\n");
	strlist_release(&notes);
}

static void
leaves_the_undecided_to_the_repair(void **state)
{
	struct strlist notes = STRLIST_INIT;
	struct err e = ERR_INIT;
	bool open = false;
	int happened;

	(void)state;
	for (happened = 0; happened < 2; happened++) {
		assert_int_equal(set_up(NULL), 0);
		db->lose_answer = happened == 1;
		db->lose_commit = happened == 0;
		db->down_after_commit = true;
		assert_int_equal(regen("TVS", &open, &e), -1);
		assert_true(open);
		assert_true(has_new("TVS"));
		/* still down: nothing is lost */
		assert_int_equal(repair(NULL, &e), -1);
		assert_true(has_new("TVS"));
		db->down = false;
		assert_int_equal(repair(&notes, &e), 0);
		assert_agree("TVS");
		assert_int_equal(notes.n, 1);
		assert_string_equal(notes.item[0],
		    happened == 1 ?
			"interrupted regeneration of TVS finished\n" :
			"interrupted regeneration of TVS undone\n");
		strlist_release(&notes);
		notes = (struct strlist)STRLIST_INIT;
	}
}

/* Run a regeneration in a child that is ended at the given point. */
static void
crash_at(const char *unit, enum regen_crash where)
{
	struct err e = ERR_INIT;
	bool open;
	int status;
	pid_t pid;

	db->crash = where;
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		(void)regen(unit, &open, &e);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), REGEN_EXIT_CRASH);
	db->crash = REGEN_CRASH_NEVER;
}

static void
undoes_when_killed_before_the_commit(void **state)
{
	char old[CERT_FINGERPRINT_SIZE];
	char now[CERT_FINGERPRINT_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	fingerprint_of("CallManager", old);
	crash_at("CallManager", REGEN_CRASH_BEFORE_COMMIT);
	assert_true(has_new("CallManager"));
	assert_int_equal(repair(NULL, &e), 0);
	fingerprint_of("CallManager", now);
	assert_string_equal(old, now);
	assert_agree("CallManager");
	assert_false(db->held);
}

static void
finishes_when_killed_after_the_commit(void **state)
{
	char old[CERT_FINGERPRINT_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	fingerprint_of("CallManager", old);
	crash_at("CallManager", REGEN_CRASH_AFTER_COMMIT);
	assert_true(has_new("CallManager"));
	db->down = true;
	assert_int_equal(repair(NULL, &e), -1);
	assert_true(has_new("CallManager"));
	db->down = false;
	assert_int_equal(repair(NULL, &e), 0);
	assert_agree("CallManager");
	assert_string_not_equal(old,
	    db->sha256[regen_database_unit("CallManager")]);
	assert_true(db->held);
	assert_int_equal(db->commits, 1);
}

static void
removes_half_a_new_file(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(file_replace(paths_in(path, "certs/TVS.pem.new"),
			     "-----BEGIN PRIVATE KEY-----\n", 28, 0600, &e),
	    0);
	assert_int_equal(repair(NULL, &e), 0);
	assert_agree("TVS");
	assert_int_equal(db->commits, 0);
}

static void
records_what_the_database_lacks(void **state)
{
	struct strlist notes = STRLIST_INIT;
	struct err e = ERR_INIT;

	(void)state;
	memset(db->sha256[regen_database_unit("CAPF")], 'a',
	    CERT_FINGERPRINT_SIZE - 1);
	assert_int_equal(repair(&notes, &e), 0);
	assert_agree("CAPF");
	assert_int_equal(notes.n, 1);
	assert_string_equal(notes.item[0],
	    "certificate of CAPF recorded in the database\n");
	assert_false(db->held);
	strlist_release(&notes);
}

static void
makes_a_missing_recovery_certificate(void **state)
{
	char path[PATH_SIZE];
	struct certfile pair;
	struct err e = ERR_INIT;

	(void)state;
	conf.role = NODE_PUBLISHER;
	(void)unlink(paths_in(path, "certs/ITLRecovery.pem"));
	assert_int_equal(repair(NULL, &e), 0);
	assert_agree("ITLRecovery");
	assert_false(db->held);
	assert_int_equal(certfile_read(&pair,
			     paths_in(path, "certs/ITLRecovery.pem"), &e),
	    0);
	assert_string_equal(pair.cert->common_name,
	    "ITLRECOVERY_test10pub.joemar2.lab");
	certfile_release(&pair);
	assert_true(cert_unit_p12_current());
}

static void
makes_the_p12_of_a_new_recovery_key(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	struct stat st;
	bool open;

	(void)state;
	conf.role = NODE_PUBLISHER;
	assert_int_equal(regen("ITLRecovery", &open, &e), 0);
	assert_true(cert_unit_p12_current());
	assert_int_equal(stat(paths_in(path, "certs/ITLRecovery.p12"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	/* killed between the rename and the p12: made again at start */
	db->held = false;
	crash_at("ITLRecovery", REGEN_CRASH_AFTER_COMMIT);
	assert_int_equal(repair(NULL, &e), 0);
	assert_agree("ITLRecovery");
	assert_true(cert_unit_p12_current());
}

static void
tells_whether_all_agrees(void **state)
{
	const struct cert_regen_ops ops = regen_database_ops(db);
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_true(cert_regen_agrees(&ops));
	db->sha256[cert_units_n - 1][0] ^= 1;
	assert_false(cert_regen_agrees(&ops));
	db->sha256[cert_units_n - 1][0] ^= 1;
	db->down = true;
	assert_false(cert_regen_agrees(&ops));
	db->down = false;
	crash_at("TVS", REGEN_CRASH_BEFORE_COMMIT);
	assert_false(cert_regen_agrees(&ops));
	assert_int_equal(repair(NULL, &e), 0);
	assert_true(cert_regen_agrees(&ops));
	assert_int_equal(unlink(paths_in(path, "certs/TVS.pem")), 0);
	assert_false(cert_regen_agrees(&ops));
}

static void
subscribers_have_no_p12(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	bool open;

	(void)state;
	assert_int_equal(regen("ITLRecovery", &open, &e), 0);
	assert_int_equal(repair(NULL, &e), 0);
	assert_int_equal(access(paths_in(path, "certs/ITLRecovery.p12"), F_OK),
	    -1);
}

static void
says_when_the_p12_cannot_be_made(void **state)
{
	char path[PATH_SIZE];
	char away[PATH_SIZE];
	struct err e = ERR_INIT;
	bool open = false;

	(void)state;
	conf.role = NODE_PUBLISHER;
	paths_in(path, "certs/security_password");
	paths_in(away, "certs/away");
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(regen("ITLRecovery", &open, &e), -1);
	assert_true(open);
	assert_non_null(strstr(e.msg, "is regenerated"));
	assert_agree("ITLRecovery");
	assert_int_equal(rename(away, path), 0);
	assert_int_equal(repair(NULL, &e), 0);
	assert_true(cert_unit_p12_current());
}

/* --- a pair from outside ------------------------------------------------ */

/* One that no node has: of another publisher. */
static void
foreign_pair(struct certfile *pair)
{
	struct nodeconf other = conf;
	struct err e = ERR_INIT;

	(void)str_copy(other.name, sizeof(other.name), "otherpub");
	if (cert_unit_make(&other, CERT_UNIT_RECOVERY, pair, &e) == -1)
		fail_msg("%s", e.msg);
}

static int
adopt(const struct certfile *pair, bool *open, struct err *e)
{
	const struct cert_regen_ops ops = regen_database_ops(db);

	return cert_regen_adopt(&conf, &ops, pair, NULL, open, e);
}

static void
takes_a_pair_from_outside(void **state)
{
	char want[CERT_FINGERPRINT_SIZE];
	char now[CERT_FINGERPRINT_SIZE];
	struct certfile pair;
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	conf.role = NODE_PUBLISHER;
	db->held = true; /* no reason to wait */
	foreign_pair(&pair);
	cert_fingerprint(pair.cert, want);
	assert_int_equal(adopt(&pair, &open, &e), 0);
	assert_false(open);
	fingerprint_of(CERT_UNIT_RECOVERY, now);
	assert_string_equal(now, want);
	assert_agree(CERT_UNIT_RECOVERY);
	assert_true(cert_unit_p12_current());
	assert_int_equal(db->commits, 1);
	/* once more: it is there already */
	assert_int_equal(adopt(&pair, &open, &e), 0);
	assert_int_equal(db->commits, 1);
	certfile_release(&pair);
}

static void
taking_a_pair_holds_nothing(void **state)
{
	struct certfile pair;
	struct err e = ERR_INIT;
	bool open;

	(void)state;
	conf.role = NODE_PUBLISHER;
	foreign_pair(&pair);
	assert_int_equal(adopt(&pair, &open, &e), 0);
	assert_false(db->held);
	certfile_release(&pair);
}

static void
keeps_the_old_pair_without_a_commit(void **state)
{
	char old[CERT_FINGERPRINT_SIZE];
	char now[CERT_FINGERPRINT_SIZE];
	struct certfile pair;
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	conf.role = NODE_PUBLISHER;
	foreign_pair(&pair);
	fingerprint_of(CERT_UNIT_RECOVERY, old);
	db->down = true;
	assert_int_equal(adopt(&pair, &open, &e), -1);
	assert_false(open);
	db->down = false;
	db->lose_commit = true;
	assert_int_equal(adopt(&pair, &open, &e), -1);
	assert_false(open);
	fingerprint_of(CERT_UNIT_RECOVERY, now);
	assert_string_equal(old, now);
	assert_agree(CERT_UNIT_RECOVERY);
	certfile_release(&pair);
}

/* Killed while taking it: the old pair before the commit, the new one after. */
static void
kill_leaves_the_old_or_the_new_pair(void **state)
{
	static const enum regen_crash where[] = { REGEN_CRASH_BEFORE_COMMIT,
		REGEN_CRASH_AFTER_COMMIT };
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < 2; i++) {
		char old[CERT_FINGERPRINT_SIZE];
		char want[CERT_FINGERPRINT_SIZE];
		char now[CERT_FINGERPRINT_SIZE];
		struct certfile pair;
		bool open;
		int status;
		pid_t pid;

		assert_int_equal(set_up(state), 0);
		conf.role = NODE_PUBLISHER;
		assert_int_equal(repair(NULL, &e), 0);
		foreign_pair(&pair);
		cert_fingerprint(pair.cert, want);
		fingerprint_of(CERT_UNIT_RECOVERY, old);
		db->crash = where[i];
		pid = fork();
		assert_int_not_equal(pid, -1);
		if (pid == 0) {
			(void)adopt(&pair, &open, &e);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WEXITSTATUS(status), REGEN_EXIT_CRASH);
		db->crash = REGEN_CRASH_NEVER;
		assert_int_equal(repair(NULL, &e), 0);
		fingerprint_of(CERT_UNIT_RECOVERY, now);
		assert_string_equal(now, i == 0 ? old : want);
		assert_agree(CERT_UNIT_RECOVERY);
		assert_true(cert_unit_p12_current());
		certfile_release(&pair);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(regenerates_and_holds, set_up),
		cmocka_unit_test_setup(names_nodes_that_lag, set_up),
		cmocka_unit_test_setup(refuses_without_primary, set_up),
		cmocka_unit_test_setup(refuses_unknown_units, set_up),
		cmocka_unit_test_setup(undoes_a_lost_commit, set_up),
		cmocka_unit_test_setup(keeps_a_commit_whose_answer_got_lost,
		    set_up),
		cmocka_unit_test_setup(waits_for_a_commit_that_counts_later,
		    set_up),
		cmocka_unit_test_setup(leaves_the_undecided_to_the_repair,
		    set_up),
		cmocka_unit_test_setup(undoes_when_killed_before_the_commit,
		    set_up),
		cmocka_unit_test_setup(finishes_when_killed_after_the_commit,
		    set_up),
		cmocka_unit_test_setup(removes_half_a_new_file, set_up),
		cmocka_unit_test_setup(records_what_the_database_lacks, set_up),
		cmocka_unit_test_setup(makes_a_missing_recovery_certificate,
		    set_up),
		cmocka_unit_test_setup(makes_the_p12_of_a_new_recovery_key,
		    set_up),
		cmocka_unit_test_setup(tells_whether_all_agrees, set_up),
		cmocka_unit_test_setup(subscribers_have_no_p12, set_up),
		cmocka_unit_test_setup(says_when_the_p12_cannot_be_made,
		    set_up),
		cmocka_unit_test_setup(takes_a_pair_from_outside, set_up),
		cmocka_unit_test_setup(taking_a_pair_holds_nothing, set_up),
		cmocka_unit_test_setup(keeps_the_old_pair_without_a_commit,
		    set_up),
		cmocka_unit_test(kill_leaves_the_old_or_the_new_pair),
	};

	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
