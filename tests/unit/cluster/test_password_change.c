/*
 * cluster/password_change.c: all nodes or none, wherever it is interrupted.
 * The other nodes and the database are fakes in shared memory, so that a
 * child can be killed in the middle; the files of this node are real.
 */
#include "cluster/password_change.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pthread.h>

#include <cmocka.h>

#include "base/paths.h"
#include "base/str.h"
#include "cluster/cert_unit.h"
#include "cluster/security_password.h"
#include "tests/fakes/fake_pkcs12.h"
#include "tests/fakes/testing.h"

#define OLD "old word"
#define NEW "New-Word-1"
#define NODES 3
#define EXIT_CRASH 77

/* What is called, in the order in which a change calls it. */
enum step {
	STEP_NONE,
	STEP_BEGIN,
	STEP_STAGE, /* of the last node */
	STEP_BEFORE_COMMIT,
	STEP_AFTER_COMMIT,
	STEP_SETTLE /* of the last node */
};

/* Another node; node 0 is this one and has files instead. */
struct node {
	char present[64];
	char staged[64];
	char staged_id[SECURITY_CHANGE_ID_SIZE];
	bool gone; /* cannot be reached */
	bool full; /* cannot store anything */
	bool gone_after_stage;
	unsigned staged_times;
	int open_links;
};

struct world {
	pthread_mutex_t mutex;
	struct node node[NODES];
	struct security_change row;
	enum step crash; /* end the process there */
	bool db_down;
	bool lose_answer; /* of the commit, which happens */
	bool lose_commit;
	bool late_commit; /* lost, and done when the row is touched again */
	bool down_after_commit;
	bool refuse_cancel;
};

static struct world *w;
static char *dir;
static struct strlist notes = STRLIST_INIT;

static int
down(struct err *e)
{
	return err_set(e, ERR_UNREACHABLE, "the database does not answer");
}

static void
crash_at(enum step s)
{
	if (w->crash == s)
		_exit(EXIT_CRASH);
}

/* --- the fakes ---------------------------------------------------------- */

static int
fake_nodes(void *self, struct roster *r, struct err *e)
{
	static const char *const name[] = { "test10pub", "test10sub",
		"test10sub2" };
	size_t i;

	(void)self;
	(void)e;
	*r = (struct roster) { .node = mem_array(NODES, sizeof(*r->node)),
		.n = NODES };
	for (i = 0; i < NODES; i++) {
		(void)str_copy(r->node[i].name, sizeof(r->node[i].name),
		    name[i]);
		r->node[i].local = i == 0;
	}
	return 0;
}

static struct link *
fake_open(void *self, const struct roster_node *n, int64_t deadline_ticks,
    struct err *e)
{
	struct node *node = &w->node[str_equal(n->name, "test10sub") ? 1 : 2];

	(void)self;
	(void)deadline_ticks;
	assert_false(n->local);
	if (node->gone) {
		(void)err_set(e, ERR_UNREACHABLE, "no route to host");
		return NULL;
	}
	(void)pthread_mutex_lock(&w->mutex);
	node->open_links++;
	(void)pthread_mutex_unlock(&w->mutex);
	/* never looked into by what is tested */
	return (struct link *)(void *)node;
}

/* What password_change_settle() does, on another node. */
static int
node_settle(struct node *n, struct err *e)
{
	if (n->staged_id[0] == '\0')
		return 0;
	if (str_equal(w->row.pending, n->staged_id))
		return err_set(e, ERR_STATE, "under way");
	if (str_equal(w->row.current, n->staged_id))
		(void)str_copy(n->present, sizeof(n->present), n->staged);
	n->staged_id[0] = '\0';
	n->staged[0] = '\0';
	return 0;
}

static int
node_stage(struct node *n, const struct link_request *rq, struct err *e)
{
	assert_int_equal(rq->words.n, 4);
	assert_string_equal(rq->words.item[2], w->row.pending);
	assert_null(rq->secret);
	if (n->full)
		return err_set(e, ERR_NO_SPACE, "no space left on device");
	(void)str_copy(n->staged_id, sizeof(n->staged_id), rq->words.item[2]);
	(void)str_printf(n->staged, sizeof(n->staged), "%.*s",
	    (int)rq->payload_len, (const char *)rq->payload);
	n->staged_times++;
	n->gone = n->gone_after_stage;
	return 0;
}

