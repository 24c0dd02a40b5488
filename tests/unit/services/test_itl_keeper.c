#include "services/itl_keeper.h"

#include <sys/stat.h>

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"
#include "tests/fakes/itl_node.h"
#include "tests/fakes/testing.h"
#include "trust/trustlist.h"

#define CALLMANAGER "CN=test10pub.joemar2.lab;OU=tac;O=cisco;L=rtp;ST=nc;C=US"
#define RECOVERY                                \
	"CN=ITLRECOVERY_test10pub.joemar2.lab;" \
	"OU=tac;O=cisco;L=rtp;ST=nc;C=US"

struct fixture {
	struct itl_node *node;
	struct event_base *base;
	struct tftp_files *files;
	struct itl_keeper *keeper;
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	char path[PATH_SIZE];

	f->node = itl_node_new();
	f->base = event_base_new();
	f->files = tftp_files_new(paths_in(path, "tftp"), NULL);
	assert_non_null(f->base);
	assert_non_null(f->files);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	struct tftpd_status s;

	itl_keeper_free(f->keeper);
	assert_int_equal(tftpd_status_read(&s, NULL), -1);
	tftp_files_free(f->files);
	event_base_free(f->base);
	itl_node_free(f->node);
	free(f);
	return 0;
}

static void
start(struct fixture *f, unsigned patience_ms)
{
	const struct itl_keeper_config config = { .host = "test10pub",
		.source = f->node->source,
		.retry_ms = 10,
		.retry_slow_ms = 20,
		.patience_ms = patience_ms,
		.look_ms = 10 };
	struct err e = ERR_INIT;

	f->keeper = itl_keeper_new(f->base, &config, f->files, &e);
	assert_non_null(f->keeper);
}

