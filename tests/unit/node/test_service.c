/*
 * node/service.c: states, and the dialogue of start, stop and restart.
 */
#include "node/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/itl_state.h"
#include "base/paths.h"
#include "base/service_statistics.h"
#include "node/runit.h"
#include "tests/fakes/fake_parent.h"
#include "tests/fakes/testing.h"

static char *dir;
static struct fake_parent fake;
static struct wbuf text;

/* Cisco Tftp writes its status as soon as it runs. */
static void
started(void *self, enum parent_service s, pid_t pid)
{
	struct tftpd_status st = { .pid = pid, .state = TFTPD_SERVING };
	struct err e = ERR_INIT;

	(void)self;
	if (s == PARENT_TFTP && tftpd_status_write(&st, &e) == -1)
		abort();
}

static int
set_up(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	dir = testing_dir();
	paths_set_root(dir);
	if (mkdir(paths_in(path, "run"), 0755) == -1)
		return -1;
	fake_parent_start(&fake);
	fake.started = started;
	started(NULL, PARENT_TFTP, fake.service[PARENT_TFTP].pid);
	wbuf_init(&text, 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	wbuf_release(&text);
	fake_parent_stop(&fake);
	testing_dir_remove(dir);
	return 0;
}

static int
collect(void *self, const char *s)
{
	wbuf_bytes(self, s, strlen(s));
	return 0;
}

static const struct progress progress = { .text = collect, .self = &text };

static void
assert_text(const char *expected)
{
	wbuf_u8(&text, '\0');
	assert_string_equal((char *)text.data, expected);
	wbuf_release(&text);
	wbuf_init(&text, 0);
}

static const struct service *
tftp(void)
{
	return service_find("Cisco Tftp");
}

static void
knows_its_services(void **state)
{
	(void)state;
	assert_int_equal(service_find("Cisco Tftp")->id, PARENT_TFTP);
	assert_null(service_find("cisco tftp"));
	assert_int_equal(service_find("A Cisco DB")->id, PARENT_POSTGRESQL);
	assert_int_equal(service_find("Cisco Trust Verification Service")->id,
	    PARENT_TVS);
	assert_null(service_find("Cisco"));
	assert_null(service_find(""));
}

static void
activation_decides(void **state)
{
	(void)state;
	assert_string_equal(service_activation(service_find("Cisco Tftp")),
	    "Cisco Tftp");
	assert_string_equal(service_activation(
				service_find("Cisco CallManager")),
	    "Cisco CallManager");
	assert_string_equal(service_activation(service_find(
				"Cisco Trust Verification Service")),
	    "Cisco CallManager");
	assert_null(service_activation(service_find("A Cisco DB")));
}

/* TVS is ready when the process that runs writes its statistics. */
static void
tvs_is_ready_when_it_counts(void **state)
{
	const struct service *tvs =
	    service_find("Cisco Trust Verification Service");
	struct service_statistics st = { .pid = fake.service[PARENT_TVS].pid };
	struct service_now now;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(service_look(&fake.link, tvs, &now, &e), 0);
	assert_int_equal(now.state, SERVICE_STARTING);
	assert_int_equal(service_statistics_write("tvsd", &st, &e), 0);
	assert_int_equal(service_look(&fake.link, tvs, &now, &e), 0);
	assert_int_equal(now.state, SERVICE_STARTED);
	st.pid++;
	assert_int_equal(service_statistics_write("tvsd", &st, &e), 0);
	assert_int_equal(service_look(&fake.link, tvs, &now, &e), 0);
	assert_int_equal(now.state, SERVICE_STARTING);
	assert_int_equal(service_statistics_remove("tvsd", &e), 0);
}

static void
a_role_has_no_program(void **state)
{
	struct service_now now;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(service_look(&fake.link,
			     service_find("Cisco CallManager"), &now, &e),
	    0);
	assert_int_equal(now.state, SERVICE_STOPPED);
	assert_int_equal(now.pid, 0);
}

static void
derives_the_state(void **state)
{
	struct parent_status st = { .watched = 1,
		.state = RUNIT_RUN,
		.pid = 7,
		.want_up = 1 };

	(void)state;
	assert_int_equal(service_state_of(&st, true), SERVICE_STARTED);
	assert_int_equal(service_state_of(&st, false), SERVICE_STARTING);
	st.got_term = 1;
	assert_int_equal(service_state_of(&st, true), SERVICE_STOPPING);
	st.got_term = 0;
	/* auto-restart disabled: it runs, and is not wanted up */
	st.want_up = 0;
	st.once = 1;
	assert_int_equal(service_state_of(&st, true), SERVICE_STARTED);
	st.down = 1;
	assert_int_equal(service_state_of(&st, true), SERVICE_STOPPING);
	st.state = RUNIT_DOWN;
	assert_int_equal(service_state_of(&st, true), SERVICE_STOPPED);
	st.down = 0;
	st.want_up = 1;
	assert_int_equal(service_state_of(&st, true), SERVICE_STARTING);
	st.state = RUNIT_FINISH;
	assert_int_equal(service_state_of(&st, true), SERVICE_STARTING);
	st.watched = 0;
	assert_int_equal(service_state_of(&st, true), SERVICE_STOPPED);
}

static void
tftp_is_started_when_it_serves(void **state)
{
	struct tftpd_status st = { .pid = fake.service[PARENT_TFTP].pid,
		.state = TFTPD_BUILDING };
	struct service_now now;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(service_look(&fake.link, tftp(), &now, &e), 0);
	assert_int_equal(now.state, SERVICE_STARTED);
	assert_int_equal(tftpd_status_write(&st, &e), 0);
	assert_int_equal(service_look(&fake.link, tftp(), &now, &e), 0);
	assert_int_equal(now.state, SERVICE_STARTING);
	/* an older file is served: that is started, too */
	st.state = TFTPD_FAILED;
	assert_int_equal(tftpd_status_write(&st, &e), 0);
	assert_int_equal(service_look(&fake.link, tftp(), &now, &e), 0);
	assert_int_equal(now.state, SERVICE_STARTED);
	/* left behind by a killed process */
	st.pid = 1;
	assert_int_equal(tftpd_status_write(&st, &e), 0);
	assert_int_equal(service_look(&fake.link, tftp(), &now, &e), 0);
	assert_int_equal(now.state, SERVICE_STARTING);
}

static void
restarts_with_the_lines_of_12_5(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(service_restart(&fake.link, tftp(), &progress, &e), 0);
	assert_text("Cisco Tftp[STOPPING]  \n"
		    "Cisco Tftp[STOPPING]  \n"
		    "Cisco Tftp[STARTING]  \n"
		    "Cisco Tftp[STARTING]  \n"
		    "Cisco Tftp[STARTED]  \n"
		    "Cisco Tftp[STARTED]  \n");
	assert_int_equal(fake.service[PARENT_TFTP].restarts, 1);
}

static void
stops_and_starts(void **state)
{
	struct service_now now;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(service_stop(&fake.link, tftp(), &progress, &e), 0);
	assert_text("Cisco Tftp[STOPPING]  \n"
		    "Cisco Tftp[STOPPING]  \n"
		    "Cisco Tftp[STOPPED]  \n"
		    "Cisco Tftp[STOPPED]  \n");
	assert_int_equal(service_look(&fake.link, tftp(), &now, &e), 0);
	assert_int_equal(now.state, SERVICE_STOPPED);
	assert_true(now.down);
	/* a second time there is nothing to wait for */
	assert_int_equal(service_stop(&fake.link, tftp(), &progress, &e), 0);
	assert_text("Cisco Tftp[STOPPED]  \nCisco Tftp[STOPPED]  \n");
	assert_int_equal(service_start(&fake.link, tftp(), &progress, &e), 0);
	assert_text("Cisco Tftp[STARTING]  \n"
		    "Cisco Tftp[STARTING]  \n"
		    "Cisco Tftp[STARTED]  \n"
		    "Cisco Tftp[STARTED]  \n");
	assert_int_equal(service_start(&fake.link, tftp(), &progress, &e), 0);
	assert_text("Cisco Tftp[STARTED]  \nCisco Tftp[STARTED]  \n");
}

static void
kills_what_does_not_stop(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	fake.service[PARENT_TFTP].stubborn = true;
	assert_int_equal(service_stop(&fake.link, tftp(), NULL, &e), 0);
	assert_int_equal(fake.service[PARENT_TFTP].kills, 1);
}

static void
says_when_it_does_not_come_up(void **state)
{
	int64_t deadline = clock_ticks() + 200;
	struct err e = ERR_INIT;
	pid_t pid;

	(void)state;
	fake.service[PARENT_TFTP].broken = true;
	assert_int_equal(service_renew(&fake.link, tftp(), deadline, &pid, &e),
	    -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
}

static void
renews_the_process(void **state)
{
	int64_t deadline = clock_ticks() + 5000;
	struct err e = ERR_INIT;
	pid_t old = fake.service[PARENT_TFTP].pid;
	pid_t pid = 0;

	(void)state;
	assert_int_equal(service_renew(&fake.link, tftp(), deadline, &pid, &e),
	    0);
	assert_int_not_equal(pid, 0);
	assert_int_not_equal(pid, old);
}

static void
renews_even_what_does_not_stop(void **state)
{
	int64_t deadline = clock_ticks() + 15000;
	struct err e = ERR_INIT;
	pid_t pid = 0;

	(void)state;
	fake.service[PARENT_TFTP].stubborn = true;
	assert_int_equal(service_renew(&fake.link, tftp(), deadline, &pid, &e),
	    0);
	assert_int_equal(fake.service[PARENT_TFTP].kills, 1);
}

static void
passes_the_parents_error_on(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	fake.failure = ERR_UNREACHABLE;
	assert_int_equal(service_restart(&fake.link, tftp(), NULL, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_string_equal(e.msg, "Cisco Tftp: told to fail");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_its_services),
		cmocka_unit_test(derives_the_state),
		cmocka_unit_test(activation_decides),
		TEST(tvs_is_ready_when_it_counts),
		TEST(a_role_has_no_program),
		TEST(tftp_is_started_when_it_serves),
		TEST(restarts_with_the_lines_of_12_5),
		TEST(stops_and_starts),
		TEST(kills_what_does_not_stop),
		TEST(says_when_it_does_not_come_up),
		TEST(renews_the_process),
		TEST(renews_even_what_does_not_stop),
		TEST(passes_the_parents_error_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