static int
fake_call(void *self, struct link *l, const struct link_request *rq,
    const struct link_sink *sink, int64_t deadline_ticks, struct err *e)
{
	struct node *n = (struct node *)(void *)l;
	const char *verb = rq->words.item[1];
	int rc = 0;

	(void)self;
	(void)sink;
	(void)deadline_ticks;
	(void)pthread_mutex_lock(&w->mutex);
	if (n->gone)
		rc = err_set(e, ERR_UNREACHABLE, "the link is lost");
	else if (str_equal(verb, "stage"))
		rc = node_stage(n, rq, e);
	else if (str_equal(verb, "settle"))
		rc = node_settle(n, e);
	else
		assert_string_equal(rq->words.item[0], "node");
	if (n == &w->node[NODES - 1] && str_equal(verb, "stage"))
		crash_at(STEP_STAGE);
	if (n == &w->node[NODES - 1] && str_equal(verb, "settle"))
		crash_at(STEP_SETTLE);
	(void)pthread_mutex_unlock(&w->mutex);
	return rc;
}

static void
fake_close(void *self, struct link *l)
{
	struct node *n = (struct node *)(void *)l;

	(void)self;
	n->open_links--;
}

static int
fake_state(void *self, bool primary, struct security_change *out, struct err *e)
{
	(void)self;
	if (w->db_down)
		return down(e);
	/* the replica of this node lags: it knows of nothing */
	*out = primary ? w->row : (struct security_change) { .current = "" };
	return 0;
}

static int
fake_begin(void *self, const char *id, struct err *e)
{
	(void)self;
	if (w->db_down)
		return down(e);
	assert_true(security_change_valid(id));
	(void)str_copy(w->row.pending, sizeof(w->row.pending), id);
	crash_at(STEP_BEGIN);
	return 0;
}

static enum cert_recorded
fake_commit(void *self, const char *id, struct err *e)
{
	(void)self;
	crash_at(STEP_BEFORE_COMMIT);
	assert_string_equal(w->row.pending, id);
	if (w->db_down) {
		(void)down(e);
		return CERT_REFUSED;
	}
	if (!w->lose_commit && !w->late_commit) {
		(void)str_copy(w->row.current, sizeof(w->row.current), id);
		w->row.pending[0] = '\0';
	}
	crash_at(STEP_AFTER_COMMIT);
	w->db_down = w->down_after_commit;
	if (w->lose_answer || w->lose_commit || w->late_commit) {
		(void)err_set(e, ERR_TIMEOUT, "no answer");
		return CERT_UNDECIDED;
	}
	return CERT_RECORDED;
}

static int
fake_cancel(void *self, struct err *e)
{
	(void)self;
	if (w->db_down || w->refuse_cancel)
		return down(e);
	if (w->late_commit)
		(void)str_copy(w->row.current, sizeof(w->row.current),
		    w->row.pending);
	w->late_commit = false;
	w->row.pending[0] = '\0';
	return 0;
}

static const struct password_change_ops ops = { .nodes = fake_nodes,
	.links = { .open = fake_open, .call = fake_call, .close = fake_close },
	.state = fake_state,
	.begin = fake_begin,
	.commit = fake_commit,
	.cancel = fake_cancel };

/* --- before and after --------------------------------------------------- */