/* What the file says, which must be what the keeper says. */
static struct tftpd_status
status(const struct fixture *f)
{
	struct tftpd_status s;
	struct err e = ERR_INIT;

	if (tftpd_status_read(&s, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(s.state, itl_keeper_status(f->keeper)->state);
	assert_string_equal(s.sha1, itl_keeper_status(f->keeper)->sha1);
	assert_int_equal(s.pid, getpid());
	return s;
}

static void
run_for(struct fixture *f, int ms)
{
	int64_t end = clock_ticks() + ms;

	do {
		(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
	} while (clock_ticks() < end);
}

static void
run_until(struct fixture *f, enum tftpd_state state)
{
	int64_t end = clock_ticks() + 10000;

	while (
	    itl_keeper_status(f->keeper)->state != state && clock_ticks() < end)
		run_for(f, 1);
	assert_int_equal(itl_keeper_status(f->keeper)->state, state);
}

/* Signer and checksum of the file on disk. */
static struct itl_facts
on_disk(const struct fixture *f)
{
	struct itl_facts facts;
	uint8_t *data;
	size_t len;

	data = itl_node_get(f->node, &len);
	assert_non_null(data);
	itl_facts_of(data, len, &facts);
	free(data);
	return facts;
}

static struct itl_facts
put_reset_file(struct fixture *f)
{
	uint8_t *data;
	size_t len;

	itl_node_reset_file(f->node, &data, &len);
	itl_node_put(f->node, data, len);
	free(data);
	return on_disk(f);
}

static size_t
count_alarms(const struct fixture *f)
{
	char *text = testing_read(f->node->dir, "log/syslog/CiscoSyslog");
	const char *p;
	size_t n = 0;

	for (p = text; p != NULL; p = strstr(p, "ITLFileBuildFailed")) {
		if (p != text)
			n++;
		p++;
	}
	free(text);
	return n;
}

static void
test_first_start(void **state)
{
	struct fixture *f = *state;
	struct itl_facts facts;
	struct tftpd_status s;
	char left[PATH_SIZE];

	/* what one that was killed has left */
	testing_write(paths_in(left, "tftp"), "ITLFile.tlv.tmp0123abcd", "x");
	testing_write(paths_in(left, "run"), "tftpd.status.tmp0123abcd", "x");
	start(f, 5000);
	assert_int_equal(access(paths_in(left, "tftp/ITLFile.tlv.tmp0123abcd"),
			     F_OK),
	    -1);
	assert_int_equal(access(paths_in(left, "run/tftpd.status.tmp0123abcd"),
			     F_OK),
	    -1);
	s = status(f);
	assert_int_equal(s.state, TFTPD_BUILDING);
	assert_string_equal(s.sha1, "");
	assert_true(itl_keeper_building(f->keeper));
	run_until(f, TFTPD_SERVING);
	assert_false(itl_keeper_building(f->keeper));
	s = status(f);
	facts = on_disk(f);
	assert_string_equal(s.sha1, facts.sha1);
	assert_string_equal(s.signer, CALLMANAGER);
	assert_string_equal(s.reason, "");
	assert_false(s.reset_in_force);
	assert_in_range(s.started, clock_boot() - 20, clock_boot());
	assert_int_equal(count_alarms(f), 0);
}

static void
test_reset_is_kept(void **state)
{
	struct fixture *f = *state;
	struct itl_facts facts = put_reset_file(f);
	struct tftpd_status s;
	struct itl_marker m;

	assert_int_equal(itl_marker_write(facts.sha1, NULL), 0);
	start(f, 5000);
	s = status(f);
	assert_int_equal(s.state, TFTPD_SERVING);
	assert_string_equal(s.sha1, facts.sha1);
	assert_string_equal(s.signer, RECOVERY);
	assert_true(s.reset_in_force);
	assert_int_equal(itl_marker_read(&m, NULL), -1);
	run_for(f, 50);
	assert_string_equal(on_disk(f).sha1, facts.sha1);
}

/* Without a marker the reset file is only served until the new one stands. */
static void
test_reset_ends(void **state)
{
	struct fixture *f = *state;
	struct itl_facts facts = put_reset_file(f);
	struct tftpd_status s;

	atomic_store(&f->node->delay_ms, 50);
	start(f, 5000);
	s = status(f);
	assert_int_equal(s.state, TFTPD_BUILDING);
	assert_string_equal(s.sha1, facts.sha1);
	assert_true(s.reset_in_force);
	run_until(f, TFTPD_SERVING);
	assert_string_equal(status(f).signer, CALLMANAGER);
	assert_false(status(f).reset_in_force);
	assert_string_equal(on_disk(f).signer, CALLMANAGER);
}

static void
test_database_starts_later(void **state)
{
	struct fixture *f = *state;

	itl_node_put(f->node, (const uint8_t *)"old", 3);
	atomic_store(&f->node->failures, 5);
	start(f, 60000);
	while (atomic_load(&f->node->reads) < 4) {
		assert_int_equal(status(f).state, TFTPD_BUILDING);
		run_for(f, 1);
	}
	run_until(f, TFTPD_SERVING);
	assert_int_equal(atomic_load(&f->node->reads), 6);
	assert_int_equal(count_alarms(f), 0);
}

static void
test_database_down(void **state)
{
	struct fixture *f = *state;
	struct tftpd_status s;
	uint8_t *data;
	size_t len;

	itl_node_put(f->node, (const uint8_t *)"old", 3);
	atomic_store(&f->node->failures, 1000000);
	start(f, 50);
	run_until(f, TFTPD_FAILED);
	s = status(f);
	assert_string_equal(s.reason, "the source fails");
	assert_string_equal(s.sha1, "c00dbbc9dadfbe1e232e93a729dd4752fade0abf");
	data = itl_node_get(f->node, &len);
	assert_int_equal(len, 3);
	free(data);
	run_for(f, 100);
	assert_int_equal(count_alarms(f), 1);
	/* Another failure is another alarm. */
	atomic_store(&f->node->code, ERR_TIMEOUT);
	run_for(f, 200);
	assert_int_equal(count_alarms(f), 2);
	atomic_store(&f->node->failures, 0);
	run_until(f, TFTPD_SERVING);
	assert_string_equal(status(f).reason, "");
	assert_string_equal(on_disk(f).signer, CALLMANAGER);
}

static void
test_key_missing(void **state)
{
	struct fixture *f = *state;
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	assert_int_equal(unlink(paths_in(path, "certs/CallManager.pem")), 0);
	start(f, 60000);
	run_until(f, TFTPD_FAILED);
	assert_non_null(strstr(status(f).reason, "CallManager.pem"));
	assert_int_equal(count_alarms(f), 1);
	/* Once it is back there is nothing else to do. */
	assert_int_equal(certfile_write(path, f->node->callmanager.key,
			     f->node->callmanager.cert, &e),
	    0);
	run_until(f, TFTPD_SERVING);
}

static void
test_cannot_install(void **state)
{
	struct fixture *f = *state;
	char path[PATH_SIZE];

	/* A directory in its place cannot be replaced, not even by root. */
	assert_int_equal(mkdir(paths_in(path, "tftp/ITLFile.tlv"), 0700), 0);
	start(f, 60000);
	run_until(f, TFTPD_FAILED);
	assert_non_null(strstr(status(f).reason, "ITLFile.tlv"));
	assert_int_equal(testing_count(paths_in(path, "tftp")), 1);
	assert_int_equal(rmdir(paths_in(path, "tftp/ITLFile.tlv")), 0);
	run_until(f, TFTPD_SERVING);
}

/* A reset that comes before the first build is over stands. */
static void
test_overtaken(void **state)
{
	struct fixture *f = *state;
	struct itl_facts facts;

	atomic_store(&f->node->failures, 3);
	atomic_store(&f->node->delay_ms, 20);
	start(f, 60000);
	atomic_store(&f->node->failures, 0);
	facts = put_reset_file(f);
	run_until(f, TFTPD_SERVING);
	run_for(f, 50);
	assert_string_equal(on_disk(f).sha1, facts.sha1);
	assert_string_equal(status(f).sha1, facts.sha1);
	assert_true(status(f).reset_in_force);
}

static void
test_replaced_while_serving(void **state)
{
	struct fixture *f = *state;
	struct itl_facts facts;
	char path[PATH_SIZE];

	start(f, 60000);
	run_until(f, TFTPD_SERVING);
	facts = put_reset_file(f);
	run_for(f, 100);
	assert_string_equal(status(f).sha1, facts.sha1);
	assert_string_equal(status(f).signer, RECOVERY);
	assert_true(status(f).reset_in_force);
	assert_int_equal(unlink(paths_in(path, "tftp/ITLFile.tlv")), 0);
	run_for(f, 100);
	assert_string_equal(status(f).sha1, "");
	assert_string_equal(status(f).signer, "");
	assert_false(status(f).reset_in_force);
}

/* A status that could not be written is written when it can be. */
static void
test_status_comes_later(void **state)
{
	struct fixture *f = *state;
	char path[PATH_SIZE], away[PATH_SIZE];

	paths_in(path, "run");
	paths_in(away, "elsewhere");
	assert_int_equal(rename(path, away), 0);
	start(f, 60000);
	run_until(f, TFTPD_SERVING);
	assert_int_equal(rename(away, path), 0);
	run_for(f, 100);
	assert_int_equal(status(f).state, TFTPD_SERVING);
}

/* It can be stopped in the middle of a build. */
static void
test_stopped_while_building(void **state)
{
	struct fixture *f = *state;

	atomic_store(&f->node->delay_ms, 100);
	start(f, 60000);
	itl_keeper_free(f->keeper);
	f->keeper = NULL;
	itl_node_wait(f->node, 1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_start),
		TEST(test_reset_is_kept),
		TEST(test_reset_ends),
		TEST(test_database_starts_later),
		TEST(test_database_down),
		TEST(test_key_missing),
		TEST(test_cannot_install),
		TEST(test_overtaken),
		TEST(test_replaced_while_serving),
		TEST(test_status_comes_later),
		TEST(test_stopped_while_building),
	};

	log_init("test_itl_keeper", LOG_LEVEL_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