static int
set_up_group(void **state)
{
	(void)state;
	w = mmap(NULL, sizeof(*w), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return w == MAP_FAILED ? -1 : 0;
}

static void
set_world(void)
{
	struct secret s;
	struct err e = ERR_INIT;
	size_t i;

	memset(w, 0, sizeof(*w));
	(void)pthread_mutex_init(&w->mutex, NULL);
	for (i = 1; i < NODES; i++)
		(void)str_copy(w->node[i].present, sizeof(w->node[i].present),
		    OLD);
	secret_set(&s, OLD, strlen(OLD));
	if (security_password_write(&s, &e) == -1 ||
	    security_password_discard(&e) == -1 ||
	    cert_unit_write_p12(&e) == -1)
		fail_msg("%s", e.msg);
	secret_release(&s);
}

static int
set_up(void **state)
{
	char path[PATH_SIZE];
	struct nodeconf conf;
	struct certfile f;
	struct err e = ERR_INIT;

	(void)state;
	dir = testing_dir();
	paths_set_root(dir);
	nodeconf_defaults(&conf);
	(void)str_copy(conf.name, sizeof(conf.name), "test10pub");
	conf.key_bits = 1024;
	if (mkdir(paths_in(path, "certs"), 0755) == -1 ||
	    cert_unit_make(&conf, CERT_UNIT_RECOVERY, &f, &e) == -1 ||
	    certfile_write(paths_in(path, "certs/ITLRecovery.pem"), f.key,
		f.cert, &e) == -1)
		return -1;
	certfile_release(&f);
	set_world();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	strlist_release(&notes);
	notes = (struct strlist)STRLIST_INIT;
	testing_dir_remove(dir);
	return 0;
}

static int
note(void *self, const char *text)
{
	strlist_add(self, text);
	return 0;
}

static int
change(bool *open, struct err *e)
{
	const struct progress p = { .text = note, .self = &notes };
	struct secret s;
	size_t i;
	int rc;

	secret_set(&s, NEW, strlen(NEW));
	rc = password_change_run(&ops, &s, &p, open, e);
	secret_release(&s);
	for (i = 1; i < NODES; i++)
		assert_int_equal(w->node[i].open_links, 0);
	return rc;
}

/* The agents' upkeep, until nothing more happens: this node comes first. */
static void
upkeep(void)
{
	enum password_settled how;
	struct err e = ERR_INIT;
	size_t i;

	if (password_change_settle(&ops, true, &how, &e) == -1)
		fail_msg("%s", e.msg);
	if (!cert_unit_p12_current())
		assert_int_equal(cert_unit_write_p12(&e), 0);
	for (i = 1; i < NODES; i++)
		assert_int_equal(node_settle(&w->node[i], &e), 0);
}

static void
local_is(const char *want)
{
	char id[SECURITY_CHANGE_ID_SIZE];
	struct secret s;
	struct err e = ERR_INIT;

	if (security_password_read(&s, &e) == -1)
		fail_msg("%s", e.msg);
	assert_string_equal(s.text, want);
	secret_release(&s);
	assert_false(security_password_staged(id));
}

/* Every node has this one and nothing else in hand. */
static void
all_have(const char *want)
{
	size_t i;

	local_is(want);
	assert_true(cert_unit_p12_current());
	for (i = 1; i < NODES; i++) {
		assert_string_equal(w->node[i].present, want);
		assert_string_equal(w->node[i].staged_id, "");
	}
	assert_string_equal(w->row.pending, "");
}

/* --- tests -------------------------------------------------------------- */

static void
changes_on_all_nodes(void **state)
{
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	if (change(&open, &e) == -1)
		fail_msg("%s", e.msg);
	assert_false(open);
	all_have(NEW);
	assert_int_equal(notes.n, 0);
	assert_true(security_change_valid(w->row.current));
}

static void
each_change_has_a_number_of_its_own(void **state)
{
	char first[SECURITY_CHANGE_ID_SIZE];
	struct err e = ERR_INIT;
	bool open;

	(void)state;
	assert_int_equal(change(&open, &e), 0);
	(void)str_copy(first, sizeof(first), w->row.current);
	assert_int_equal(change(&open, &e), 0);
	assert_string_not_equal(first, w->row.current);
}

static void
unreachable_node_is_named_and_nothing_done(void **state)
{
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	w->node[2].gone = true;
	assert_int_equal(change(&open, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_string_equal(e.msg,
	    "test10sub2 cannot be reached: no route to host");
	assert_non_null(strstr(e.hint, "has not been changed on any node"));
	assert_false(open);
	assert_int_equal(w->node[1].staged_times, 0);
	all_have(OLD);
	w->node[1].gone = true;
	assert_int_equal(change(&open, &e), -1);
	assert_non_null(strstr(e.msg, "test10sub, test10sub2 cannot be"));
}

static void
node_that_cannot_store_it_stops_all(void **state)
{
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	w->node[1].full = true;
	assert_int_equal(change(&open, &e), -1);
	assert_int_equal(e.code, ERR_NO_SPACE);
	assert_non_null(strstr(e.msg, "test10sub did not take"));
	assert_false(open);
	assert_int_equal(w->node[2].staged_times, 1);
	all_have(OLD);
}

static void
without_the_database_nothing_is_done(void **state)
{
	struct err e = ERR_INIT;
	bool open = false;

	(void)state;
	w->db_down = true;
	assert_int_equal(change(&open, &e), -1);
	assert_int_equal(w->node[1].staged_times, 0);
	local_is(OLD);
	/* whether it had begun is not known: somebody must look */
	assert_true(open);
	w->db_down = false;
	upkeep();
	all_have(OLD);
}

static void
without_the_recovery_key_nothing_is_done(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	assert_int_equal(unlink(paths_in(path, "certs/ITLRecovery.pem")), 0);
	assert_int_equal(change(&open, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_false(open);
	assert_string_equal(w->row.pending, "");
	local_is(OLD);
}

/* Lost behind its stage: it follows by itself. */
static void
node_that_is_lost_later_follows(void **state)
{
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	w->node[2].gone_after_stage = true;
	assert_int_equal(change(&open, &e), 0);
	assert_false(open);
	local_is(NEW);
	assert_string_equal(w->node[1].present, NEW);
	assert_string_equal(w->node[2].present, OLD);
	assert_int_equal(notes.n, 1);
	assert_string_equal(notes.item[0],
	    "Node test10sub2 takes the new password over as soon as it can be "
	    "reached again.\n");
	upkeep();
	all_have(NEW);
}

static void
commit_whose_answer_got_lost_counts(void **state)
{
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	w->lose_answer = true;
	assert_int_equal(change(&open, &e), 0);
	assert_false(open);
	all_have(NEW);
}

static void
commit_that_got_lost_is_called_off(void **state)
{
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	w->lose_commit = true;
	assert_int_equal(change(&open, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_false(open);
	all_have(OLD);
}

/* The client gave up waiting, but not the server. */
static void
commit_that_is_late_counts(void **state)
{
	struct err e = ERR_INIT;
	bool open = true;

	(void)state;
	w->late_commit = true;
	assert_int_equal(change(&open, &e), 0);
	assert_false(open);
	all_have(NEW);
}

static void
undecided_change_is_settled_later(void **state)
{
	struct err e = ERR_INIT;
	bool open = false;
	int happened;

	(void)state;
	for (happened = 0; happened < 2; happened++) {
		set_world();
		w->lose_answer = happened == 1;
		w->lose_commit = happened == 0;
		w->down_after_commit = true;
		assert_int_equal(change(&open, &e), -1);
		assert_true(open);
		assert_non_null(strstr(e.msg, "is not known"));
		w->db_down = false;
		upkeep();
		all_have(happened == 1 ? NEW : OLD);
	}
}

static void
what_could_not_be_called_off_is_left_to_the_upkeep(void **state)
{
	struct err e = ERR_INIT;
	bool open = false;

	(void)state;
	w->node[1].full = true;
	w->refuse_cancel = true;
	assert_int_equal(change(&open, &e), -1);
	assert_true(open);
	w->refuse_cancel = false;
	upkeep();
	all_have(OLD);
}

/* Killed anywhere: afterwards all have the old one, or all the new one. */
static void
kill_leaves_all_or_none(void **state)
{
	static const struct {
		enum step where;
		const char *want;
	} kill[] = { { STEP_BEGIN, OLD }, { STEP_STAGE, OLD },
		{ STEP_BEFORE_COMMIT, OLD }, { STEP_AFTER_COMMIT, NEW },
		{ STEP_SETTLE, NEW } };
	struct err e = ERR_INIT;
	bool open;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kill) / sizeof(kill[0]); i++) {
		int status;
		pid_t pid;

		set_world();
		w->crash = kill[i].where;
		pid = fork();
		assert_int_not_equal(pid, -1);
		if (pid == 0) {
			(void)change(&open, &e);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), EXIT_CRASH);
		w->crash = STEP_NONE;
		(void)pthread_mutex_init(&w->mutex, NULL);
		upkeep();
		all_have(kill[i].want);
		/* and the next change goes well */
		w->node[1].open_links = w->node[2].open_links = 0;
		assert_int_equal(change(&open, &e), 0);
		all_have(NEW);
	}
}

/* --- a node with a new password in hand --------------------------------- */

#define ID "00112233445566778899aabbccddeeff"

static enum password_settled
settle(bool idle)
{
	enum password_settled how;
	struct err e = ERR_INIT;

	if (password_change_settle(&ops, idle, &how, &e) == -1)
		fail_msg("%s", e.msg);
	return how;
}

static int
stage(struct err *e)
{
	struct secret s;
	int rc;

	secret_set(&s, NEW, strlen(NEW));
	rc = password_change_stage(&ops, ID, &s, e);
	secret_release(&s);
	return rc;
}

static void
only_what_is_under_way_is_stored(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(stage(&e), -1);
	assert_int_equal(e.code, ERR_STATE);
	local_is(OLD);
	(void)str_copy(w->row.pending, sizeof(w->row.pending), ID);
	assert_int_equal(stage(&e), 0);
	w->db_down = true;
	assert_int_equal(stage(&e), -1);
}

static void
node_waits_takes_or_discards(void **state)
{
	enum password_settled how;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(settle(false), PASSWORD_SETTLED);
	(void)str_copy(w->row.pending, sizeof(w->row.pending), ID);
	assert_int_equal(stage(&e), 0);
	assert_int_equal(settle(false), PASSWORD_WAITING);
	w->db_down = true;
	assert_int_equal(password_change_settle(&ops, false, &how, &e), -1);
	w->db_down = false;
	(void)str_copy(w->row.current, sizeof(w->row.current), ID);
	w->row.pending[0] = '\0';
	assert_int_equal(settle(false), PASSWORD_TAKEN);
	local_is(NEW);
	assert_int_equal(settle(false), PASSWORD_SETTLED);
	/* a later one is called off */
	set_world();
	(void)str_copy(w->row.pending, sizeof(w->row.pending), ID);
	assert_int_equal(stage(&e), 0);
	w->row.pending[0] = '\0';
	assert_int_equal(settle(false), PASSWORD_DISCARDED);
	local_is(OLD);
}

static void
publisher_that_starts_calls_off(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	(void)str_copy(w->row.pending, sizeof(w->row.pending), ID);
	assert_int_equal(settle(true), PASSWORD_SETTLED);
	assert_string_equal(w->row.pending, "");
	(void)str_copy(w->row.pending, sizeof(w->row.pending), ID);
	assert_int_equal(stage(&e), 0);
	assert_int_equal(settle(true), PASSWORD_DISCARDED);
	assert_string_equal(w->row.pending, "");
	local_is(OLD);
}

/* Killed while the commit was under way, which then goes through. */
static void
publisher_that_starts_may_be_too_late_for_that(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	(void)str_copy(w->row.pending, sizeof(w->row.pending), ID);
	assert_int_equal(stage(&e), 0);
	w->late_commit = true;
	assert_int_equal(settle(true), PASSWORD_TAKEN);
	assert_string_equal(w->row.current, ID);
	local_is(NEW);
}

static void
half_a_file_is_removed(void **state)
{
	(void)state;
	testing_write(dir, "certs/security_password.new", "");
	assert_int_equal(settle(false), PASSWORD_DISCARDED);
	local_is(OLD);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(changes_on_all_nodes),
		TEST(each_change_has_a_number_of_its_own),
		TEST(unreachable_node_is_named_and_nothing_done),
		TEST(node_that_cannot_store_it_stops_all),
		TEST(without_the_database_nothing_is_done),
		TEST(without_the_recovery_key_nothing_is_done),
		TEST(node_that_is_lost_later_follows),
		TEST(commit_whose_answer_got_lost_counts),
		TEST(commit_that_got_lost_is_called_off),
		TEST(commit_that_is_late_counts),
		TEST(undecided_change_is_settled_later),
		TEST(what_could_not_be_called_off_is_left_to_the_upkeep),
		TEST(kill_leaves_all_or_none),
		TEST(only_what_is_under_way_is_stored),
		TEST(node_waits_takes_or_discards),
		TEST(publisher_that_starts_calls_off),
		TEST(publisher_that_starts_may_be_too_late_for_that),
		TEST(half_a_file_is_removed),
	};

	return cmocka_run_group_tests(tests, set_up_group, NULL);
}
